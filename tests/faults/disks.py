"""Small file systems, which can be full or read-only without anybody else noticing."""

import asyncio
import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from pathlib import Path

MEGABYTES = 160
FILLING = "everything-else"
TYPES = ("tmpfs", "ext4")


@lru_cache
def why_not(kind: str) -> str:
    """Why no file system of this type can be mounted here; '' where one can."""
    with tempfile.TemporaryDirectory(prefix="salable-disk-") as folder:
        said = _mount(Path(folder), kind, 8)
        if not said:
            unmount(Path(folder))
        return said


@asynccontextmanager
async def small_disk(folder: Path, kind: str) -> AsyncIterator[Path]:
    """A file system of this type at a new folder."""
    said = await asyncio.to_thread(_mount, folder, kind, MEGABYTES)
    assert not said, said
    try:
        yield folder
    finally:
        unmount(folder)


def mount_again(folder: Path) -> None:
    """A file system that gave up writing: checked and mounted anew. Nobody may have a file open on it."""
    unmount(folder)
    subprocess.run(["e2fsck", "-p", f"{folder}.image"], capture_output=True, check=False)
    _run("mount", "-o", "loop", f"{folder}.image", str(folder))


def refuse_writing(folder: Path) -> None:
    """Let ext4 do what it does after an error of its disk: it takes no writes any more, from nobody."""
    _run("mount", "-o", "remount,abort", str(folder))


def unmount(folder: Path) -> None:
    """Take it away, whoever still has a file open there."""
    subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


@asynccontextmanager
async def kept_full(folder: Path, use_up: Callable[[], Awaitable[None]] | None = None) -> AsyncIterator[None]:
    """A file system without room, whatever is removed there meanwhile; after each filling, `use_up` is called."""

    async def keep_full() -> None:
        while True:
            await asyncio.to_thread(_fill, folder)
            if use_up is not None:
                await use_up()
            await asyncio.sleep(0.5)

    filling = asyncio.create_task(keep_full())
    try:
        yield
    finally:
        filling.cancel()
        await asyncio.wait([filling])
        await asyncio.to_thread((folder / FILLING).unlink, missing_ok=True)


def _fill(folder: Path) -> None:
    """Take all the room that is left."""
    with (folder / FILLING).open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    file.write(b"\0" * size)


def _mount(folder: Path, kind: str, megabytes: int) -> str:
    """What the machine says against it; '' once it is mounted."""
    try:
        folder.mkdir(exist_ok=True)
        if kind == "tmpfs":
            _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "salable-faults", str(folder))
        else:
            image = Path(f"{folder}.image")
            with image.open("wb") as file:
                os.truncate(file.fileno(), megabytes << 20)
            _run("mkfs.ext4", "-q", str(image))
            _run("mount", "-o", "loop", str(image), str(folder))
            folder.chmod(0o755)
    except subprocess.CalledProcessError as error:
        return str(error.stderr.decode().strip().partition("\n")[0])
    except OSError as error:
        return os.strerror(error.errno or errno.ENOENT)
    return ""


def _run(*command: str) -> None:
    program = shutil.which(command[0], path=f"{os.defpath}:/usr/sbin:/sbin")
    if program is None:
        raise FileNotFoundError(errno.ENOENT, f"{command[0]} is not installed")
    subprocess.run([program, *command[1:]], capture_output=True, check=True)
