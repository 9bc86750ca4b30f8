"""Whatever our commands write can be read by its owner alone."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.smtp import Envelope

from server.mail.catcher import Catcher, path_of
from tests.server.importing import Importer
from tests.server.process import run, serving
from tests.watching import watching

WIDE = 0o644


@pytest.fixture
def _wide_umask() -> Iterator[None]:
    """What most machines have: new files can be read by everybody."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def modes(folder: Path) -> dict[str, int]:
    """The permissions of the files of a database."""
    return {path.name: mode(path) for path in folder.glob("new.db*")}


@pytest.mark.usefixtures("_wide_umask")
async def test_the_files_of_a_database_are_the_owners_alone(tmp_path: Path) -> None:
    with serving(cwd=tmp_path, database_url="sqlite:///new.db") as service:
        async with watching(service.url):
            found = modes(tmp_path)
    assert {"new.db", "new.db-wal", "new.db-shm"} <= set(found)
    assert set(found.values()) == {0o600}


@pytest.mark.usefixtures("_wide_umask")
def test_a_database_that_was_there_keeps_its_permissions_and_a_warning_says_what_to_run(tmp_path: Path) -> None:
    assert run("migrate", cwd=tmp_path, database_url="sqlite:///old.db").returncode == 0
    (tmp_path / "old.db").chmod(WIDE)
    with serving(cwd=tmp_path, database_url="sqlite:///old.db") as service:
        assert mode(tmp_path / "old.db") == WIDE
        assert "chmod 600 old.db" in service.output()


@pytest.mark.usefixtures("_wide_umask")
def test_exports_and_rejected_rows_are_the_owners_alone(tmp_path: Path, database_url: str) -> None:
    rows, rules = tmp_path / "salable.csv", tmp_path / "rules.yaml"
    for _ in range(2):  # a file that was made by us is made again
        for command in (("export", "salable-quantities", "--output", str(rows)), ("rules", "export", str(rules))):
            done = run(*command, cwd=tmp_path, database_url=database_url)
            assert done.returncode == 0, done.stderr
        assert (mode(rows), mode(rules)) == (0o600, 0o600)
    importer = Importer(tmp_path, database_url)
    importer("source-items", "source_code,sku,status,quantity\n,,x,y\n")
    assert mode(importer.reject_file) == 0o600


@pytest.mark.usefixtures("_wide_umask")
def test_an_export_to_a_file_that_others_were_let_read_lets_them_read_on(tmp_path: Path, database_url: str) -> None:
    rows = tmp_path / "salable.csv"
    rows.touch()
    rows.chmod(0o640)
    done = run("export", "salable-quantities", "--output", str(rows), cwd=tmp_path, database_url=database_url)
    assert (done.returncode, mode(rows)) == (0, 0o640), done.stderr
    assert rows.stat().st_size


@pytest.mark.usefixtures("_wide_umask")
async def test_mails_that_the_demo_catches_are_the_owners_alone(tmp_path: Path) -> None:
    envelope = Envelope()
    envelope.original_content = b"Subject: Hello\r\n\r\nHello"
    await Catcher(tmp_path).handle_DATA(None, None, envelope)  # type: ignore[arg-type]  # it asks neither
    assert mode(path_of(tmp_path, 1)) == 0o600
