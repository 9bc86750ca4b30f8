"""The endpoint over HTTP: media types, status codes, ids of requests, health."""

import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest

from resolvers import goods
from server.app import create_app
from server.body import MOST_BYTES, MOST_BYTES_WITH_ROLE
from server.settings import Settings
from tests.client import AS_ADMIN, Api

JSON = {"Content-Type": "application/json"}
RESPONSE_JSON = "application/graphql-response+json"


async def test_a_refused_document_is_400_for_those_who_prefer_the_newer_media_type(api: Api) -> None:
    for accept, status in ((RESPONSE_JSON, 400), ("application/json", 200), ("*/*", 200)):
        response = await api.http.post("/graphql", json={"query": "{ nothing }"}, headers={"Accept": accept})
        assert response.status_code == status
        assert response.headers["content-type"].startswith(RESPONSE_JSON if status == 400 else "application/json")
        assert response.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        assert "data" not in response.json()


async def test_queries_may_be_asked_with_get_and_mutations_may_not(api: Api) -> None:
    asked = await api.http.get("/graphql", params={"query": "{ __typename }"})
    assert asked.json() == {"data": {"__typename": "Query"}}
    changed = await api.http.get("/graphql", params={"query": "mutation { upsertProducts(products: []) { count } }"})
    assert changed.status_code == 400
    put = await api.http.put("/graphql", json={"query": "{ __typename }"})
    assert (put.status_code, put.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    "body", ["", "{", "5", '"query"', "null", "[]", '{"query": 5}', '{"query": null}', "[" * 100_000]
)
async def test_what_is_no_request_is_400_with_a_code(api: Api, body: str) -> None:
    response = await api.http.post("/graphql", content=body, headers=JSON)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(("headers", "most"), [({}, MOST_BYTES), (AS_ADMIN, MOST_BYTES_WITH_ROLE)])
@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_body_above_the_limit_of_the_role_is_413_in_graphqls_words(
    api: Api, headers: dict[str, str], most: int, is_chunked: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def chunks(body: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    empty = json.dumps({"query": "{ __typename }", "extensions": {"pad": ""}})
    response = httpx.Response(0)
    for size, status in ((most, 200), (most + 1, 413)):
        body = empty.replace('"pad": "', '"pad": "' + "x" * (size - len(empty))).encode()
        assert len(body) == size
        response = await api.http.post(
            "/graphql", content=chunks(body) if is_chunked else body, headers={**JSON, **headers}
        )
        assert response.status_code == status, response.text
    assert response.json()["errors"][0]["extensions"] == {"code": "TOO_MANY"}
    assert f"{most:,}" in response.json()["errors"][0]["message"]
    assert caplog.records == []


async def test_a_length_above_the_limit_is_refused_before_anything_is_read(api: Api) -> None:
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b"{"

    headers = {**JSON, "Content-Length": str(MOST_BYTES + 1)}
    response = await api.http.post("/graphql", content=chunks(), headers=headers)
    assert (response.status_code, read) == (413, 0)


@pytest.mark.parametrize("path", ["/graphql/", "/healthz/", "/readyz/", "/assets", "/admin/", "/graphiql/", "/"])
async def test_no_path_is_redirected_by_the_host_that_a_caller_names(api: Api, path: str) -> None:
    for method in ("GET", "POST"):
        answer = await api.http.request(method, path, headers={"Host": "evil.example"})
        assert answer.status_code in {200, 404, 405, 503}, path
        assert "location" not in answer.headers
        assert "evil.example" not in answer.text


async def test_a_lawful_request_id_comes_back_and_another_is_replaced(api: Api) -> None:
    asked = await api.http.get("/healthz", headers={"X-Request-Id": "shop-17"})
    assert asked.headers["x-request-id"] == "shop-17"
    made = await api.http.get("/healthz", headers={"X-Request-Id": "a b\x7f" * 30})
    assert len(made.headers["x-request-id"]) == 32


async def test_an_unexpected_error_is_masked_and_logged_with_the_id_of_the_request(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(goods, "GOODS", "SELECT 1 FROM no_such_table WHERE '{items}{products}' = $1 AND '' = $2")
    with caplog.at_level(logging.ERROR, "salable.errors"):
        response = await api.http.post(
            "/graphql", json={"query": '{ product(sku: "A") { sku } }'}, headers={"X-Request-Id": "shop-18"}
        )
    assert response.status_code == 200
    assert response.json()["errors"][0]["extensions"] == {"code": "INTERNAL_ERROR", "requestId": "shop-18"}
    assert "no_such_table" not in response.text
    assert "shop-18" in caplog.text
    assert "no_such_table" in caplog.text


async def test_a_service_behind_its_tables_lives_but_is_not_ready(empty_database_url: str) -> None:
    app = create_app(Settings.model_validate({"database_url": empty_database_url}))
    async with app.router.lifespan_context(app), Api.of(app) as client:
        assert (await client.http.get("/healthz")).status_code == 200
        ready = await client.http.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["status"] == "migrations: the tables are behind: run `salable migrate`"
        assert ready.json()["migrations"]["ok"] is False


async def test_pages_of_other_origins_may_ask_only_where_a_setting_says_so(database_url: str) -> None:
    settings = {"database_url": database_url, "cors_origins": "https://shop.example, https://m.shop.example"}
    app = create_app(Settings.model_validate(settings))
    async with app.router.lifespan_context(app), Api.of(app) as client:
        for origin, allowed in (("https://shop.example", "https://shop.example"), ("https://evil.example", None)):
            answer = await client.http.get("/graphql", params={"query": "{ __typename }"}, headers={"Origin": origin})
            assert answer.headers.get("access-control-allow-origin") == allowed


async def test_the_root_says_what_stands_where(api: Api) -> None:
    answer = await api.http.get("/")
    assert isinstance(answer, httpx.Response)
    assert "/graphql" in answer.text
