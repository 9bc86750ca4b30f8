"""Handing mails to a server, and what its answers mean: sent, to be tried again, or hopeless."""

import asyncio
import re
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from resolvers.notifications.deliveries import Outcome
from server.mail.message import Mail
from server.mail.smtp_address import Security, SmtpAddress
from server.mail.templates import one_line
from server.names import NoRoom, SilentNameServer, own_name, resolve

TIMEOUT_SECONDS = 10.0
"""For every step."""
STEPS = 4
"""How many steps' time a call may take as a whole: less than the lease of what it sends."""
NEXT_ADDRESS_SECONDS = 2.0
"""For one of several addresses of the server, before the next one is tried."""
LONGEST_ANSWER = 200

_ABOUT_US = frozenset({502, 503, 530, 535, 538})
"""Answers to a recipient that say that we may not send, not that nobody is there."""
_FAILURES = (SMTPException, OSError, TimeoutError)


async def post(server: SmtpAddress, mails: Sequence[Mail], timeout: float = TIMEOUT_SECONDS) -> list[Outcome]:  # noqa: ASYNC109  # of each step
    """Send mails one after the other over one connection, opened anew where it broke; an outcome for each.

    Where the server cannot be reached, the rest is not tried.
    """
    outcomes: list[Outcome] = []
    client = _client(server, timeout)
    deadline = asyncio.get_running_loop().time() + STEPS * timeout
    try:
        for mail in mails:
            if not client.is_connected:
                try:
                    async with asyncio.timeout_at(deadline):
                        await _connect(client, server, timeout)
                except NoRoom:
                    ours = Outcome(delivered=False, error="Too many look-ups of names hang.", is_ours=True)
                    return outcomes + [ours] * (len(mails) - len(outcomes))
                except _FAILURES as error:
                    unreachable = Outcome(delivered=False, error=_unreachable(server, error))
                    return outcomes + [unreachable] * (len(mails) - len(outcomes))
            outcomes.append(await _sent(client, mail, deadline))
    finally:
        await _close(client)
    return outcomes


def _client(server: SmtpAddress, timeout: float) -> SMTP:
    return SMTP(
        hostname=server.host,
        username=server.user.encode() if server.user else None,
        password=server.password.encode() if server.password else None,
        timeout=timeout,
        use_tls=server.security is Security.TLS,
        start_tls=server.security is Security.STARTTLS,
    )


async def _connect(client: SMTP, server: SmtpAddress, timeout: float) -> None:  # noqa: ASYNC109  # of each step
    """Connect to the first address of the server that answers: by our own look-up, which holds up nobody else's."""
    client.local_hostname = await own_name()
    async with asyncio.timeout(timeout):
        connection = await _connected(server)
    await client.connect(sock=connection)  # which it closes, whatever becomes of it


async def _connected(server: SmtpAddress) -> socket.socket:
    try:
        addresses = await resolve(server.host, server.port)
    except SilentNameServer:
        raise TimeoutError from None
    refused: OSError = ConnectionRefusedError()
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            async with asyncio.timeout(None if address == addresses[-1] else NEXT_ADDRESS_SECONDS):
                await asyncio.get_running_loop().sock_connect(connection, (address, server.port))
        except OSError as error:  # one that takes too long too
            connection.close()
            refused = error
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise refused


async def _sent(client: SMTP, mail: Mail, deadline: float) -> Outcome:
    try:
        async with asyncio.timeout_at(deadline):
            await client.sendmail(mail.sender, [mail.recipient], mail.content, mail_options=_options(mail))
    except (SMTPRecipientsRefused, SMTPResponseException, SMTPNotSupported) as answer:
        return _answered(mail, answer)
    except _FAILURES as error:
        client.close()  # a late answer would be taken for the one to the next mail
        slow = isinstance(error, TimeoutError)
        said = "The mail server did not answer in time." if slow else "The connection to the mail server broke."
        return Outcome(delivered=False, error=said)
    return Outcome(delivered=True)


def _options(mail: Mail) -> list[str]:
    # Who takes the one knows the other, by RFC 6531; aiosmtplib asks whether the server takes it.
    return [] if mail.is_ascii else ["SMTPUTF8", "BODY=8BITMIME"]


def _answered(mail: Mail, answer: SMTPException) -> Outcome:
    if isinstance(answer, SMTPRecipientsRefused):
        refused = answer.recipients[0]
        return _refused(mail, "recipient", refused.code, refused.message)
    if isinstance(answer, SMTPDataError):
        return _refused(mail, "mail", answer.code, answer.message)
    if isinstance(answer, SMTPResponseException):
        said = f"The mail server answered {_quoted(mail, answer.code, answer.message)}."
        return Outcome(delivered=False, error=said)
    return Outcome(delivered=False, error="The mail server takes only addresses in ASCII.", hopeless=True)


def _refused(mail: Mail, what: str, code: int, message: str) -> Outcome:
    """A recipient or a mail that was refused: for good where the answer says so and is about it, not about us."""
    is_about_us = code in _ABOUT_US or re.match(r"5\.7\.", message) is not None
    said = f"The mail server refused the {what}: {_quoted(mail, code, message)}."
    return Outcome(delivered=False, error=said, hopeless=code >= 500 and not is_about_us)


def _quoted(mail: Mail, code: int, message: str) -> str:
    """What the server said, in one line and without the address, which is nobody else's business."""
    hidden = re.sub(re.escape(mail.recipient), "...", one_line(message), flags=re.IGNORECASE)
    return f"{code} {hidden[:LONGEST_ANSWER]}".strip().rstrip(".")


def _unreachable(server: SmtpAddress, error: BaseException) -> str:
    """Why there is no connection, without what was sent or answered while logging in."""
    where = f"The mail server {server.host}:{server.port}"
    if isinstance(error, SMTPAuthenticationError):
        return f"{where} refused the login ({error.code}): see SALABLE_SMTP_URL."
    cause = error if isinstance(error, ssl.SSLError) else error.__cause__
    if isinstance(cause, ssl.SSLError):
        return f"{where} cannot be trusted: TLS failed ({cause.reason or type(cause).__name__})."
    if isinstance(error, SMTPResponseException):
        return f"{where} does not take mails now ({error.code})."
    if isinstance(error, TimeoutError):
        return f"{where} did not answer in time."
    if isinstance(error, OSError):
        return f"{where} cannot be reached ({type(cause or error).__name__})."
    return f"{where} cannot be used: {one_line(str(error))[:LONGEST_ANSWER].rstrip('.')}."


async def _close(client: SMTP) -> None:
    if client.is_connected:
        with suppress(*_FAILURES):
            async with asyncio.timeout(1):
                await client.quit()
    client.close()
