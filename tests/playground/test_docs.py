"""The walks of the pages: each begins with the demo as it is loaded, and what they ask is answered as they say."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from server.demo import load_demo
from tests.client import Api
from tests.docs import blocks_of
from tests.schema.live import following

ROOT = Path(__file__).parents[2]
PAGES = sorted(page for page in (ROOT / "docs").glob("*.md") if "```graphql" in page.read_text("utf-8"))
FOR_SHOPPERS = "storefront.md"
BEGINNING = "salable demo --reset"
CURL = re.compile(r"curl http://127\.0\.0\.1:8000/graphql .*-d '(.*)'", re.DOTALL)


def _steps(page: Path) -> Iterator[tuple[str, Any]]:
    """Each document of a page with the answer that stands right below it, None where there is none."""
    blocks = [*blocks_of(page), ("", "")]
    for (language, text), (next_language, next_text) in pairwise(blocks):
        if language == "graphql":
            yield text, json.loads(next_text, parse_float=Decimal) if next_language == "json" else None


def _user_errors(value: Any) -> list[Any]:
    return [each for payload in value.values() for each in payload.get("userErrors", ())]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_with_a_walk_says_how_to_begin_with_known_data(page: Path) -> None:
    before_the_walk, _, _ = page.read_text("utf-8").partition("```graphql")
    assert BEGINNING in before_the_walk


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_a_page_answers_as_it_says_from_the_data_that_it_begins_with(api: Api, page: Path) -> None:
    await load_demo()
    for document, answer in _steps(page):
        if document.startswith("subscription"):
            async with following(["TENT"], query=document) as follower:
                assert (await follower.result()).errors is None
            continue
        found = await api.data(document, admin=page.name != FOR_SHOPPERS or "mutation" in document)
        if answer is None:
            assert _user_errors(found) == []
        else:
            assert found == answer


async def test_the_first_question_of_the_readme_is_answered_as_it_says(api: Api) -> None:
    await load_demo()
    (question,) = [found[1] for language, text in blocks_of(ROOT / "README.md") if (found := CURL.search(text))]
    (answer,) = [text for language, text in blocks_of(ROOT / "README.md") if language == "json"]
    answered = await api.ask(json.loads(question)["query"], admin=False)
    assert answered == json.loads(answer, parse_float=Decimal)
