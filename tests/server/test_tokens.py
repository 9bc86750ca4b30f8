"""`salable token` beside a running service: who is let in, until when, and that the secret is kept nowhere."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import asyncpg
import httpx
import pytest

from tests.server.process import PATIENCE_SECONDS, Service, run, serving

FIRST_TOKEN = "the-token-of-the-settings"  # noqa: S105  # no secret: it opens a database that lives for one test
TERMS = '{ product(sku: "TENT") { salableQty salableQtyTerms { quantity } } }'
CHANGE = """mutation { setScopeRules(input: { changes: [{ scope: { type: GLOBAL }, settings: { minSaleQty: %d } }] }) {
    changeSet { actor } } }"""


@pytest.fixture
def command(tmp_path: Path, database_url: str) -> "Command":
    """`salable token` on the database of this test."""
    return Command(tmp_path, database_url)


@pytest.fixture
def service(command: "Command") -> Iterator[Service]:
    """A service that logs all it can, with the demo catalogue on the same database."""
    assert run("demo", cwd=command.folder, database_url=command.database_url).returncode == 0
    settings = {"admin_token": FIRST_TOKEN, "log_level": "debug", "database_url": command.database_url}
    with serving(cwd=command.folder, **settings) as service:
        yield service


class Command:
    """`salable token` on one database."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.database_url = database_url

    def __call__(self, *arguments: str) -> "CompletedProcess[str]":
        """Run it to its end."""
        return run("token", *arguments, cwd=self.folder, database_url=self.database_url)

    def create(self, name: str, role: str = "admin") -> str:
        """A new token, which is the first line that is printed."""
        made = self("create", "--name", name, "--role", role)
        assert made.returncode == 0, made.stderr
        (secret,) = made.stdout.splitlines()
        assert secret not in made.stderr
        return secret

    def list(self) -> list[list[str]]:
        """The rows of the list."""
        listed = self("list")
        assert listed.returncode == 0, listed.stderr
        return [line.split("\t") for line in listed.stdout.splitlines()]

    def stored(self) -> str:
        """All that the database keeps: the bytes of its files, or the rows of its tables."""
        if self.database_url.startswith("sqlite"):
            path = Path(self.database_url.removeprefix("sqlite:///"))
            return "".join(each.read_bytes().decode("latin-1") for each in path.parent.glob(f"{path.name}*"))
        return asyncio.run(_rows_of_all_tables(self.database_url))


async def _rows_of_all_tables(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found = [await connection.fetch(f'SELECT t::text AS row FROM "{table["tablename"]}" t') for table in tables]
    finally:
        await connection.close()
    return "\n".join(row["row"] for rows in found for row in rows)


def ask(service: Service, query: str, secret: str | None) -> dict[str, Any]:
    """The whole answer to the holder of a token."""
    headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
    answer: dict[str, Any] = httpx.post(
        f"{service.url}/graphql", json={"query": query}, headers=headers, timeout=PATIENCE_SECONDS
    ).json()
    return answer


def refusal(service: Service, secret: str | None) -> str | None:
    """The code with which the admin's fields are refused; None where they are open."""
    answer = ask(service, TERMS, secret)
    assert answer["data"]["product"]["salableQty"] == 75
    is_open = answer["data"]["product"]["salableQtyTerms"] is not None
    codes = [each["extensions"]["code"] for each in answer.get("errors", [])]
    assert len(codes) == (0 if is_open else 1)
    return None if is_open else str(codes[0])


def test_the_role_admin_opens_what_the_role_orders_does_not(command: Command, service: Service) -> None:
    kim, shop = command.create("kim"), command.create("shop", "orders")
    assert kim != shop
    assert [refusal(service, each) for each in (FIRST_TOKEN, kim)] == [None, None]
    assert refusal(service, shop) == refusal(service, None) == "FORBIDDEN"
    for wrong in (kim[:-1], f"{kim}x", kim.swapcase(), "kim", "salable_"):
        assert refusal(service, wrong) == "UNAUTHENTICATED"
    answer = ask(service, CHANGE % 2, shop)
    assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]


