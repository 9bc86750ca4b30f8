"""A benchmark that fails says why, and leaves nothing behind."""

import os
import tempfile
from pathlib import Path
from select import select
from types import TracebackType

import pytest

from tests.benchmarks.databases import on_both

ENDED_SECONDS = 5
"""A server has ended a moment after it says so."""


class Broken(Exception):  # noqa: N818  # what a benchmark may raise
    """What went wrong in a benchmark."""


def test_what_a_benchmark_raises_is_shown_and_its_server_ends_before_its_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    servers: list[int] = []  # readable once their process has ended
    ended: list[bool] = []

    class Folder(tempfile.TemporaryDirectory[str]):
        def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
        ) -> None:
            ended.extend(bool(select([server], [], [], ENDED_SECONDS)[0]) for server in servers)
            super().__exit__(kind, error, trace)

    def measure(name: str, _url: str, folder: Path) -> None:
        if name == "PostgreSQL":
            servers.append(os.pidfd_open(int((folder / "data" / "postmaster.pid").read_text().split()[0])))
            raise Broken

    monkeypatch.setattr(tempfile, "TemporaryDirectory", Folder)
    with pytest.raises(Broken):
        on_both(measure)
    assert ended == [True]
    os.close(servers[0])
