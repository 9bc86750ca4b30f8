"""Reading CSV files: lines, faults and bounds."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.files.csv_file import LARGEST_BATCH, LONGEST_ROW, CsvFile, CsvFileError, CsvWriter, Row, open_csv


def _rows(path: Path, content: bytes, most: int = 100) -> list[list[Row]]:
    path.write_bytes(content)
    with open_csv(path) as file:
        return list(file.batches(most))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.csv"


def test_a_row_has_the_line_where_it_begins(path: Path) -> None:
    rows = _rows(path, b'\xef\xbb\xbfa,b\r\n1,2\r\n\r\n"x\r\ny","z\nz"\r\n3,4')[0]
    assert [(row.line, row.cells, row.fault) for row in rows] == [
        (2, ["1", "2"], None),
        (4, ["x\r\ny", "z\nz"], None),
        (7, ["3", "4"], None),
    ]


def test_a_row_that_is_no_csv_is_kept_as_it_stands_and_the_next_one_is_read(path: Path) -> None:
    rows = _rows(path, b'a,b\n"x"y,1\nonly one\n1,2\n1,2,3\n"open,1\nend,2\n')[0]
    assert [(row.line, row.cells) for row in rows] == [
        (2, ['"x"y,1']),
        (3, ["only one"]),
        (4, ["1", "2"]),
        (5, ["1", "2", "3"]),
        (6, ['"open,1\nend,2']),
    ]
    assert [row.fault and row.fault.split()[0] for row in rows] == ["is", "has", None, "has", "is"]


@pytest.mark.parametrize("text", ["x" * (LONGEST_ROW + 10), '"' + ("x" * 999 + "\n") * 2_000, "y," * LONGEST_ROW])
def test_too_long_a_row_does_not_take_the_memory(path: Path, text: str) -> None:
    rows = [row for batch in _rows(path, f"a,b\n{text}\n1,2\n".encode(), 2**30) for row in batch]
    assert rows[0].line == 2
    assert rows[0].fault
    assert rows[0].size <= LONGEST_ROW + 1
    assert rows[-1].cells == ["1", "2"]


def test_batches_are_bounded_by_rows_and_by_characters(path: Path) -> None:
    assert [len(batch) for batch in _rows(path, b"a\n" + b"1\n" * 7, 3)] == [3, 3, 1]
    assert [len(batch) for batch in _rows(path, b"a\n" + b"1\n" * 6, 3)] == [3, 3]
    long = (b"x" * 100_000 + b"\n") * 400
    batches = _rows(path, b"a\n" + long, 5_000)
    assert sum(len(batch) for batch in batches) == 400
    assert max(sum(row.size for row in batch) for batch in batches) < LARGEST_BATCH + 100_002


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\n\r\n", "is empty"),
        (b'"a,b\n', "the header cannot be read"),
        (b"a,b\n1,2\n\xfc,3\n", "line 3 is not UTF-8"),
        (b"\xff\xfea\x00", "line 1 is not UTF-8"),
        (b"a,b\n1,\xc3", "line 2 is not UTF-8"),
        (b"a\n" + b"x" * (2**20 - 1) + "\u00e9".encode() + b"\n\xc3\n", "line 3 is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(path: Path, content: bytes, said: str) -> None:
    with pytest.raises(CsvFileError, match=said):
        _rows(path, content)


def test_a_header_is_checked_both_ways(path: Path) -> None:
    path.write_bytes(b"a,b,b,d\n")
    with open_csv(path) as file:
        with pytest.raises(CsvFileError, match=r"lacks 'c' and has more than once 'b' and has, but should not, 'd'; "):
            file.check_header(["a", "c"], ["a", "b", "c"], ignores_others=False)
        _check(file, "a", "d")
    path.write_bytes(b"a,x,x\n")
    with open_csv(path) as file:
        _check(file, "a", "b")


def _check(file: CsvFile, *known: str) -> None:
    file.check_header(["a"], known, ignores_others=True)


def test_a_pipe_is_refused_since_it_cannot_be_read_twice(tmp_path: Path) -> None:
    with pytest.raises(CsvFileError, match="no regular file"), open_csv(tmp_path):
        pass


RUN = ["=1+1", "+SUM(1)", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x";"y")', "\uff1d1", "-", "="]
ESCAPED = ["'", "''", "'=1", "'x", "''=1", "'s-Gravenhage"]
PLAIN = ["", "x", " =1", "a=1", "1", "-5", "+5", "-2.5", ".5", "-.5", "1,2", 'a"b', "a\rb", "a\r\nb", "a\nb", "\u00fc"]


def _written(cells: list[str]) -> str:
    text = io.StringIO(newline="")
    CsvWriter(text).write([cells])
    return text.getvalue()


@pytest.mark.parametrize("cell", [*RUN, *ESCAPED, *PLAIN])
def test_a_cell_is_read_back_exactly_and_no_spreadsheet_runs_it(path: Path, cell: str) -> None:
    text = _written([cell, "end"])
    (shown, end), *others = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert (end, others) == ("end", [])
    assert shown == (cell if cell in PLAIN else f"'{cell}")
    assert _rows(path, b"a,b\n" + text.encode())[0][0].cells == [cell, "end"]


@pytest.mark.parametrize("cell", ["'x", "'s-Gravenhage", "'5", "it's"])
def test_what_another_program_wrote_behind_a_quote_stays(path: Path, cell: str) -> None:
    assert _rows(path, f"a,b\n{cell},1\n".encode())[0][0].cells == [cell, "1"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=2, max_size=5))
def test_any_row_is_read_back_exactly(cells: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        header = ",".join("abcde"[: len(cells)])
        rows = _rows(Path(folder) / "some.csv", f"{header}\n{_written(cells)}".encode())
    assert rows[0][0].cells == cells
    assert rows[0][0].fault is None


def test_a_header_is_read_as_it_was_before_it_was_made_harmless(path: Path) -> None:
    path.write_text(_written(["@sku", "name"]))
    with open_csv(path) as file:
        assert file.header == ["@sku", "name"]


def test_one_place_writes_csv() -> None:
    root = Path(__file__).parents[2]
    folders = ("server", "schema", "resolvers", "models", "rules", "playground")
    files = [file for folder in folders for file in (root / folder).rglob("*.py") if "node_modules" not in file.parts]
    writers = [file.name for file in files if "csv.writer" in file.read_text() or "DictWriter" in file.read_text()]
    assert writers == ["csv_file.py"]
