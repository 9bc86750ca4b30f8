"""The mails that the demo has caught, as plain pages: the newest first, and one of them as text."""

import re
from collections.abc import Callable
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from server.mail.catcher import SUFFIX, path_of
from server.pages import HEADERS

_PAGE = """<!doctype html>
<html lang="en"><head><title>{title}</title><meta name="viewport" content="width=device-width"></head>
<body><h1>{title}</h1>
{body}
</body></html>
"""
_EMPTY = "<p>There is none yet. What happens in the shop is told within seconds; reload this page.</p>"
_ABOUT = "<p>The demo catches what it sends: nothing leaves this machine.</p>"
_NUMBER = re.compile(r"[0-9]{1,9}")
_HEADERS = ("From", "To", "Subject", "Date", "Message-ID")


def mails(folder: Path) -> list[BaseRoute]:
    """The routes of the pages."""
    return [Route("/mails", _list(folder)), Route("/mails/{number}", _one(folder))]


# Functions that are not coroutines are run in a thread: they read files.
def _list(folder: Path) -> Callable[[Request], Response]:
    def page(_request: Request) -> Response:
        rows = []
        for path in sorted(folder.glob(f"*{SUFFIX}"), reverse=True):
            if (message := _read(path)) is not None:  # one without headers counts as empty
                what = f'<a href="/mails/{int(path.stem)}">{_header(message, "Subject") or "(no subject)"}</a>'
                rows.append(f"<tr><td>{_header(message, 'Date')}<td>{_header(message, 'To')}<td>{what}")
        table = f"<table><tr><th>Date<th>To<th>Subject\n{chr(10).join(rows)}\n</table>" if rows else _EMPTY
        return HTMLResponse(_PAGE.format(title="Mails", body=f"{_ABOUT}\n{table}"), headers=HEADERS)

    return page


def _one(folder: Path) -> Callable[[Request], Response]:
    def page(request: Request) -> Response:
        number = request.path_params["number"]
        message = _read(path_of(folder, int(number))) if _NUMBER.fullmatch(number) else None
        if message is None:
            body = '<p>There is no such mail, or no more. <a href="/mails">All mails</a></p>'
            return HTMLResponse(_PAGE.format(title="No mail", body=body), 404, headers=HEADERS)
        head = "".join(f"<dt>{name}<dd>{_header(message, name)}" for name in _HEADERS)
        parts = (part for part in message.walk() if part.get_content_type() == "text/plain")
        content = next(parts, message).get_payload(decode=True)
        text = content.decode(errors="replace") if isinstance(content, bytes) else ""
        body = f'<p><a href="/mails">All mails</a></p>\n<dl>{head}</dl>\n<pre>{_shown(text)}</pre>'
        return HTMLResponse(_PAGE.format(title=_header(message, "Subject"), body=body), headers=HEADERS)

    return page


def _header(message: Message, name: str) -> str:
    raw = str(message.get(name, ""))
    try:
        return _shown(str(make_header(decode_header(raw))))
    except (HeaderParseError, LookupError, ValueError):  # anybody on this machine may have sent it
        return _shown(raw)


def _shown(text: str) -> str:
    return escape(text.encode(errors="replace").decode())


def _read(path: Path) -> Message | None:
    try:
        return message_from_bytes(path.read_bytes())
    except OSError:  # it has just been dropped
        return None
