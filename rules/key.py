"""Keys: the SKUs, codes, order numbers and names of tokens that name one thing each.

A key is what a person reads: no character of it is invisible, none is white space at an end, and it has one form (NFC).
Rows from before this held may bear other keys; they are found by the very key that they bear.
"""

import unicodedata
from collections.abc import Container

LONGEST_KEY = 64
"""Characters of a key in NFC."""
LONGEST_GIVEN = 4 * LONGEST_KEY
"""Characters that a key can have in any other form; longer text is never normalised: that takes long."""
LONGEST_FOLDED = 255

_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
# Characters that show nothing, though their categories are those of letters, marks and symbols: the rest of Unicode's
# Default_Ignorable_Code_Point (joiners, fillers, variation selectors), the empty braille cell, a notehead without a head.
_BLANKS = (
    *((0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2065, 0x2065), (0x2800, 0x2800)),
    *((0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1D159, 0x1D159), (0xE0000, 0xE0FFF)),
)
_ALL_BLANKS = frozenset(chr(point) for first, last in _BLANKS for point in range(first, last + 1))


def is_invisible(character: str) -> bool:
    """Whether a character shows nothing and takes no place: control, format and filling ones. Spaces are none of them."""
    return unicodedata.category(character) in _INVISIBLE or character in _ALL_BLANKS


def normal(key: str) -> str:
    """A key in the form in which it is stored (NFC); what is too long for a key stays as it is."""
    return key if key.isascii() or len(key) > LONGEST_GIVEN else unicodedata.normalize("NFC", key)


def stored_as(key: str, known: Container[str]) -> str:
    """Which of the known keys this one names: the very same where there is it, else the one in NFC (known or not)."""
    return key if key in known else normal(key)


def fault_of(key: str) -> str | None:
    """Why nothing new may have this key, as the end of a sentence that begins with it; None where it may."""
    stored = normal(key)
    if not 1 <= len(stored) <= LONGEST_KEY:
        return f"has {len(stored):,} characters; a code has 1 to {LONGEST_KEY}"
    is_plain = stored.isascii() and stored.isprintable()
    if not is_plain and (found := next(filter(is_invisible, stored), None)):
        return f"holds {escaped(found)}, which cannot be seen"
    if stored != stored.strip():
        return "begins or ends with white space"
    return None


def folded(key: str) -> str:
    """What keys that look alike have in common: neither case nor spaces, invisible characters or forms tell them apart.

    This is Unicode's NFKC_Casefold without white space, and never longer than LONGEST_FOLDED.
    """
    if key.isascii() and key.isprintable():
        return "".join(key.split()).casefold()
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFD", key).casefold()).casefold()
    seen = [character for character in text if not (character.isspace() or is_invisible(character))]
    return unicodedata.normalize("NFKC", "".join(seen))[:LONGEST_FOLDED]


def quoted(key: str) -> str:
    r"""A key as messages and rule files show it: in quotes, what cannot be seen written as \u00a0.

    Where it is not in NFC, what makes the difference is written so too. A string of YAML.
    """
    shown = key[:LONGEST_KEY]
    is_normal = normal(shown) == shown
    characters = (
        escaped(character) if _needs_escape(character, is_normal=is_normal) else character for character in shown
    )
    return f'"{"".join(characters)}{"..." if len(key) > LONGEST_KEY else ""}"'


def visible(key: str) -> str:
    """A key within a sentence: as it is, but in quotes where it holds a space or anything that cannot be seen."""
    return key if key and quoted(key) == f'"{key}"' and " " not in key else quoted(key)


def no_such(noun: str, key: str, alike: str | None = None) -> str:
    """The sentence that there is no such thing, and which one there is that only looks like it."""
    return with_hint(f"There is no {noun} {quoted(key)}.", alike)


def no_such_item(sku: str, source: str, alike: str | None = None) -> str:
    """The sentence that a product does not lie at a source, and which one there is that only looks like it."""
    return with_hint(f"There is no {quoted(sku)} at source {quoted(source)}.", alike)


def with_hint(sentence: str, alike: str | None) -> str:
    """A sentence about a key that will not do, and which one there is that only looks like it."""
    return sentence if alike is None else f"{sentence[:-1]}; there is {quoted(alike)}."


def escaped(character: str) -> str:
    """A character as an escape of four or eight hexadecimal digits; a quote or a backslash behind a backslash."""
    if character in '"\\':
        return f"\\{character}"
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def _needs_escape(character: str, *, is_normal: bool) -> bool:
    if character in '"\\' or is_invisible(character) or (character != " " and not character.isprintable()):
        return True
    return not is_normal and (
        unicodedata.combining(character) > 0 or unicodedata.normalize("NFC", character) != character
    )
