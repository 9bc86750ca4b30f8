"""A file that is - stands for standard input or output, in every command alike."""

import subprocess
from pathlib import Path

import pytest

from models.address import parse_address
from models.database import database, reader
from models.sql import fetch
from tests.server.process import COMMAND, environment, run
from tests.worlds import stock_up

RULES = "rules:\n  - {scope: product, sku: TENT, set: {backorders: ALLOW_AND_NOTIFY, out_of_stock_threshold: -50}}\n"
ITEMS = "source_code,sku,status,quantity\neast,TENT,1,12.5\neast,BOAT,1,1\n"


@pytest.fixture
async def url(database_url: str) -> str:
    """A database with TENT at east."""
    async with database(parse_address(database_url)):
        await stock_up({"TENT": {"east": 7}})
    return database_url


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("salable.db"))


async def test_rules_are_piped_from_one_command_into_another(url: str, tmp_path: Path) -> None:
    shown = run("preview", "-", cwd=tmp_path, said="\ufeff" + RULES, database_url=url)
    assert shown.returncode == 0, shown.stderr
    assert "TENT" in shown.stdout
    unasked = run("rules", "import", "-", cwd=tmp_path, said=RULES, database_url=url)
    assert unasked.returncode == 2
    assert "take --yes or --dry-run" in unasked.stderr
    dry = run("rules", "import", "-", "--dry-run", cwd=tmp_path, said=RULES, database_url=url)
    assert "+ product TENT: Backorders: ALLOW_AND_NOTIFY" in dry.stdout
    made = run("rules", "import", "-", "--yes", cwd=tmp_path, said=RULES, database_url=url)
    assert "revision 1" in made.stdout, made.stderr
    async with database(parse_address(url)):
        assert await fetch(reader(), "SELECT reason FROM change_set") == [{"reason": "Imported standard input"}]
    exported = run("rules", "export", "-", cwd=tmp_path, database_url=url)
    assert "out_of_stock_threshold: -50" in exported.stdout
    again = run("rules", "import", "-", "--yes", "--prune", cwd=tmp_path, said=exported.stdout, database_url=url)
    assert again.stdout == "Nothing differs.\n"
    assert _files(tmp_path) == []


async def test_what_is_wrong_with_standard_input_is_said_of_it(url: str, tmp_path: Path) -> None:
    for command in (("rules", "import", "-", "--yes"), ("preview", "-")):
        result = run(*command, cwd=tmp_path, said="rules: 5", database_url=url)
        assert result.returncode == 1
        assert "standard input\nline 1: `rules` is a list" in result.stderr
    result = run("import", "source-items", "-", cwd=tmp_path, database_url=url)
    assert (result.returncode, "stdin is empty" in result.stderr) == (1, True), result.stderr


async def test_goods_come_by_standard_input_and_what_is_rejected_is_a_file(url: str, tmp_path: Path) -> None:
    result = run("import", "source-items", "-", cwd=tmp_path, said=ITEMS, database_url=url)
    assert result.returncode == 1
    assert "2 rows read, 1 written, 1 rejected" in result.stdout
    assert "The rejected rows are in stdin.rejected.csv" in result.stdout
    rejected = (tmp_path / "stdin.rejected.csv").read_text()
    assert rejected.splitlines()[0] == "line,reason,source_code,sku,status,quantity"
    assert "BOAT" in rejected
    assert _files(tmp_path) == ["stdin.rejected.csv"]
    product = run("import", "magento", "-", cwd=tmp_path, said="sku,name\nBOAT,Boat\n", database_url=url)
    assert product.stdout == "1 rows read, 1 written, 0 rejected\n"


async def test_quantities_go_to_standard_output(url: str, tmp_path: Path) -> None:
    result = run("export", "salable-quantities", "--output", "-", cwd=tmp_path, database_url=url)
    assert result.stdout.splitlines()[1] == "default,TENT,TENT,7,IN_STOCK,IN_STOCK"
    assert (result.returncode, result.stderr, _files(tmp_path)) == (0, "", [])


async def test_standard_input_that_is_no_text_is_refused_in_a_sentence(url: str, tmp_path: Path) -> None:
    for command in (("rules", "import", "-", "--yes"), ("import", "magento", "-")):
        result = subprocess.run(  # noqa: ASYNC221  # nothing else runs in this test
            [COMMAND, *command],
            cwd=tmp_path,
            env=environment({"database_url": url}),
            input=b"sku: \xff\xfe",
            capture_output=True,
            check=False,
        )
        assert result.returncode == 1
        assert b"Traceback" not in result.stderr
