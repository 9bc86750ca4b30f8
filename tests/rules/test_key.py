"""Keys: which ones a new row may have, in which form they are stored, and how they are shown."""

import json
import unicodedata

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rules.key import (
    LONGEST_FOLDED,
    LONGEST_GIVEN,
    LONGEST_KEY,
    fault_of,
    folded,
    is_invisible,
    no_such,
    normal,
    quoted,
    stored_as,
    visible,
)
from rules.scope import scope_of

# What keys are made of, and what only looks like nothing or like something else; halves of pairs too.
ODD = (
    "aA é\u0301ßﬁ\uff21²½Å\u212b\u0345\u1f82\u00a0\u3000\u200b\u200d\ufeff"
    "\u00ad\u2028\u034f\u115f\u3164\u2800\ufe0f\U000e0101\ud800\x85\n"
)
TEXT = st.text(st.one_of(st.sampled_from(ODD), st.characters()), max_size=LONGEST_GIVEN + 4)


@pytest.mark.parametrize(
    "key", ["a", "24-MB01", "two words", "Größe/42", "货号", "😀" * 64, "e\u0301" * 64, "a.b_c", '"']
)
def test_what_can_be_read_is_a_key(key: str) -> None:
    assert fault_of(key) is None


@pytest.mark.parametrize(
    "key",
    [
        *("", "A" * 65, "😀" * 65, "a\nb", "\x7f", "\ud800", "\x85"),
        *("TENT ", " TENT", "TENT\u00a0", "\u3000TENT", "TENT\t", " ", "TENT\u2003"),
        *("TENT\u200b", "\ufeffTENT", "TE\u00adNT", "TE\u2028NT", "\u202eTENT", "TE\u2060NT", "TENT\U000e0041"),
        *("TENT\u3164", "\u115fTENT", "\u2800", "TE\u034fNT", "TENT\ufe0f", "TENT\uffa0", "TENT\U000e0101"),
        *("\u1f82" * 65, "\ufb1d" * 33),  # the second is two characters each in NFC
    ],
)
def test_what_cannot_be_seen_or_is_too_long_is_no_key(key: str) -> None:
    assert fault_of(key) is not None


@given(TEXT)
def test_a_key_is_stored_in_one_form_in_which_everything_can_be_seen(text: str) -> None:
    stored = normal(text)
    assert normal(stored) == stored
    if fault_of(text) is None:
        assert unicodedata.is_normalized("NFC", stored)
        assert 1 <= len(stored) <= LONGEST_KEY
        assert stored == stored.strip()
        assert not any(unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") for each in stored)
        assert not any(map(is_invisible, stored))
        assert fault_of(stored) is None
        assert folded(stored)


@given(TEXT, TEXT)
def test_every_form_of_a_key_is_the_same_key(text: str, other: str) -> None:
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    if len(forms[0]) <= LONGEST_KEY:
        assert {normal(form) for form in forms} == {forms[0]}
        assert {fault_of(form) for form in forms} == {fault_of(text)}
    assert stored_as(text, {text, other}) == text
    assert stored_as(text, ()) == normal(text)


@given(TEXT, st.sampled_from(" \u00a0\u200b\u3164\u3000\ufeff"))
def test_case_spaces_forms_and_what_cannot_be_seen_tell_no_look_alikes_apart(text: str, nothing: str) -> None:
    look = folded(text)
    assert len(look) <= LONGEST_FOLDED or text.isascii()
    assert folded(unicodedata.normalize("NFD", text)) == look
    assert folded(f"{text[:2]}{nothing}{text[2:]}") == look or unicodedata.combining(text[2:3] or " ")
    if len(text) <= LONGEST_KEY:
        assert folded(look) == look


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("TENT", "tent"),
        ("TENT", "Te Nt"),
        ("STRASSE", "straße"),
        ("É", "e\u0301"),
        ("\uff34\uff25\uff2e\uff34", "tent"),
        ("T\u200bENT", "TENT"),
    ],
)
def test_keys_look_alike(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("TENT", "TENT-2"), ("A-1", "A1"), ("0", "O"), ("É", "E"), ("1.0", "10")])
def test_keys_do_not_look_alike(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text(st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"])), max_size=LONGEST_KEY))
def test_a_quoted_key_shows_everything_and_is_read_back_exactly(key: str) -> None:
    text = quoted(key)
    assert not any(is_invisible(each) for each in text)
    if not any(unicodedata.category(each) == "Cs" for each in key):
        assert yaml.safe_load(text) == key


def test_quotes_make_blanks_and_forms_visible() -> None:
    assert quoted("24-MB01 ") == '"24-MB01 "'
    assert quoted("TENT\u00a0\u200b") == r'"TENT\u00a0\u200b"'
    assert quoted("Café") == '"Café"'
    assert quoted("Cafe\u0301") == r'"Cafe\u0301"'
    assert quoted('a"\\') == json.dumps('a"\\')
    assert quoted("x" * 65) == f'"{"x" * 64}..."'
    assert [visible("TENT"), visible("TENT "), visible("")] == ["TENT", '"TENT "', '""']
    assert str(scope_of("east ", "TENT")) == 'product TENT at source "east "'
    assert no_such("product", "TENT ", "TENT") == 'There is no product "TENT "; there is "TENT".'
