"""Scopes: what each names, and how it reads."""

import pytest

from rules.scope import DEFAULT, GLOBAL, Scope, ScopeType, scope_of

SOURCE = Scope(ScopeType.SOURCE, "north")
PRODUCT = Scope(ScopeType.PRODUCT, None, "sku-1")
PRODUCT_SOURCE = Scope(ScopeType.PRODUCT_SOURCE, "north", "sku-1")


@pytest.mark.parametrize(
    ("source", "sku", "scope"),
    [
        (None, None, GLOBAL),
        ("north", None, SOURCE),
        (None, "sku-1", PRODUCT),
        ("north", "sku-1", PRODUCT_SOURCE),
        ("", "", GLOBAL),
        ("north", "", SOURCE),
        ("", "sku-1", PRODUCT),
    ],
)
def test_a_scope_is_known_by_what_it_names(source: str | None, sku: str | None, scope: Scope) -> None:
    assert scope_of(source, sku) == scope


@pytest.mark.parametrize(
    ("type_", "source", "sku"),
    [
        (ScopeType.DEFAULT, False, False),
        (ScopeType.GLOBAL, False, False),
        (ScopeType.SOURCE, True, False),
        (ScopeType.PRODUCT, False, True),
        (ScopeType.PRODUCT_SOURCE, True, True),
    ],
)
def test_the_type_says_what_a_scope_names(type_: ScopeType, source: bool, sku: bool) -> None:
    assert (type_.names_source, type_.names_sku) == (source, sku)


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (DEFAULT, "the shipped default"),
        (GLOBAL, "global"),
        (SOURCE, "source north"),
        (PRODUCT, "product sku-1"),
        (PRODUCT_SOURCE, "product sku-1 at source north"),
    ],
)
def test_a_scope_reads_as_words(scope: Scope, words: str) -> None:
    assert str(scope) == words
