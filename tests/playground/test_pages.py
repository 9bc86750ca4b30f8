"""The pages of the docs work word for word against the demo: every block is asked, in order, and answers what it says."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from server.demo import load_demo
from tests.client import Api

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"```graphql\n(.*?)```\n+```json\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("name", ["change-a-rule-safely.md", "orders.md", "storefront.md", "why.md"])
async def test_every_block_of_a_page_answers_what_it_says(api: Api, name: str) -> None:
    await load_demo()
    blocks = BLOCK.findall((DOCS / name).read_text())
    assert len(blocks) >= 3
    for query, answer in blocks:
        assert await api.data(query) == json.loads(answer, parse_float=Decimal), query
