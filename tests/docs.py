"""The pages of the docs as tests read them: what stands in their blocks, in order."""

import re
from collections.abc import Iterator
from pathlib import Path

_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


def blocks_of(page: Path) -> Iterator[tuple[str, str]]:
    """Each block with its language."""
    for _, language, text in _BLOCK.findall(page.read_text("utf-8")):
        yield language, text


def blocks(page: Path, language: str) -> Iterator[str]:
    """The blocks of one language."""
    return (text for found, text in blocks_of(page) if found == language)
