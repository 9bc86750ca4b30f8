"""A package is made with the pages or not at all; an editable install, which takes them later, is made without."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.server.process import ROOT

HOOK = "import sys; sys.path.insert(0, 'playground'); import build_backend; build_backend.{}(sys.argv[1])"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The sources as they are in a clean checkout."""
    folder = tmp_path / "checkout"
    left_out = shutil.ignore_patterns(".*", "node_modules", "dist", "tests", "docs", "__pycache__", "*.egg-info")
    shutil.copytree(ROOT, folder, ignore=left_out)
    return folder


def built(checkout: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """What a command in the checkout says; the package lands beside it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PIP_NO_INDEX": "1"}
    return subprocess.run(
        [sys.executable, *command], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


def wheel(checkout: Path) -> "subprocess.CompletedProcess[str]":
    """`pip install .` makes it so."""
    return built(checkout, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "--wheel-dir", "..")


def put_pages(checkout: Path) -> Path:
    """Pages as `make pages` leaves them; the folder."""
    dist = checkout / "playground" / "dist"
    for name in ("admin", "graphiql", "shop"):
        (dist / name).mkdir(parents=True)
        page = f'<html lang="en"><script src="/assets/{name}-1.js"></script></html>'
        (dist / name / "index.html").write_text(page, encoding="utf-8")
    (dist / "assets").mkdir()
    for name in ("admin", "graphiql", "shop"):
        (dist / "assets" / f"{name}-1.js").write_text("1", encoding="utf-8")
    return dist


def test_a_wheel_has_the_pages_or_is_not_made(checkout: Path) -> None:
    refused = wheel(checkout)
    assert refused.returncode != 0
    assert "The pages are not built" in refused.stdout + refused.stderr
    assert "make pages" in refused.stdout + refused.stderr
    assert list(checkout.parent.glob("*.whl")) == []

    dist = put_pages(checkout)
    made = wheel(checkout)
    assert made.returncode == 0, made.stdout + made.stderr
    [package] = checkout.parent.glob("*.whl")
    names = zipfile.ZipFile(package).namelist()
    pages = {f"playground/dist/{file.relative_to(dist).as_posix()}" for file in dist.rglob("*") if file.is_file()}
    assert pages <= set(names)
    assert [name for name in names if name.startswith(("playground/web", "playground/build_backend"))] == []


@pytest.mark.parametrize("missing", ["shop/index.html", "assets/admin-1.js"])
def test_pages_that_are_built_in_part_are_not_built(checkout: Path, missing: str) -> None:
    (put_pages(checkout) / missing).unlink()
    for hook in ("build_wheel", "build_sdist"):
        refused = built(checkout, "-c", HOOK.format(hook), "..")
        assert (refused.returncode, missing in refused.stderr) == (1, True), refused.stderr
    assert not [*checkout.parent.glob("*.whl"), *checkout.parent.glob("*.tar.gz")]


def test_the_sources_are_packed_with_the_pages_and_make_the_same_wheel(checkout: Path) -> None:
    put_pages(checkout)
    made = built(checkout, "-c", HOOK.format("build_sdist"), "..")
    assert made.returncode == 0, made.stderr
    [archive] = checkout.parent.glob("*.tar.gz")
    shutil.unpack_archive(archive, checkout.parent / "unpacked", filter="data")
    [unpacked] = (checkout.parent / "unpacked").iterdir()
    made = built(unpacked, "-c", HOOK.format("build_wheel"), "..")
    assert made.returncode == 0, made.stderr
    [package] = (checkout.parent / "unpacked").glob("*.whl")
    assert "playground/dist/assets/shop-1.js" in zipfile.ZipFile(package).namelist()


def test_an_editable_install_waits_for_its_pages(checkout: Path) -> None:
    made = built(checkout, "-c", HOOK.format("build_editable"), "..")
    assert made.returncode == 0, made.stderr
    assert len(list(checkout.parent.glob("*.whl"))) == 1
