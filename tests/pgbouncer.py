"""A real pgbouncer in transaction mode before the PostgreSQL of the tests."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

SESSIONS = 4
"""Of the server, for however many clients."""
PATIENCE_SECONDS = 30


@contextmanager
def pgbouncer(database_url: str) -> Iterator[str]:
    """The URL of the same database through a pgbouncer on a free port of this machine."""
    command = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
    if command is None:
        pytest.fail("Poolers are tested with pgbouncer, and there is none: install it (apt-get install pgbouncer).")
    url = urlsplit(database_url)
    server = dict(parse_qsl(url.query))["host"]
    # Beside the folder of the server: there whoever runs it may come, whatever the folder for what is temporary is.
    above = Path(server).parent
    with tempfile.TemporaryDirectory(prefix="salable-pgbouncer-", dir=above) as folder, socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
        place.close()
        settings = Path(folder) / "pgbouncer.ini"
        settings.write_text(f"""[databases]
* = host={server} port={url.port or 5432}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {SESSIONS}
max_client_conn = 200
""")
        (Path(folder) / "users").write_text(f'"{url.username}" ""\n')
        # It refuses to be root, as the server does: whoever runs the server runs it too.
        owner = Path(server).stat() if os.geteuid() == 0 else None
        if owner is not None:
            for path in (Path(folder), *Path(folder).iterdir()):
                os.chown(path, owner.st_uid, owner.st_gid)
        process = subprocess.Popen(
            [command, "-q", str(settings)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=owner.st_uid if owner else None,
            group=owner.st_gid if owner else None,
        )
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not _answers(port):
                assert process.poll() is None, "pgbouncer did not start"
                assert time.monotonic() < deadline, "pgbouncer does not answer"
                time.sleep(0.02)
            yield f"postgresql://{url.username}@127.0.0.1:{port}{url.path}"
        finally:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
