"""`make test`: the parts of the suite at once, each with an output and a temporary folder of its own.

    python -m tests.run_parts [PART ...]

What a part has written is printed whole when it ends, a line now and then says how far all of them are, and the end says
in a few lines what passed and failed where. Ctrl-C stops them all. A part that leaves a process behind has failed.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import uuid4

from tests.leftovers import MARKS, end_leftovers, marked

ROOT = Path(__file__).parents[1]
SECONDS_BETWEEN_LINES = 30
GRACE_SECONDS = 30
"""How long parts may take to end once they are told to stop."""
STOPPED = 130

_CLOSING = re.compile(r"^=* ?((?:\d+ \w+(?:, )?)+) in [\d.]+s.*$", re.MULTILINE)  # of pytest
_CLOSING_OF_PAGES = re.compile(r"^ *Tests +(.+) \(\d+\)$", re.MULTILINE)  # of vitest
_COUNT = re.compile(r"(\d+) (passed|failed|error)")
_NAMED = re.compile(r"^(?:FAILED|ERROR) .+$|^ *(?:FAIL|\u00d7) .+$", re.MULTILINE)
_PERCENT = re.compile(r"\[ *(\d+%)\]")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the suite: a command that tests something."""

    name: str
    command: Sequence[str]


@dataclass(slots=True)
class Running:
    """A part that runs, and where it writes."""

    part: Part
    process: "subprocess.Popen[bytes]"
    output: IO[bytes]
    began: float
    mark: str

    def text(self) -> str:
        """What it has written so far."""
        return Path(self.output.name).read_text("utf-8", "replace")

    def progress(self) -> str:
        """How far it is, in a few letters."""
        found = _PERCENT.findall(self.text())
        return f"{self.part.name} {found[-1] if found else '0%'}"


@dataclass(frozen=True, slots=True)
class Result:
    """How a part went."""

    name: str
    passed: int
    failed: int
    seconds: float
    names: Sequence[str]
    ended: str = ""
    """How it ended where its last words do not tell: killed, or without having tested."""

    def __str__(self) -> str:
        """One line of the end."""
        minutes, seconds = divmod(round(self.seconds), 60)
        counts = f"{self.passed:>6} passed{self.failed:>6} failed"
        return f"{self.name:<24}{counts}   {minutes}:{seconds:02} {self.ended}".rstrip()


def _pytest(name: str, *arguments: str) -> Part:
    return Part(name, [sys.executable, "-m", "pytest", "--color=no", *arguments])


LANES: Sequence[Sequence[Part]] = (
    (_pytest("sqlite", "--database", "sqlite", "--ignore=tests/browser"),),
    (_pytest("postgresql", "--database", "postgresql", "--only-where-it-differs", "--ignore=tests/browser"),),
    (
        Part("pages", [sys.executable, "playground/web/build.py", "test"]),
        _pytest("browser on sqlite", "--database", "sqlite", "tests/browser"),
        _pytest("browser on postgresql", "--database", "postgresql", "tests/browser"),
    ),
)
"""Lanes run beside each other, the parts of a lane one after the other."""


def run(lanes: Sequence[Sequence[Part]]) -> int:
    """Run all parts, print what they write and the end; the exit code: 0 where all passed, 1 where not, 130 for Ctrl-C."""
    waiting = [list(lane) for lane in lanes]
    results: list[Result] = []
    running: dict[int, Running] = {}
    began = said = time.monotonic()
    was_stopped = False
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="salable-tests-", ignore_cleanup_errors=True) as folder:
        try:
            while running or any(waiting):
                for place, lane in enumerate(waiting):
                    if lane and place not in running:
                        running[place] = _begin(lane.pop(0), Path(folder))
                for place, each in list(running.items()):
                    if each.process.poll() is not None:
                        results.append(_end(running.pop(place)))
                if time.monotonic() - said >= SECONDS_BETWEEN_LINES:
                    said = time.monotonic()
                    _say(f"[{_clock(said - began)}] {', '.join(each.progress() for each in running.values())}")
                time.sleep(0.05)
        except KeyboardInterrupt:
            was_stopped = True
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            results += _stop(list(running.values()))
    _conclude(results, time.monotonic() - began)
    if was_stopped:
        return STOPPED
    return int(any(result.failed for result in results))


