"""Pages along a key have every row once, whatever the conditions."""

from resolvers.catalogue.sources import SourceRow, source_page, upsert_sources
from resolvers.pages import Total


async def _walked(search: str | None) -> tuple[list[list[str]], Total | int]:
    """The codes of all pages of two, and how many rows there are by the last one."""
    pages, after = [], None
    while True:
        found = await source_page(2, after, search=search, enabled=True)
        pages.append([source.code for source in found.nodes])
        assert found.has_previous_page == (after is not None)
        if not found.has_next_page:
            return pages, await found.count()
        after = found.end_cursor


async def test_pages_have_each_row_once_in_the_order_of_the_key(db: None) -> None:
    codes = ["B", "a", "b", "north", "south"]
    await upsert_sources([SourceRow(code, f"At {code}") for code in codes])
    await upsert_sources([SourceRow("closed", "At closed", enabled=False)])
    assert await _walked(None) == ([["B", "a"], ["b", "default"], ["north", "south"]], 6)
    assert await _walked("OUT") == ([["south"]], 1)
    assert await _walked("at b") == ([["B", "b"]], 2)
