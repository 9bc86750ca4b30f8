"""HTTPS to addresses of other people's choice: TLS proves the name, whatever address it stands for."""

import asyncio
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.delivery import guarded_http
from server.delivery.guarded_http import Unanswered
from tests.server.posting import ask, names, unanswered
from tests.server.receiver import receiving

OPENSSL = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
SUBJECT = ["-days", "2", "-subj", "/CN=hooks.example", "-addext", "subjectAltName=DNS:hooks.example"]


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """A certificate of hooks.example, which this machine trusts for the test, and the context that serves it."""
    key, chain = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [*OPENSSL, *SUBJECT, "-keyout", key, "-out", chain],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    guarded_http._tls.cache_clear()
    yield context
    guarded_http._tls.cache_clear()


async def test_tls_proves_the_name_and_not_the_address(certificate: ssl.SSLContext) -> None:
    resolve, _ = names("127.0.0.1")
    async with receiving(tls=certificate) as receiver:
        assert await ask(receiver.url("hooks.example", scheme="https"), resolve=resolve) == 200
        for host in ("other.example", "127.0.0.1"):
            with pytest.raises(Unanswered, match=rf"^The certificate of {host} is not valid: .*mismatch"):
                await ask(receiver.url(host, scheme="https"), resolve=resolve)
        assert len(receiver.requests) == 1


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    resolve, _ = names("127.0.0.1")
    async with receiving(tls=certificate) as receiver:
        with pytest.raises(Unanswered, match="is not valid: self-signed certificate"):
            await ask(receiver.url("hooks.example", scheme="https"), resolve=resolve)


async def test_what_speaks_no_tls_is_told_apart() -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await unanswered(f"https://127.0.0.1:{port}/") == "127.0.0.1 does not speak TLS as we do."
