"""The statements that stand in our code, as patterns of what is sent: none may be left out of the walk unseen."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("models", "resolvers", "server", "schema")
_BEGINS = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\s+\S", re.ASCII)
_HOLE = re.compile(r"\\\{\w*(?::\w+)?\\\}|\0")


@dataclass(frozen=True, slots=True)
class Written:
    """One text of SQL, and where it stands."""

    place: str
    text: str

    def is_among(self, sent: str) -> bool:
        """Whether it was sent; what its holes are filled with does not matter. sent: all statements, squeezed."""
        pattern = _HOLE.sub(".*?", re.escape(squeezed(self.text)))
        return re.search(pattern, sent) is not None


def squeezed(text: str) -> str:
    """Without what only lays it out."""
    return re.sub(r"\s+", " ", text).strip()


def written_statements() -> Iterator[Written]:
    """All of our code but the migrations, which write each statement once."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from _of_file(path)


def _of_file(path: Path) -> Iterator[Written]:
    tree = ast.parse(path.read_text("utf-8"))
    within = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        text = _text(node) if id(node) not in within else None
        if text is not None and _BEGINS.match(text) and not text.startswith("Update"):
            yield Written(f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}", text)


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value).replace("{", "{").replace("}", "}") if isinstance(part, ast.Constant) else "\0"
            for part in node.values
        )
    return None
