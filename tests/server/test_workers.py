"""The workers of a service: they end with the process that started them, and it with them."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Process

from server import workers
from server.ending import CUT_OFF
from server.port import take_port
from server.workers import Workers
from tests.server.crowd import service
from tests.server.process import PATIENCE_SECONDS, ROOT, Service, environment


def workers_of(service: Service) -> list[int]:
    """The processes that a service has started."""
    pid = service.process.pid
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def state_of(pid: int | None) -> str:
    """The state of a process, as the kernel writes it: T is stopped, Z is what is left of one; '' for none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_workers_end_with_a_parent_that_is_killed_and_finish_what_runs(tmp_path: Path, database_url: str) -> None:
    with service(tmp_path / "service", database_url, "--workers", "2") as killed:
        started = workers_of(killed)
        assert len(started) >= 2

        def slowly() -> Iterator[bytes]:
            yield b'{"query": "{ __typename'
            killed.process.kill()
            killed.process.wait()
            time.sleep(0.5)  # they have heard of it by now, on most machines
            yield b' }"}'

        answer = httpx.post(
            f"{killed.url}/graphql", content=slowly(), headers={"Content-Type": "application/json"}, timeout=60
        )
        assert answer.json() == {"data": {"__typename": "Query"}}
        wait_until(lambda: all(state_of(pid) in {"", "Z"} for pid in started))
        assert "the process that started this one is gone" in killed.output()
        for listening in take_port("127.0.0.1", httpx.URL(killed.url).port or 0):  # as the next start does
            listening.close()


HANGS_AT_ITS_END = """
import asyncio, logging
from models.supervision import Part, keep_running
from server.ending import end_within

async def hang(part):
    await asyncio.Event().wait()

async def main():
    end_within(0.2)
    await keep_running(Part("survey"), hang, asyncio.Event())

logging.basicConfig()
asyncio.run(main())
"""


def hanging(errors: int) -> int:
    """How a process ended that hangs at its end; errors: where its log goes."""
    ended = subprocess.run(
        [sys.executable, "-c", HANGS_AT_ITS_END],
        cwd=ROOT,
        env=environment({}),
        stderr=errors,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return ended.returncode


def test_a_process_that_hangs_at_its_end_is_cut_off_and_says_what_it_left(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as errors:
        assert hanging(errors.fileno()) == CUT_OFF
    assert "cut off; left: survey" in log.read_text()


def test_a_process_whose_log_nobody_reads_is_cut_off_too() -> None:
    read, write = os.pipe()
    try:
        os.set_blocking(write, False)
        for size in (4_096, 1):  # to the last byte
            with suppress(BlockingIOError):
                while True:
                    os.write(write, b"x" * size)
        os.set_blocking(write, True)
        assert hanging(write) == CUT_OFF
    finally:
        os.close(write)
        os.close(read)


@contextmanager
def frozen_workers(monkeypatch: pytest.MonkeyPatch, count: int, hung_seconds: int) -> Iterator[Workers]:
    """A parent whose workers all stand still."""
    monkeypatch.setattr("signal.signal", lambda *_: None)  # it would take the signals of this process
    config = uvicorn.Config("server.worker:create_worker", workers=count, timeout_worker_healthcheck=hung_seconds)
    parent = Workers(config, [])
    for _ in range(count):
        frozen = Process(config, [])
        frozen.process = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(600,))
        frozen.start()
        assert frozen.pid
        os.kill(frozen.pid, signal.SIGSTOP)
        parent.processes.append(frozen)
    frozen_ones = list(parent.processes)
    try:
        wait_until(lambda: all(state_of(each.pid) == "T" for each in frozen_ones))
        yield parent
    finally:
        for each in frozen_ones:
            each.process.kill()
            each.process.join()


def test_a_worker_that_is_frozen_is_killed_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GRACE_SECONDS", "END_SECONDS", "SLACK_SECONDS"):
        monkeypatch.setattr(workers, name, 0.1)
    with frozen_workers(monkeypatch, 1, 30) as parent:
        parent.terminate_all()
        parent.join_all()
        assert [each.exitcode for each in parent.processes] == [-signal.SIGKILL]


def test_no_worker_that_is_frozen_keeps_its_parent_from_hearing_a_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    with frozen_workers(monkeypatch, 2, hung_seconds=3_600) as parent:
        looking = threading.Thread(target=parent.keep_subprocess_alive, daemon=True)
        looking.start()
        looking.join(PATIENCE_SECONDS)
        assert not looking.is_alive(), "it waits for the first one's answer"


def test_a_worker_that_hangs_is_killed_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    with frozen_workers(monkeypatch, 1, hung_seconds=0) as parent:
        (hung,) = parent.processes
        parent.keep_subprocess_alive()
        hung.process.join()
        assert hung.exitcode == -signal.SIGKILL
        begun: list[Process] = []

        def start(worker: Process) -> None:
            begun.append(worker)

        monkeypatch.setattr(Process, "start", start)
        monkeypatch.setattr(workers, "pause_after", lambda _: 0.0)
        parent.keep_subprocess_alive()
        assert parent.processes == begun


def spoilt(file: Path) -> Path:
    """Move a database away, with what stands beside it, and leave something else in its place."""
    away = file.with_name("away")
    away.mkdir()
    for each in file.parent.glob(f"{file.name}*"):
        each.rename(away / each.name)
    file.write_text("This is no database, however often it is asked. " * 100)
    return away


def test_a_worker_that_cannot_start_is_tried_again_and_ends_no_service_that_has_run(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    with service(tmp_path / "service", f"sqlite:///{file}", "--workers", "2", log_level="info") as running:
        wait_until(lambda: running.output().count(" serves\n") == 2)
        away = spoilt(file)
        dies = int(running.output().partition("the worker ")[2].partition(" ")[0])
        os.kill(dies, signal.SIGKILL)
        wait_until(lambda: f"has ended ({STARTUP_FAILURE}); another is started in" in running.output())
        assert httpx.get(f"{running.url}/healthz").status_code == 200
        for each in away.iterdir():
            each.rename(tmp_path / each.name)
        wait_until(lambda: running.output().count(" serves\n") == 3)
        assert running.stop() == 0


def test_a_service_none_of_whose_workers_can_start_ends_as_failed(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    spoilt(file)
    program = """
from server.commands.serve import _run
from server.port import take_port

_run(take_port("127.0.0.1", 0), 2, "info")
"""
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment({"database_url": f"sqlite:///{file}"}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert "cannot start" in ended.stderr
    assert ended.returncode == STARTUP_FAILURE
