"""Templates that a merchant replaces: used where they work, told of where they do not."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from resolvers.notifications.deliveries import Outcome
from server.mail.sender import mail_sender, template_problems
from server.mail.templates import SHIPPED
from server.settings import Settings
from tests.server.post_office import PostOffice, low, post_office, settings_for
from tests.server.process import ROOT, serving
from tests.server.test_mail import text_of

SENT = Outcome(delivered=True)
BROKEN: dict[str, tuple[str | bytes, str]] = {
    "no syntax": ("Subject: x\n\n{% if %}", "line 3"),
    "an unknown name": ("Subject: x\n\n{{ nobody.knows }}", "nobody"),
    "no subject": ("Hello", "Subject:"),
    "a reach into the program": ("Subject: {{ ''.__class__.__mro__ }}\n", "__class__"),
    "an error of its own": ("Subject: {{ 1 / 0 }}\n", "ZeroDivisionError"),
    "a file that is not there": ("{% include '../settings.py' %}", "TemplateNotFound"),
    "half of a character": ('Subject: x\n\n{{ "\\ud800" }}', "UnicodeEncodeError"),
    "no text": (b"Subject: \xff\xfe\n", "UnicodeDecodeError"),
}


def write(folder: Path, **files: str | bytes) -> Path:
    """Templates in a folder, by their name without .txt."""
    for name, text in files.items():
        (folder / f"{name}.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_the_shipped_templates_have_no_problem(tmp_path: Path) -> None:
    assert template_problems(Settings.model_validate({})) == []
    assert template_problems(Settings.model_validate({"mail_templates": tmp_path})) == []


async def test_a_template_of_the_same_name_wins(tmp_path: Path) -> None:
    write(tmp_path, digest="Subject: {{ total }}x\n\n{{ events[0].sku }} {{ events[0].headline }}")
    async with post_office() as office:
        chosen = settings_for(office, mail_templates=tmp_path)
        assert await mail_sender(chosen)([low(1)]) == [SENT]
        assert template_problems(chosen) == []
        write(tmp_path, digest="Subject: changed while it runs\n")
        assert await mail_sender(chosen)([low(1)]) == [SENT]
    first, second = office.mails
    assert (first["Subject"], text_of(first).strip()) == ("1x", "TENT TENT is low at berlin: 9 left")
    assert first.get_body(("html",)) is None
    assert second["Subject"] == "changed while it runs"


async def test_the_words_of_single_events_can_be_replaced_alone(tmp_path: Path) -> None:
    macros = "{% macro title(name) %}T{% endmacro %}{% macro reason(event) %}<R>{% endmacro %}"
    write(tmp_path, words=macros + "{% macro headline(event) %}{{ event.sku }} geht aus{% endmacro %}")
    async with post_office() as office:
        assert await mail_sender(settings_for(office, mail_templates=tmp_path))([low(1)]) == [SENT]
        (mail,) = office.mails
    assert mail["Subject"] == "TENT geht aus"
    assert "<br>&lt;R&gt;" in text_of(mail, "html")


@pytest.mark.parametrize("what", BROKEN)
async def test_a_broken_template_is_told_of_and_the_mail_goes_by_ours(tmp_path: Path, what: str) -> None:
    template, said = BROKEN[what]
    write(tmp_path, digest=template)
    office = PostOffice(answers=["250 OK", "450 later"])
    async with post_office(office=office):
        chosen = settings_for(office, mail_templates=tmp_path)
        (problem,) = template_problems(chosen)
        (outcome,) = await mail_sender(chosen)([low(1)])
        (later,) = await mail_sender(chosen)([low(1)])
    assert "digest.txt" in problem
    assert said in problem
    assert outcome == Outcome(delivered=True, error=problem)
    assert (later.delivered, later.error.startswith(problem), "450" in later.error) == (False, True, True)
    assert office.mails[0]["Subject"] == "TENT is low at berlin: 9 left"


def test_every_template_is_tried_in_every_language(tmp_path: Path) -> None:
    bad = dict.fromkeys(("order_backordered.de", "backorder_freed", "backorder_freed.fr-CA", "words"), "Subject: {{")
    write(tmp_path, **bad, other="Subject: {{")
    problems = template_problems(Settings.model_validate({"mail_templates": tmp_path}))
    assert [next(name for name in bad if f"{name}.txt" in problem) for problem in problems] == [
        "words",
        "order_backordered.de",
        "backorder_freed",
        "backorder_freed.fr-CA",
    ]


def test_the_service_warns_of_a_broken_template_and_starts(tmp_path: Path, database_url: str) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    write(folder, digest="Subject: {{ nobody }}\n")
    with serving(cwd=tmp_path, database_url=database_url, mail_templates=str(folder)) as service:
        assert "Warning: The template digest.txt cannot be used" in service.output()
        assert "'nobody' is undefined" in service.output()


def test_the_wheel_has_the_templates(tmp_path: Path) -> None:
    build = f"import uv_build; uv_build.build_wheel({str(tmp_path)!r})"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run([sys.executable, "-c", build], cwd=ROOT, env={**os.environ, "PATH": path}, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    shipped = {f"server/mail/wording/{file.name}" for file in SHIPPED.iterdir()}
    assert len(shipped) == 7
    assert shipped <= set(zipfile.ZipFile(wheel).namelist())
