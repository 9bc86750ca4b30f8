"""What the service sends for its pages: compressed, cached, under a strict policy, and plainly said where it is missing."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from server import pages
from server.app import create_app
from server.settings import Settings
from tests.client import Api
from tests.server.process import ROOT

DIST = ROOT / "playground" / "dist"
KIBIBYTE = 1024


def built() -> dict[str, dict[str, Any]]:
    """What was built of each source file, and what it loads."""
    found: dict[str, dict[str, Any]] = json.loads((DIST / ".vite" / "manifest.json").read_text())
    return found


def files_of(page: str) -> set[str]:
    """All that a page can ever load, parts that it loads later too."""
    manifest, found, open_ = built(), set[str](), [f"{page}/index.html"]
    seen = set[str]()
    while open_:
        key = open_.pop()
        if key in seen:
            continue
        seen.add(key)
        chunk = manifest[key]
        found |= {chunk["file"], *chunk.get("css", []), *chunk.get("assets", [])}
        open_ += [*chunk.get("imports", []), *chunk.get("dynamicImports", [])]
    return found


def weight(page: str) -> int:
    """Bytes of a page as they are sent."""
    paths = [DIST / name for name in files_of(page)]
    compressed = [path.with_name(f"{path.name}.gz") for path in paths]
    return sum((gz if gz.exists() else path).stat().st_size for path, gz in zip(paths, compressed, strict=True))


@pytest.fixture
async def shop(database_url: str) -> Settings:
    """The settings of a service that has a shop."""
    return Settings.model_validate({"database_url": database_url, "shop_token": "no-token-of-anybody"})


@pytest.mark.parametrize("path", ["/admin", "/admin/products/TENT", "/graphiql", "/shop", "/shop/TENT"])
async def test_a_page_comes_under_a_policy_that_allows_nothing_but_the_service(shop: Settings, path: str) -> None:
    async with Api.of(create_app(shop)) as api:
        answer = await api.http.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert set(policy.values()) == {"'none'", "'self'"}
        assert answer.headers["cache-control"] == "no-cache"
        assert "<style" not in answer.text
        assert all(" src=" in tag for tag in answer.text.split("<script")[1:])


async def test_what_a_page_loads_is_compressed_and_kept_for_ever(shop: Settings) -> None:
    name = built()["admin/index.html"]["file"]
    async with Api.of(create_app(shop)) as api:
        answer = await api.http.get(f"/{name}", headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.content == (DIST / name).read_bytes()
        assert "access-control-allow-origin" not in answer.headers
        for missing in ("/assets/none.js", "/assets/../demo.json", "/assets/%2e%2e/%2e%2e/demo.json"):
            assert (await api.http.get(missing)).status_code == 404, missing


def test_pages_are_light() -> None:
    assert weight("admin") < 150 * KIBIBYTE
    assert weight("shop") < 60 * KIBIBYTE


async def test_without_built_pages_the_api_answers_and_the_page_says_what_to_run(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pages, "DIST", tmp_path)
    app = create_app(Settings.model_validate({"database_url": database_url}))
    async with app.router.lifespan_context(app), Api.of(app) as api:
        answer = await api.http.get("/admin")
        assert (answer.status_code, "make pages" in answer.text) == (503, True)
        assert await api.data("{ __typename }") == {"__typename": "Query"}


async def test_the_shop_is_there_only_with_a_token_to_place_orders_by(api: Api) -> None:
    assert (await api.http.get("/shop")).status_code == 404
    assert (await api.http.post("/shop/order", json={})).status_code == 404
    welcome = await api.http.get("/", headers={"Accept": "text/html"})
    assert 'href="/admin"' in welcome.text


async def test_only_a_browser_is_sent_from_the_endpoint_to_graphiql(api: Api) -> None:
    async def ask(accept: str) -> httpx.Response:
        return await api.http.get("/graphql?query=%7B__typename%7D", headers={"Accept": accept})

    browser = await ask("text/html,application/xhtml+xml,*/*;q=0.8")
    assert (browser.status_code, browser.headers["location"]) == (303, "/graphiql?query=%7B__typename%7D")
    for accept in ("*/*", "application/json", "application/graphql-response+json"):
        assert (await ask(accept)).json() == {"data": {"__typename": "Query"}}, accept


def test_the_wheel_has_the_pages_and_nothing_that_they_were_made_with(tmp_path: Path) -> None:
    build = f"import uv_build; uv_build.build_wheel({str(tmp_path)!r})"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run([sys.executable, "-c", build], cwd=ROOT, env={**os.environ, "PATH": path}, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"playground/dist/{name}" for page in ("admin", "graphiql", "shop") for name in files_of(page)}
    assert wanted <= names
    assert "playground/dist/admin/index.html" in names
    assert "playground/dist/licenses.md" in names
    assert [name for name in names if "node_modules" in name or name.startswith("playground/web")] == []
