"""The workers of a service: they end with the process that started them, and it with them."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
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


def test_a_process_that_hangs_at_its_end_is_cut_off_and_says_what_it_left() -> None:
    program = """
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
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert ended.returncode == CUT_OFF
    assert "cut off; left: survey" in ended.stderr


def test_a_worker_that_is_frozen_is_killed_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GRACE_SECONDS", "END_SECONDS", "SLACK_SECONDS"):
        monkeypatch.setattr(workers, name, 0.1)
    config = uvicorn.Config("server.worker:create_worker")
    frozen = Process(config, [])
    frozen.process = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(600,))
    frozen.start()
    assert frozen.pid
    os.kill(frozen.pid, signal.SIGSTOP)
    wait_until(lambda: state_of(frozen.pid) == "T")
    parent = object.__new__(Workers)  # which would take the signals of this process
    parent.processes = [frozen]
    parent.terminate_all()
    parent.join_all()
    assert frozen.exitcode == -signal.SIGKILL
