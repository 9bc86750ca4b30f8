"""Whoever looks a word up finds it where the glossary says."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"\| ([^|]+) \| ([^|]+) \| ([^|]+) \|")
_BEARER = re.compile(r"`([\w/.]+): ([\w, ]+)`")


def _rows() -> list[tuple[str, str]]:
    """Each word, and what bears it."""
    lines = (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    found = [(match[1], match[3]) for line in lines if (match := _ROW.fullmatch(line))]
    return [(word, bearers) for word, bearers in found if word not in ("word", "---")]


def test_every_word_is_borne_by_what_the_glossary_says() -> None:
    missing = []
    for word, bearers in _rows():
        named = _BEARER.findall(bearers)
        assert named, word
        for place, names in named:
            path = ROOT / ("schema/schema.graphql" if place == "GraphQL" else place)
            text = path.read_text("utf-8") if path.exists() else ""
            missing += [(word, place, name) for name in names.split(", ") if not re.search(rf"\b{name}\b", text)]
    assert missing == []


def test_each_word_stands_once() -> None:
    words = [word for word, _ in _rows()]
    assert len(words) >= 40
    assert sorted(words) == sorted(set(words))
