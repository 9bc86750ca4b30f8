"""The last look at a mail: whether the bytes that were made say what was meant, and nothing beside it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header

LONGEST_LINE = 998
"""Bytes of a line without its end, by RFC 5322."""
_OF_BODY = (("Content-Type", "Content-Transfer-Encoding", "MIME-Version"), ("MIME-Version", "Content-Type"))
"""The headers that a text alone has, and those of a text with HTML beside it."""
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n|\0")
_FOLDED = re.compile(r"[ \t]+[^ \t]")
_MAY_BE_ENCODED = frozenset({"From", "Subject"})


@dataclass(frozen=True, slots=True)
class Meant:
    """What the head of a mail is to say: its own headers in their order, the addresses, the sender's name, the subject."""

    headers: tuple[str, ...]
    recipient: str
    sender: str
    name: str
    subject: str


def problem_in(content: bytes, meant: Meant) -> str:
    """What is wrong with a mail, without a word of what stands in it; '' where nothing is."""
    if _BARE.search(content):
        return "it has a character that no mail has, or a line that does not end as lines do"
    if any(len(line) > LONGEST_LINE for line in content.split(b"\r\n")):
        return "it has too long a line"
    try:
        headers = _headers(content.partition(b"\r\n\r\n")[0].decode())
    except ValueError:
        return "its head has a line that is no header"
    if [name for name, _ in headers] not in [[*meant.headers, *of_body] for of_body in _OF_BODY]:
        return "its head has other headers than it should"
    return next((problem for is_wrong, problem in _doubts(dict(headers), meant) if is_wrong), "")


def _doubts(values: Mapping[str, str], meant: Meant) -> Iterator[tuple[bool, str]]:
    """What could be wrong with the values of the right headers, and whether it is."""
    yield (
        any("=?" in value for name, value in values.items() if name not in _MAY_BE_ENCODED),
        "a header that is never encoded looks so",
    )
    yield values["To"] != meant.recipient, "it is addressed to somebody else"
    yield not _is_from(values["From"], meant), "it comes from somebody else"
    yield _decoded(values["Subject"]) != meant.subject, "its subject is not what was meant"


def _headers(head: str) -> list[tuple[str, str]]:
    """Names and values in their order, what was folded in one line again; ValueError where a line is neither."""
    found: list[tuple[str, str]] = []
    for line in head.split("\r\n"):
        if found and _FOLDED.match(line):
            name, value = found.pop()
            found.append((name, value + line))
        elif re.match(r"[A-Za-z-]+: ", line):
            name, _, value = line.partition(": ")
            found.append((name, value))
        else:
            raise ValueError("no header")
    return found


def _is_from(value: str, meant: Meant) -> bool:
    if not meant.name:
        return value == meant.sender
    name, space, address = value.rpartition(" ")
    if name.startswith('"'):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return bool(space) and address == f"<{meant.sender}>" and _decoded(name) == meant.name


def _decoded(value: str) -> str:
    """What a reader is shown; '' where it cannot be read."""
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return ""