def _begin(part: Part, folder: Path) -> Running:
    own = folder / part.name.replace(" ", "-")
    own.mkdir()
    output = (own / "output").open("wb")
    mark = uuid4().hex
    process = subprocess.Popen(  # our own commands
        part.command,
        cwd=ROOT,
        env=_environment(own, mark),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C comes to us, and we stop it with all that it has started
    )
    return Running(part, process, output, time.monotonic(), mark)


def _environment(folder: Path, mark: str) -> dict[str, str]:
    """With a folder for all that is temporary, and pytest's memory in it: parts, and suites, share no file by name.

    By the mark all processes are found that have inherited it.
    """
    cache = shlex.join(["-o", f"cache_dir={folder / 'pytest-cache'}"])
    added = {
        "TMPDIR": str(folder),
        MARKS: marked(mark),
        "NO_COLOR": "1",
        "PYTEST_ADDOPTS": f"{os.environ.get('PYTEST_ADDOPTS', '')} {cache}",
    }
    return {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"} | added


def _end(each: Running, ended: str = "") -> Result:
    seconds = time.monotonic() - each.began
    left = end_leftovers(each.mark)
    each.output.close()
    text = each.text()
    title = f" {each.part.name} "
    _say(f"\n{title:=^100}\n{text.rstrip()}\n")
    counted = _counts(text)
    passed, failed = counted.get("passed", 0), counted.get("failed", 0) + counted.get("error", 0)
    code = each.process.returncode
    if not ended and code and not failed:
        ended, failed = f"(ended with exit code {code})", 1
    names = [*_names(text), *(f"LEFT BEHIND process {process}" for process in left)]
    return Result(each.part.name, passed, failed + len(left), seconds, names, ended)


def _counts(text: str) -> Mapping[str, int]:
    closing = [*_CLOSING.findall(text), *_CLOSING_OF_PAGES.findall(text)]
    return {what: int(count) for count, what in _COUNT.findall(closing[-1])} if closing else {}


def _names(text: str) -> list[str]:
    """The tests that failed, as the summary at the end of a part names them."""
    _, found, summary = text.rpartition("short test summary info")
    return [line.strip() for line in _NAMED.findall(summary if found else text)]


def _stop(running: Sequence[Running]) -> list[Result]:
    """Stop parts that run, with all that they have started, and clear up after them."""
    for each in running:
        _signal(each, signal.SIGINT)  # pytest takes its databases and services down
    deadline = time.monotonic() + GRACE_SECONDS
    for each in running:
        with suppress(subprocess.TimeoutExpired):
            each.process.wait(max(0.0, deadline - time.monotonic()))
        _signal(each, signal.SIGKILL)
        each.process.wait()
    return [_end(each, "(stopped)") for each in running]


def _signal(each: Running, number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(each.process.pid, number)


def _conclude(results: Sequence[Result], seconds: float) -> None:
    for result in results:
        if result.names:
            _say("\n".join((f"{result.name}:", *(f"  {name}" for name in result.names))))
    _say("\n" + "\n".join(str(result) for result in results))
    _say(f"in {_clock(seconds)}")
    _say(f"{sum(result.passed for result in results)} passed, {sum(result.failed for result in results)} failed")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run the parts that are named, or all of them."""
    known = {part.name for lane in LANES for part in lane}
    named = set(sys.argv[1:]) or known
    if unknown := named - known:
        sys.stderr.write(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}\n")
        return 2
    return run([[part for part in lane if part.name in named] for lane in LANES])


if __name__ == "__main__":
    sys.exit(main())
