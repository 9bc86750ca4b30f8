"""The words of mails: Jinja templates, of which a merchant may replace any by a file of the same name.

A text template begins with the line `Subject: ...`. It is looked for by the reader's language, nearest first
(NAME.de-AT.txt, NAME.de.txt, NAME.txt), in the merchant's folder and then in ours. The HTML of a mail is the file beside its
text: a merchant who replaces the text alone sends text alone. A template of theirs that fails is said, and ours is used.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import category

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

SHIPPED = Path(__file__).parent / "wording"
LONGEST_SUBJECT = 200
LONGEST_PROBLEM = 300
_SUBJECT = "Subject:"
_NOT_IN_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Rendered:
    """The words of one mail; problem says what was wrong with a template that was replaced, '' for nothing."""

    subject: str
    text: str
    html: str | None
    problem: str = ""


class MailTemplates:
    """The templates that are shipped, and before them those of a merchant's folder (None: there is none)."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._shipped = _environment([SHIPPED])
        self._own = _environment([folder, SHIPPED]) if folder else None

    def render(self, name: str, locale: str, facts: Mapping[str, Any]) -> Rendered:
        """One mail by the template of this name, in the language asked for as far as there is one."""
        problem = ""
        if self._folder and self._own:
            file = _nearest(self._folder, name, locale)
            folder = self._folder if file else SHIPPED
            try:
                # Even a template of ours may import one of theirs.
                return _rendered(self._own, folder, file or _shipped(name, locale), facts)
            except Exception as error:  # noqa: BLE001  # a template can raise whatever its expressions can
                problem = _said(file or f"{name}.txt", error)
        return _rendered(self._shipped, SHIPPED, _shipped(name, locale), facts, problem)

    def problems(self, samples: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
        """What is wrong with the merchant's templates: each is rendered, in every language, with these facts by its name."""
        if not self._folder or not self._own:
            return
        for name, examples in samples.items():
            for file in [f"{name}.txt", *sorted(_languages(self._folder, name))]:
                folder = self._folder if (self._folder / file).is_file() else SHIPPED
                try:
                    for facts in examples:
                        _rendered(self._own, folder, file, facts)
                except Exception as error:  # noqa: BLE001  # as above
                    yield _said(file, error)


def _environment(folders: list[Path]) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=lambda name: bool(name) and str(name).endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _nearest(folder: Path, name: str, locale: str) -> str | None:
    """The file of the nearest language in this folder; languages are compared without case."""
    files = {file.casefold(): file for file in _languages(folder, name)}
    tags = locale.casefold().split("-") if locale else []
    for length in range(len(tags), 0, -1):
        if file := files.get(f"{name}.{'-'.join(tags[:length])}.txt".casefold()):
            return file
    return f"{name}.txt" if (folder / f"{name}.txt").is_file() else None


def _shipped(name: str, locale: str) -> str:
    return _nearest(SHIPPED, name, locale) or f"{name}.txt"


def _languages(folder: Path, name: str) -> list[str]:
    return [path.name for path in folder.glob(f"{name}.*.txt")]


def _rendered(
    environment: ImmutableSandboxedEnvironment, folder: Path, file: str, facts: Mapping[str, Any], problem: str = ""
) -> Rendered:
    facts = _worded(environment, facts)
    head, _, text = environment.get_template(file).render(facts).lstrip().partition("\n")
    text.encode()  # an expression can make halves of a surrogate pair, which nothing can send
    if not head.startswith(_SUBJECT):
        raise TemplateError(f"its first line must be `{_SUBJECT} ...`")
    beside = f"{file.removesuffix('.txt')}.html"
    html = environment.get_template(beside).render(facts) if (folder / beside).is_file() else None
    (html or "").encode()
    return Rendered(one_line(head.removeprefix(_SUBJECT))[:LONGEST_SUBJECT], text.strip() + "\n", html, problem)


def _worded(environment: ImmutableSandboxedEnvironment, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts of a digest with the words of each event, as plain text: Jinja would take what a macro says for HTML."""
    if "groups" not in facts:
        return facts
    said: Any = environment.get_template("words.txt").module

    def worded(event: Mapping[str, Any]) -> dict[str, Any]:
        return {**event, "headline": str(said.headline(event)).strip(), "reason": str(said.reason(event)).strip()}

    groups = [
        {
            "name": group["name"],
            "title": str(said.title(group["name"])).strip(),
            "events": [*map(worded, group["events"])],
        }
        for group in facts["groups"]
    ]
    return {**facts, "groups": groups, "events": [event for group in groups for event in group["events"]]}


def one_line(text: str) -> str:
    """The text without control characters and line breaks of any script: what may stand in a header."""
    return " ".join("".join(" " if category(letter) in _NOT_IN_A_LINE else letter for letter in text).split())


def _said(file: str, error: Exception) -> str:
    where = f"{error.name or file} (line {error.lineno})" if isinstance(error, TemplateSyntaxError) else file
    problem = str(error).rstrip(".")
    said = one_line(f"The template {where} cannot be used ({type(error).__name__}: {problem}).")
    return said if len(said) <= LONGEST_PROBLEM else f"{said[:LONGEST_PROBLEM]}..."
