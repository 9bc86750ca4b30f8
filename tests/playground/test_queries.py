"""Every sample query, asked of the demo catalogue, answers what it is said to answer."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from server.demo import load_demo
from tests.client import Api
from tests.schema.live import following

QUERIES = Path(__file__).parents[2] / "playground" / "queries"
ANSWERS = Path(__file__).parent / "answers"
NAMES = sorted(path.stem for path in QUERIES.glob("*.graphql"))


def test_every_query_has_its_answer() -> None:
    assert sorted(path.stem for path in ANSWERS.glob("*.json")) == NAMES


@pytest.mark.parametrize("name", NAMES)
async def test_a_sample_query_answers_what_it_says(api: Api, name: str) -> None:
    await load_demo()
    query = (QUERIES / f"{name}.graphql").read_text()
    expected = json.loads((ANSWERS / f"{name}.json").read_text(), parse_float=Decimal)
    if "\nsubscription" in query:
        async with following([], query=query) as follower:
            assert (await follower.result()).data == expected
        return
    assert await api.data(query, admin="# Admin:" in query) == expected
