"""What builds the wheel: uv's build backend, which refuses while the pages are not built.

The pages are made by Node, from playground/web, and are in no checkout. Without them a wheel would install, and serve its
admin app as an error. An editable install takes them from where `make pages` puts them, later too: it is not refused.
"""

import re
from pathlib import Path
from typing import Any

import uv_build
from uv_build import (  # the names that PEP 517 and PEP 660 ask for
    build_editable,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

DIST = Path(__file__).parent / "dist"
PAGES = ("admin", "graphiql", "shop")
_ASSET = re.compile(r'="/(assets/[^"]+)"')


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """A wheel, with the pages."""
    _refuse_without_pages()
    return uv_build.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory: str, config_settings: Any = None) -> str:
    """An archive of the sources, with the pages: who builds from it needs no Node."""
    _refuse_without_pages()
    return uv_build.build_sdist(sdist_directory, config_settings)


def _refuse_without_pages() -> None:
    missing = [f"{name}/index.html" for name in PAGES if not (DIST / name / "index.html").is_file()]
    for name in PAGES if not missing else ():
        page = (DIST / name / "index.html").read_text(encoding="utf-8")
        missing += [asset for asset in _ASSET.findall(page) if not (DIST / asset).is_file()]
    if missing:
        raise SystemExit(
            f"The pages are not built: {DIST / missing[0]} is not there. A package without them is not made."
            " Run `make pages` in the project's folder, and build again."
        )
