"""What makes a code, a text, a scope or a rule unlawful: values, not exceptions.

A path names the input that is wrong by field names and list positions; the API writes it in its own letters.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rules.key import LONGEST_KEY, fault_of, quoted
from rules.quantity import show
from rules.scope import ScopeType
from rules.setting import Setting, SettingValue

NAME_LENGTH = 255
REASON_LENGTH = 1_000
EMAIL_LENGTH = 254
LOCAL_PART_LENGTH = 64
LOCALE_LENGTH = 35

_NOT_IN_EMAIL = frozenset('()<>[]:;,\\"@')
"""Characters that mean something in a header, and so would make more of an address than one."""
_ENCODED_WORD = "=?"
"""What begins an encoded word (RFC 2047), which may hold a line break and so a header."""
_LOCALE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UserError:
    """Something that the caller can mend: a stable code, a sentence, and the path of the input."""

    code: str
    message: str
    path: Path


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that was done, and that the caller may not have meant: a stable code, a sentence, the path."""

    code: str
    message: str
    path: Path


def is_text(value: str) -> bool:
    """Whether every character can be stored and shown: no control characters, no halves of a surrogate pair."""
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in value)


def is_code(value: str) -> bool:
    """Whether any row can bear this SKU or code, one from before keys had to be visible too: 1 to 64 characters of text."""
    return 1 <= len(value) <= LONGEST_KEY and is_text(value)


def code_errors(value: str, path: Path) -> Iterator[UserError]:
    """INVALID_CODE for the name of something that is there where no row can bear it."""
    if not is_code(value):
        yield UserError(
            "INVALID_CODE", f"A code has 1 to {LONGEST_KEY} characters, none of them a control character.", path
        )


def key_errors(value: str, path: Path) -> Iterator[UserError]:
    """INVALID_CODE unless something new may have this SKU or code."""
    if (fault := fault_of(value)) is not None:
        yield UserError("INVALID_CODE", f"{quoted(value)} {fault}.", path)


def text_errors(value: str | None, path: Path, longest: int = NAME_LENGTH) -> Iterator[UserError]:
    """INVALID_TEXT unless the value is text of 1 to so many characters (or None)."""
    if value is not None and not (1 <= len(value) <= longest and is_text(value)):
        yield UserError(
            "INVALID_TEXT", f"A text has 1 to {longest:,} characters, none of them a control character.", path
        )


def is_email(value: str) -> bool:
    """Whether a mail address can be written into a header and an envelope as it is: name@domain, of any script.

    No spaces or control characters, no quotes, comments or brackets, nothing that a reader of mails would take for an
    encoded word: lawful, seldom meant, and a way to smuggle. The same is asked of the domain as it is written in ASCII,
    where letters of full width become plain ones.
    """
    name, _, domain = value.rpartition("@")
    return (
        len(value) <= EMAIL_LENGTH
        and 1 <= len(name) <= LOCAL_PART_LENGTH
        and all(_is_dotted(part) for part in (name, domain, unicodedata.normalize("NFKC", domain)))
    )


def email_errors(value: str | None, path: Path) -> Iterator[UserError]:
    """INVALID_EMAIL unless the value is a mail address (or None)."""
    if value is not None and not is_email(value):
        message = f"A mail address is name@domain, of at most {EMAIL_LENGTH} characters, without spaces or =?."
        yield UserError("INVALID_EMAIL", message, path)


def locale_errors(value: str | None, path: Path) -> Iterator[UserError]:
    """INVALID_TEXT unless the value is a language tag of BCP 47, as far as its form goes (or None)."""
    if value is not None and not (len(value) <= LOCALE_LENGTH and _LOCALE.fullmatch(value)):
        yield UserError("INVALID_TEXT", "A locale is a language tag such as de or de-AT.", path)


def _is_dotted(part: str) -> bool:
    return (
        all(part.split("."))
        and _ENCODED_WORD not in part
        and not any(character in _NOT_IN_EMAIL or unicodedata.category(character)[0] in "CZ" for character in part)
    )


def scope_errors(type_: ScopeType, source: str | None, sku: str | None, path: Path) -> Iterator[UserError]:
    """DEFAULT_CANNOT_CHANGE, INVALID_SCOPE or INVALID_CODE unless the fields are those that the type names."""
    if type_ is ScopeType.DEFAULT:
        yield UserError(
            "DEFAULT_CANNOT_CHANGE",
            "DEFAULT is what ships with the program; set the rule at GLOBAL instead.",
            (*path, "type"),
        )
        return
    for field, value, is_named in (("source", source, type_.names_source), ("sku", sku, type_.names_sku)):
        if is_named and value is None:
            yield UserError("INVALID_SCOPE", f"A scope of type {type_} names a {field}.", (*path, field))
        elif not is_named and value is not None:
            yield UserError("INVALID_SCOPE", f"A scope of type {type_} names no {field}.", (*path, field))
        elif value is not None:
            yield from code_errors(value, (*path, field))


def setting_errors(setting: Setting, type_: ScopeType, value: SettingValue | None, path: Path) -> Iterator[UserError]:
    """SETTING_NOT_ALLOWED_AT_SCOPE or OUT_OF_BOUNDS unless a rule at such a scope may give the setting this value."""
    if type_ not in setting.scopes:
        allowed = ", ".join(setting.scopes)
        yield UserError(
            "SETTING_NOT_ALLOWED_AT_SCOPE", f"{setting.label} cannot be set at {type_}, only at {allowed}.", path
        )
    elif value is not None and not setting.accepts(value) and setting.minimum is not None:
        bound = "above" if setting.exclusive_minimum else "at least"
        yield UserError("OUT_OF_BOUNDS", f"{setting.label} must be {bound} {show(setting.minimum)}.", path)
