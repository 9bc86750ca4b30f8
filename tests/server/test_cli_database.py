"""Which database a command works on: the one that is named, the one of this folder, or that of the demo that runs here."""

import signal
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from server.cli import main
from server.settings import settings
from tests.server.process import PATIENCE_SECONDS, Service, run, serving

COMMANDS = [
    ("token", "list"),
    ("token", "create", "--name", "ann", "--role", "admin"),
    ("token", "revoke", "ann"),
    ("rules", "export"),
    ("rules", "import", "rules.yaml", "--yes"),
    ("preview", "rules.yaml"),
    ("import", "source-items", "items.csv"),
    ("import", "magento", "goods.csv"),
    ("export", "salable-quantities"),
    ("ledger", "check"),
    ("ledger", "repair", "--yes"),
    ("ledger", "compact"),
    ("keys", "check"),
    ("backup", "copy.db"),
    ("deliver", "--once"),
]
FILES = {
    "rules.yaml": "rules:\n  - {scope: global, set: {min_sale_qty: 2}}\n",
    "items.csv": "sku,source_code,status,quantity\n",
    "goods.csv": "sku,name\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files to import, and no database."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith("serve.log")}


def test_a_command_says_that_there_is_no_database_and_makes_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "dangling.db").symlink_to(folder / "nowhere.db")
    before = _names(folder)
    monkeypatch.chdir(folder)
    for url, file in (("", "salable.db"), ("sqlite:///dangling.db", "dangling.db")):
        if url:
            monkeypatch.setenv("SALABLE_DATABASE_URL", url)
        for command in COMMANDS:
            settings.cache_clear()
            result = CliRunner().invoke(main, command)
            assert (command, result.exit_code) == (command, 2)
            assert f"There is no database {folder / file}" in result.stderr
            assert _names(folder) == before
    settings.cache_clear()


@pytest.mark.parametrize("command", [("migrate",), ("demo",)], ids=" ".join)
def test_what_begins_a_database_makes_its_file(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert run(*command, cwd=tmp_path).returncode == 0
    assert (tmp_path / "salable.db").is_file()
    assert run("token", "list", cwd=tmp_path).returncode == 0


def test_commands_beside_a_running_demo_work_on_its_database(folder: Path) -> None:
    before = _names(folder)
    with serving("--demo", cwd=folder) as service:
        made = run("token", "create", "--name", "ann", "--role", "admin", cwd=folder)
        assert made.returncode == 0, made.stderr
        assert "Using the database of the demo that runs here" in made.stderr
        assert _role(service, made.stdout.strip()) == "ADMIN"
        assert "ann" in run("token", "list", cwd=folder).stdout
        assert run("demo", cwd=folder).stdout == "loaded 32 products\n"
        copied = run("backup", "copy.db", cwd=folder)
        assert copied.returncode == 0, copied.stderr
        (folder / "copy.db").unlink()
        told = run("deliver", "--once", cwd=folder)  # it would send the demo's mails by whatever server is set
        assert told.returncode == 2
        assert not list(folder.glob("*.db"))

        beside = folder / "elsewhere"
        beside.mkdir()
        assert run("token", "list", cwd=beside).returncode == 2
        url = _database_url(service)
        assert "ann" in run("token", "list", cwd=beside, database_url=url).stdout

        # A database of this folder is the one that is meant, and the demo is named beside it.
        assert run("migrate", cwd=folder).returncode == 0
        listed = run("token", "list", cwd=folder)
        assert (listed.returncode, listed.stdout) == (0, "")
        assert f"SALABLE_DATABASE_URL={url}" in listed.stderr
        named = run("token", "list", cwd=folder, database_url="sqlite:///salable.db")
        assert (named.stdout, named.stderr) == ("", "")
        service.stop(signal.SIGINT)
    assert _names(folder) - before == {"elsewhere", "salable.db", "salable.db-migrate.lock"}


def test_of_two_demos_one_is_chosen_by_name_and_one_that_was_killed_is_none(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    with serving("--demo", cwd=first) as one, serving("--demo", cwd=second) as other:
        for note in second.glob(".salable-demo-*"):
            (first / note.name).write_text(note.read_text())
        result = run("token", "list", cwd=first)
        assert result.returncode == 2
        assert "More than one demo runs here" in result.stderr
        assert _database_url(one) in result.stderr
        assert _database_url(other) in result.stderr
        one.stop(signal.SIGKILL)
        result = run("token", "list", cwd=first)
        assert (result.returncode, _database_url(other) in result.stderr) == (0, True), result.stderr
        other.stop(signal.SIGKILL)
        assert run("token", "list", cwd=first).returncode == 2
        with serving("--demo", cwd=first):  # it clears away what the killed ones left
            assert len(list(first.glob(".salable-demo-*"))) == 1


def _database_url(service: Service) -> str:
    (line,) = [line for line in service.output().splitlines() if "export SALABLE_DATABASE_URL=" in line]
    return line.partition("=")[2]


def _role(service: Service, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.post(
        f"{service.url}/graphql", json={"query": "{ viewer { role } }"}, headers=headers, timeout=PATIENCE_SECONDS
    )
    return str(answer.json()["data"]["viewer"]["role"])
