"""A command that was forked is the command that was installed, and ends with whoever started it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.server.process import COMMAND, PATIENCE_SECONDS, ROOT, environment, run, serving

SERVES = """
import sys, time
from pathlib import Path
from tests.server.process import serving
with serving(cwd=Path(sys.argv[1])) as service:
    print(service.process.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("arguments", [["--version"], ["nonsense"], ["token", "list"], ["migrate"]])
def test_it_says_and_ends_as_the_installed_one(tmp_path: Path, arguments: list[str]) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
    installed = subprocess.run(
        [COMMAND, *arguments],
        cwd=one,
        env=environment({}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    warm = run(*arguments, cwd=other)
    assert (warm.returncode, warm.stdout) == (installed.returncode, installed.stdout)
    assert warm.stderr.replace(str(other), "") == installed.stderr.replace(str(one), "")


def test_it_is_in_a_session_of_its_own_and_ends_by_signals(tmp_path: Path) -> None:
    with serving(cwd=tmp_path) as service:
        assert os.getsid(service.process.pid) == service.process.pid
        assert service.process.poll() is None
        assert service.stop() == 128 + signal.SIGTERM
    with serving(cwd=tmp_path) as service:
        service.process.kill()
        assert service.process.wait(PATIENCE_SECONDS) == -signal.SIGKILL


def test_none_outlives_whoever_started_it(tmp_path: Path) -> None:
    driver = subprocess.Popen(
        [sys.executable, "-c", SERVES, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with driver:
        assert driver.stdout
        pid = int(driver.stdout.readline())
        os.kill(pid, 0)
        driver.kill()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    pytest.fail("it lives on")
