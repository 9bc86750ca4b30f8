"""The command line, as people meet it."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from click import Context

from schema.build import sdl
from server.cli import COMMANDS, main
from tests.server.process import PATIENCE_SECONDS, ROOT, run, serving

TENT = '{ product(sku: "TENT") { salableQty salableQtyTerms { quantity } } }'


def _ask(url: str, token: str | None = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.post(f"{url}/graphql", json={"query": TENT}, headers=headers, timeout=PATIENCE_SECONDS)


def test_the_demo_answers_75_and_its_printed_token_opens_the_terms(tmp_path: Path) -> None:
    with serving("--demo", cwd=tmp_path) as service:
        token = re.search(r"admin's token: (\S+)", service.output())
        assert token
        assert f"{service.url}/graphql" in service.output()
        shopper, admin = _ask(service.url).json(), _ask(service.url, token[1]).json()
        assert shopper["data"]["product"]["salableQty"] == 75
        assert shopper["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert [term["quantity"] for term in admin["data"]["product"]["salableQtyTerms"]] == [25, 0, 50]
        assert service.stop(signal.SIGINT) in (0, 130, -signal.SIGINT)
        assert "Traceback" not in service.output()
    assert list(tmp_path.glob("*.db")) == []


def test_the_demo_is_not_shown_to_the_network(tmp_path: Path) -> None:
    result = run("serve", "--demo", "--host", "0.0.0.0", cwd=tmp_path)  # noqa: S104  # that is what is refused
    assert result.returncode == 2
    assert "loopback" in result.stderr


def test_workers_share_one_database_and_end_cleanly(tmp_path: Path, database_url: str) -> None:
    settings = {"database_url": database_url, "admin_token": "a long enough token"}
    assert run("demo", cwd=tmp_path, **settings).returncode == 0
    with serving("--workers", "2", cwd=tmp_path, **settings) as service:
        answers = [_ask(service.url, "a long enough token").json() for _ in range(20)]
        assert {answer["data"]["product"]["salableQty"] for answer in answers} == {75}
        assert service.stop() in (0, -signal.SIGTERM)
        assert "Traceback" not in service.output()


def test_sqlite_is_migrated_at_start_and_postgresql_says_what_to_run(
    tmp_path: Path, empty_database_url: str, is_postgresql: bool
) -> None:
    if is_postgresql:
        result = run("serve", cwd=tmp_path, database_url=empty_database_url)
        assert result.returncode == 1
        assert "salable migrate" in result.stderr
        assert "Traceback" not in result.stderr
        assert run("migrate", cwd=tmp_path, database_url=empty_database_url).returncode == 0
    with serving(cwd=tmp_path, database_url=empty_database_url) as service:
        assert _ask(service.url).json() == {"data": {"product": None}}


def test_migrate_and_demo_are_safe_to_repeat(tmp_path: Path, empty_database_url: str) -> None:
    for _ in range(2):
        for command in ("migrate", "demo"):
            result = run(command, cwd=tmp_path, database_url=empty_database_url)
            assert result.returncode == 0, result.stderr


def test_without_a_token_nobody_is_the_admin(tmp_path: Path, database_url: str) -> None:
    with serving(cwd=tmp_path, database_url=database_url) as service:
        assert "nobody is the admin" in service.output()
        answer = httpx.post(
            f"{service.url}/graphql",
            json={"query": "{ stocks { totalCount } }"},
            headers={"Authorization": "Bearer x"},
            timeout=PATIENCE_SECONDS,
        ).json()
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_a_short_token_is_warned_about_and_never_logged(tmp_path: Path, database_url: str) -> None:
    with serving(cwd=tmp_path, database_url=database_url, admin_token="x7!kq", log_level="debug") as service:  # noqa: S106
        assert "data" in _ask(service.url, "x7!kq").json()
        assert "SALABLE_ADMIN_TOKEN is shorter than 16" in service.output()
        assert "x7!kq" not in service.output()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("port", "eighty", "SALABLE_PORT"),
        ("database_url", "mysql://me:secret@host/db", "SALABLE_DATABASE_URL"),
        ("database_url", "sqlite://salable.db", "sqlite:///relative.db"),
        ("database_url", "postgresql://me:secret@host", "SALABLE_DATABASE_URL"),
        ("log_level", "loud", "SALABLE_LOG_LEVEL"),
        ("workers", "0", "SALABLE_WORKERS"),
    ],
)
def test_a_bad_setting_is_named_and_not_shown(tmp_path: Path, name: str, value: str, said: str) -> None:
    result = run("serve", cwd=tmp_path, **{name: value})
    assert result.returncode == 1
    assert said in result.stderr
    assert "secret" not in result.stderr
    assert "Traceback" not in result.stderr


def test_a_database_that_does_not_answer_is_said_in_a_sentence(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/no/such/folder/salable.db", "postgresql://me:secret@127.0.0.1:1/db"):
        result = run("serve", cwd=tmp_path, database_url=url)
        assert result.returncode == 1
        assert "The database cannot be used" in result.stderr
        assert "Traceback" not in result.stderr
        assert "secret" not in result.stderr


def test_a_misspelt_setting_is_warned_about(tmp_path: Path, database_url: str) -> None:
    with serving(cwd=tmp_path, database_url=database_url, admin_tokn="x") as service:
        assert "SALABLE_ADMIN_TOKN is no setting" in service.output()


def test_the_schema_is_printed(tmp_path: Path) -> None:
    assert run("schema", cwd=tmp_path).stdout == sdl()


@pytest.mark.parametrize("command", [(), ("serve",), ("migrate",), ("demo",), ("schema",)])
def test_every_command_explains_itself(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = run(*command, "--help", cwd=tmp_path)
    assert result.returncode == 0
    assert "Usage: salable" in result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_of_each_what_it_says_itself(name: str) -> None:
    module, help_ = COMMANDS[name]
    command = main.get_command(Context(main), name)
    assert command is not None, module
    assert (command.help or "").partition("\n\n")[0].replace("\n", " ").startswith(help_)


def test_help_is_printed_without_the_modules_of_any_command() -> None:
    program = (
        "import sys; from click.testing import CliRunner; from server.cli import main;"
        " print(CliRunner().invoke(main, ['--help']).output);"
        " print(sorted({'tortoise', 'graphql', 'httpx', 'pydantic', 'uvicorn'} & sys.modules.keys()))"
    )
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "  token    Make, list and revoke tokens.\n" in said
    assert said.splitlines()[-1] == "[]"
