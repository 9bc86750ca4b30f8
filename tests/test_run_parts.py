"""The output of `make test`: each part by itself, a few lines at the end, and nothing left behind."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.run_parts import ROOT
from tests.server.process import PATIENCE_SECONDS

PROGRAM = """
import sys
from tests import run_parts
from tests.run_parts import Part, run
run_parts.SECONDS_BETWEEN_LINES = 0.2
python = [sys.executable, "-W", "ignore", "-c"]
{parts}
"""
SLOWLY = "import time; [(print('{word}', flush=True), time.sleep(0.1)) for _ in range(10)]"
SUITE = """
import os, time
from pathlib import Path
import pytest

def test_passes(tmp_path):
    Path({folder!r}, {name!r}).write_text(os.environ["TMPDIR"] + " " + str(tmp_path))
    time.sleep(0.5)

def test_fails():
    assert 1 == 2, "of {name}"

@pytest.fixture
def broken():
    raise ValueError

def test_is_broken(broken):
    pass
"""


def _driver(parts: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(parts=parts)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_output_of_each_part_stands_by_itself_and_a_line_says_how_far_all_are() -> None:
    words = {word: repr([f"print('begin {word}')", SLOWLY.format(word=word)]) for word in ("apple", "pear")}
    parts = ", ".join(f"[Part('{word}', [*python, ';'.join({code})])]" for word, code in words.items())
    driver = _driver(f"print(run([{parts}, [Part('empty', [*python, '1'])]]))")
    said, complaints = driver.communicate(timeout=PATIENCE_SECONDS)
    assert complaints == ""
    lines = said.splitlines()
    for word in words:
        start = lines.index(f"begin {word}")
        assert word in lines[start - 1]
        assert lines[start + 1 : start + 11] == [word] * 10
    assert any(line.startswith("[0:0") and "apple" in line and "pear" in line for line in lines)


def test_the_end_says_what_passed_and_failed_where_and_parts_share_no_folder(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / f"test_{name}.py").write_text(SUITE.format(folder=str(tmp_path), name=name))
    parts = "".join(
        f"pytest_{name} = Part('{name}', [sys.executable, '-m', 'pytest', '-ra', '--color=no', '-c', '/dev/null',"
        f" '--rootdir', {str(tmp_path)!r}, {str(tmp_path / f'test_{name}.py')!r}])\n"
        for name in ("one", "other")
    )
    killed = "Part('killed', [*python, 'import os; os.kill(os.getpid(), 9)'])"
    fine = r"""Part('fine', [*python, "print('12 passed in 1.00s')"])"""
    pages = r"""Part('pages', [*python, "print('      Tests  1 failed | 61 passed (62)'); raise SystemExit(1)"])"""
    driver = _driver(f"{parts}\nsys.exit(run([[pytest_one, {killed}], [pytest_other], [{fine}, {pages}]]))")
    said, complaints = driver.communicate(timeout=PATIENCE_SECONDS)
    assert (driver.returncode, complaints) == (1, ""), said
    lines = said.splitlines()
    assert lines[-1] == "75 passed, 6 failed"
    end = lines[-7:-2]
    for name, passed, failed in (("one", 1, 2), ("other", 1, 2), ("killed", 0, 1), ("fine", 12, 0), ("pages", 61, 1)):
        (line,) = [line for line in end if line.split()[0] == name]
        assert line.split()[1:5] == [str(passed), "passed", str(failed), "failed"]
    assert any("killed" in line and "ended with exit code -9" in line for line in end)
    for name in ("one", "other"):
        named = lines[len(lines) - 1 - lines[::-1].index(f"{name}:") :]
        of_fixture, of_test = sorted(named[1:3])
        assert of_fixture.startswith("  ERROR ")
        assert f"test_{name}.py::test_is_broken" in of_fixture
        assert of_test.startswith("  FAILED ")
        assert f"test_{name}.py::test_fails" in of_test
        assert any("1 failed, 1 passed, 1 error in" in line for line in lines)
    folders = {(tmp_path / name).read_text().split()[0] for name in ("one", "other")}
    assert len(folders) == 2
    for name in ("one", "other"):
        temporary, own = (tmp_path / name).read_text().split()
        assert own.startswith(temporary)
        assert not Path(temporary).exists()


def test_a_part_that_leaves_a_process_behind_has_failed_and_the_process_is_ended(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    child = f"import time; [(open({str(alive)!r}, 'a').write('.'), time.sleep(0.05)) for _ in range(2400)]"
    parent = (
        f"import pathlib, subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', {child!r}], start_new_session=True)\n"
        f"while not pathlib.Path({str(alive)!r}).exists(): time.sleep(0.01)\n"
        f"print('3 passed in 1.00s')"
    )
    quickly = "run_parts.end_leftovers = lambda mark: leftovers.end_leftovers(mark, 0.1)"
    parts = f"[Part('careless', [*python, {parent!r}])], [Part('fine', [*python, \"print('1 passed in 1.00s')\"])]"
    driver = _driver(f"from tests import leftovers\n{quickly}\nsys.exit(run([{parts}]))")
    said, _ = driver.communicate(timeout=PATIENCE_SECONDS)
    assert driver.returncode == 1
    assert said.splitlines()[-1] == "4 passed, 1 failed"
    assert "careless:\n  LEFT BEHIND process" in said
    assert str(alive) in said.partition("LEFT BEHIND")[2]
    size = alive.stat().st_size
    time.sleep(0.5)
    assert alive.stat().st_size == size


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_all_parts_with_all_that_they_have_started(tmp_path: Path, sign: signal.Signals) -> None:
    alive = tmp_path / "alive"
    child = f"import time; [(open({str(alive)!r}, 'a').write('.'), time.sleep(0.05)) for _ in range(2400)]"
    parent = f"import subprocess, sys; print('begun', flush=True); subprocess.run([sys.executable, '-c', {child!r}])"
    driver = _driver(f"sys.exit(run([[Part('long', [*python, {parent!r}]), Part('later', [*python, '1'])]]))")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not alive.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    driver.send_signal(sign)
    said, _ = driver.communicate(timeout=PATIENCE_SECONDS)
    assert driver.returncode == 130
    assert "begun" in said
    assert "(stopped)" in said
    assert "later" not in said
    size = alive.stat().st_size
    time.sleep(0.5)
    assert alive.stat().st_size == size