def test_the_name_of_the_token_stands_in_the_history(command: Command, service: Service) -> None:
    holders = {"Kim (purchasing)": command.create("Kim (purchasing)"), "admin": FIRST_TOKEN}
    for number, (name, secret) in enumerate(holders.items(), start=2):
        assert ask(service, CHANGE % number, secret)["data"]["setScopeRules"] == {"changeSet": {"actor": name}}
    history = ask(service, "{ changeSets(first: 2) { nodes { actor } } }", FIRST_TOKEN)["data"]["changeSets"]
    assert [each["actor"] for each in history["nodes"]] == ["admin", "Kim (purchasing)"]


def test_a_revoked_token_is_not_valid_from_that_moment_on(command: Command, service: Service) -> None:
    kim, alex = command.create("kim"), command.create("alex")
    assert ask(service, CHANGE % 2, kim)["data"]["setScopeRules"]["changeSet"]
    assert command("revoke", "kim").returncode == 0
    assert refusal(service, kim) == "UNAUTHENTICATED"
    assert ask(service, CHANGE % 3, kim)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert refusal(service, alex) is None
    history = ask(service, "{ changeSets(first: 1) { nodes { actor } } }", alex)["data"]["changeSets"]
    assert history["nodes"] == [{"actor": "kim"}]  # what was done stays done


def test_only_a_valid_token_can_be_revoked(command: Command) -> None:
    command.create("kim")
    assert command("revoke", "kim").returncode == 0
    for name in ("kim", "Kim", "admin"):
        again = command("revoke", name)
        assert (again.returncode, "no valid token" in again.stderr) == (1, True)
        assert "Traceback" not in again.stderr


def test_whoever_revokes_what_there_is_not_is_told_what_there_is(command: Command) -> None:
    command.create("kim")
    for name in ("kim ", "Kim", "kim\u200b"):
        assert '; there is "kim".' in command("revoke", name).stderr


def test_a_name_is_never_given_again(command: Command) -> None:
    command.create("kim")
    for revoked in (False, True):
        again = command("create", "--name", "kim", "--role", "orders")
        assert (again.returncode, again.stdout) == (1, "")
        assert "kim" in again.stderr
        assert [(row[0], row[1], row[3] == "valid") for row in command.list()] == [("kim", "admin", not revoked)]
        if not revoked:
            assert command("revoke", "kim").returncode == 0
    command.create("Kim")


def test_a_name_that_is_reserved_or_no_name_is_refused(command: Command) -> None:
    for name in ("admin", "", "x" * 65, "a\tb", "\udcff"):
        made = command("create", "--name", name, "--role", "admin")
        assert (made.returncode, made.stdout) == (1, "")
        assert made.stderr.startswith("Error: ")
        assert "Traceback" not in made.stderr
    assert command.list() == []


def test_a_role_that_there_is_not_is_refused(command: Command) -> None:
    for arguments in (("--name", "kim"), ("--role", "admin"), ("--name", "kim", "--role", "shopper")):
        made = command("create", *arguments)
        assert (made.returncode, made.stdout) == (2, "")
    assert command.list() == []


def test_the_list_shows_names_roles_and_times_and_no_secret(command: Command) -> None:
    secrets = [command.create(name, role) for name, role in (("shop", "orders"), ("kim", "admin"), ("Alex", "admin"))]
    command("revoke", "kim")
    rows = command.list()
    assert [row[:2] for row in rows] == [["Alex", "admin"], ["kim", "admin"], ["shop", "orders"]]
    time = r"\d{4}-\d\d-\d\d \d\d:\d\d"
    assert all(re.fullmatch(f"made {time}", row[2]) for row in rows)
    assert [row[3] == "valid" for row in rows] == [True, False, True]
    assert re.fullmatch(f"revoked {time}", rows[1][3])
    shown = command("list")
    for secret in secrets:
        assert secret.removeprefix("salable_") not in shown.stdout + shown.stderr


def test_the_secret_is_neither_in_the_database_nor_in_the_log(command: Command, service: Service) -> None:
    secret = command.create("kim")
    assert refusal(service, secret) is None
    ask(service, "{ no such", secret)
    ask(service, CHANGE % 2, secret)
    command("revoke", "kim")
    assert refusal(service, secret) == "UNAUTHENTICATED"
    service.stop()
    stored, random_part = command.stored(), secret.removeprefix("salable_")
    assert "kim" in stored
    assert len(random_part) >= 43
    for text in (stored, service.output()):
        assert random_part not in text
        assert FIRST_TOKEN not in text
