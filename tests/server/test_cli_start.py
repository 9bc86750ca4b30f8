"""Starting the service: the port comes first of all, and the demo takes the token of the settings."""

import os
import socket
import subprocess
from pathlib import Path

import httpx

from tests.server.process import COMMAND, PATIENCE_SECONDS, environment, run, serving

TOKEN = "the-token-of-the-shell"  # noqa: S105  # no secret: it opens a demo that lives for one test
VIEWER = {"query": "{ viewer { role } }"}


def test_a_busy_port_is_said_before_a_database_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        for arguments in (("--port", port), ("--demo", "--port", port)):
            result = run("serve", *arguments, cwd=tmp_path)
            assert result.returncode == 1
            assert f"Cannot listen on 127.0.0.1:{port}" in result.stderr
            assert "choose another by --port or SALABLE_PORT" in result.stderr
            assert result.stdout == ""
            assert list(tmp_path.iterdir()) == []


def test_of_two_demos_on_one_port_the_later_one_loads_nothing(tmp_path: Path) -> None:
    port = _free_port()
    folders = tmp_path / "one", tmp_path / "other"
    for folder in folders:
        folder.mkdir()
    arguments = [COMMAND, "serve", "--demo", "--port", str(port)]
    both = [
        subprocess.Popen(
            arguments, cwd=folder, env=environment({}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for folder in folders
    ]
    try:
        while all(process.poll() is None for process in both):
            os.sched_yield()
        (later,) = [process for process in both if process.poll() is not None]
        said, complaint = later.communicate(timeout=PATIENCE_SECONDS)
        assert (later.returncode, said) == (1, ""), complaint
        assert f"Cannot listen on 127.0.0.1:{port}" in complaint
    finally:
        for process in both:
            process.kill()
            process.communicate()


def test_the_demo_takes_the_admin_token_of_the_settings_and_does_not_print_it(tmp_path: Path) -> None:
    with serving("--demo", cwd=tmp_path, admin_token=TOKEN) as service:
        assert "The admin's token is the one of SALABLE_ADMIN_TOKEN" in service.output()
        assert TOKEN not in service.output()
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx.post(f"{service.url}/graphql", json=VIEWER, headers=headers, timeout=PATIENCE_SECONDS).json()
        assert answer == {"data": {"viewer": {"role": "ADMIN"}}}


def test_a_service_on_a_free_port_says_which(tmp_path: Path, database_url: str) -> None:
    with serving("--port", "0", "--workers", "2", cwd=tmp_path, database_url=database_url) as service:
        assert f"Listening on {service.url} " in service.output()
    with serving("--host", "localhost", cwd=tmp_path, database_url=database_url) as service:
        port = service.url.rpartition(":")[2]
        assert httpx.get(f"http://localhost:{port}/healthz", timeout=PATIENCE_SECONDS).status_code == 200


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
