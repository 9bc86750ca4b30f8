"""Asking the API over HTTP, with exact numbers in and out."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import orjson
from starlette.types import ASGIApp

ADMIN_TOKEN = "a-token-for-the-tests-only"  # noqa: S105  # no secret: it opens databases that live for one test
AS_ADMIN = {"Authorization": f"Bearer {ADMIN_TOKEN}"}


@dataclass(frozen=True, slots=True)
class Api:
    """The API over HTTP."""

    http: httpx.AsyncClient

    @classmethod
    @asynccontextmanager
    async def of(cls, app: ASGIApp) -> AsyncIterator["Api"]:
        """The API of an application in this process; what it raises is answered, not raised here."""
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield cls(http)

    async def ask(self, query: str, variables: dict[str, Any] | None = None, *, admin: bool = True) -> dict[str, Any]:
        """The whole answer of a request, as admin or as a shopper; numbers are int and Decimal."""
        body = orjson.dumps({"query": query, "variables": variables}, default=_exact)
        headers = {"Content-Type": "application/json", **(AS_ADMIN if admin else {})}
        response = await self.http.post("/graphql", content=body, headers=headers)
        answer: dict[str, Any] = json.loads(response.content, parse_float=Decimal)
        return answer

    async def data(self, query: str, variables: dict[str, Any] | None = None, *, admin: bool = True) -> dict[str, Any]:
        """The data of a request that must go well."""
        answer = await self.ask(query, variables, admin=admin)
        assert "errors" not in answer, answer["errors"]
        found: dict[str, Any] = answer["data"]
        return found

    async def code(self, query: str, variables: dict[str, Any] | None = None, *, admin: bool = True) -> str:
        """The code of the one error of a request that must be refused."""
        answer = await self.ask(query, variables, admin=admin)
        codes = {error["extensions"]["code"] for error in answer["errors"]}
        assert len(codes) == 1, answer["errors"]
        return str(codes.pop())

    async def change(self, call: str, argument: str, type_: str, value: Any) -> dict[str, Any]:
        """The payload of one mutation as admin: warnings and userErrors are selected."""
        errors = "warnings { code message field } userErrors { code message field }"
        query = f"mutation ($value: {type_}) {{ {call}({argument}: $value) {{ {errors} }} }}"
        payload: dict[str, Any] = (await self.data(query, {"value": value}))[call]
        return payload


def _exact(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}")
    raise TypeError(type(value))
