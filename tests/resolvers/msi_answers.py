"""How each kind of question of tests/cases/msi-cases.json is asked of our resolvers."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from resolvers.availability.product_list import ProductFilter, product_page
from resolvers.availability.products import ProductView, products_by_sku, salability_of
from resolvers.catalogue.stocks import channel_page, stock_page
from resolvers.errors import RequestError
from resolvers.sales_channels import channel_by_code
from rules.calculator import StockStatus, quantity_of
from rules.salability import Salability
from tests.resolvers.msi_own_input import backorder_notice, config_save, product_stock_data_filter
from tests.resolvers.msi_world import Case, Row, stock_number


async def assigned_stocks(case: Case) -> list[int]:
    """The stocks that the product is assigned to."""
    return [stock for stock, _, _ in await _views_by_stock(case)]


async def backorder_qty(case: Case) -> Decimal:
    """How much of the quantity would be late; only a quantity that can be bought has an answer."""
    answer = await _judgement_of(case)
    assert answer.is_salable
    return answer.backordered_qty


async def export_salable_qty(case: Case) -> Row:
    """The product's row in the list of what its sales channel can sell."""
    found = (await _listed(case)).availability
    return {"sku": case.ask["sku"], "qty": found.salable_qty, "is_salable": _sells(found.stock_status)}


async def export_stock_index(case: Case) -> Row:
    """The product's row in the list of what its sales channel has on hand."""
    found = (await _listed(case)).availability
    return {"sku": case.ask["sku"], "qty": found.on_hand, "is_salable": _sells(found.stock_status)}


async def is_salable(case: Case) -> bool:
    """Whether any quantity is for sale."""
    return _sells((await _view_of(case)).availability.stock_status)


async def is_salable_for_requested_qty(case: Case) -> bool:
    """Whether the quantity can be bought."""
    return (await _judgement_of(case)).is_salable


async def low_stock_feed_count(case: Case) -> int:
    """How many items with a notify row are low, by what the walk gives them.

    The feed lists items with a row, those at disabled sources too; which items a report of ours lists is not asked here.
    """
    rows = {(row["sku"], row["source"]) for row in case.rows("notify")}
    skus = sorted({sku for sku, _ in rows})
    low = {
        (view.sku, each.item.source)
        for stock in case.rows("stocks")
        for view in await products_by_sku(skus, case.channel(stock["id"]), all_items=False)
        if view is not None and view.availability.is_stock_managed
        for each in view.availability.config.sources
        if each.item.quantity <= quantity_of(each.notify_for_quantity_below.value)
    }
    return len(low & rows)


async def notify_stock_qty(case: Case) -> Decimal:
    """The notify quantity of a product at a source, after the walk."""
    source = case.ask["source"]
    stocks = [link["stock"] for link in case.rows("links") if link["source"] == source]
    (view,) = await products_by_sku([case.ask["sku"]], case.channel(stocks[0]), all_items=False)
    assert view is not None
    found = [each for each in view.availability.config.sources if each.item.source == source]
    return quantity_of(found[0].notify_for_quantity_below.value)


async def only_x_left(case: Case) -> Decimal | None:
    """The number of "Only 5 left", if it is shown."""
    return (await _view_of(case)).availability.only_x_left


async def reservation_qty(case: Case) -> Decimal:
    """The sum of the reservations, where nothing has happened to them."""
    assert case.ask["events"] == []
    return (await _view_of(case)).availability.position.reservations


async def reasons_of(case: Case) -> list[str]:
    """The codes of the checks that the quantity of a case fails."""
    return [error.code for error in (await _judgement_of(case)).errors]


async def salable_qty(case: Case) -> Decimal | None:
    """The salable quantity."""
    return (await _view_of(case)).availability.salable_qty


async def salable_qty_by_stock(case: Case) -> list[Row]:
    """The salable quantity in every stock that the product is assigned to."""
    return [
        {
            "stock_id": stock,
            "stock_name": name,
            "qty": view.availability.salable_qty,
            "manage_stock": view.availability.is_stock_managed,
        }
        for stock, name, view in await _views_by_stock(case)
    ]


async def sorted_source_items(case: Case) -> list[Row]:
    """The items that can be sold at these sources, as the stock that draws on them in this order has them."""
    asked, skus = case.ask["sorted_sources"], case.ask["skus"]
    (stock,) = [
        stock
        for stock in (await stock_page(None, None)).nodes
        if [link.source.code for link in stock.sources if link.source.code in asked] == asked
    ]
    views = await products_by_sku(skus, case.channel(stock_number(stock.code)), all_items=False)
    return [
        {"source": each.item.source, "sku": view.sku, "quantity": each.item.quantity}
        for view in views
        if view is not None
        for each in view.availability.counting
        if each.item.source in asked
    ]


async def stock_item_data(case: Case) -> Row | None:
    """The quantity that counts and whether it sells; None where the product is not assigned to the stock."""
    found = (await _view_of(case)).availability
    if not found.position.is_assigned:
        return None
    return {"quantity": found.on_hand, "is_salable": _sells(found.stock_status)}


async def stock_resolver(case: Case) -> int | Row:
    """The stock that a sales channel sells from."""
    try:
        channel = await channel_by_code(case.ask["code"])
    except RequestError as error:
        return {"error": error.code}
    return stock_number(channel.stock)


async def stock_status(case: Case) -> str:
    """Whether anything can be sold, in the words of a product page."""
    return (await _view_of(case)).availability.stock_status.value


async def stocks_by_sources(case: Case) -> list[int]:
    """The stocks that draw on any of these sources."""
    asked = set(case.ask["sources"])
    stocks = (await stock_page(None, None)).nodes
    return [stock_number(each.code) for each in stocks if asked & {link.source.code for link in each.sources}]


ANSWERS: dict[str, Callable[[Case], Awaitable[Any]]] = {
    "assigned_stocks": assigned_stocks,
    "backorder_notice": backorder_notice,
    "backorder_qty": backorder_qty,
    "can_place_order": is_salable_for_requested_qty,
    "config_save": config_save,
    "export_salable_qty": export_salable_qty,
    "export_stock_index": export_stock_index,
    "is_salable": is_salable,
    "is_salable_for_requested_qty": is_salable_for_requested_qty,
    "low_stock_feed_count": low_stock_feed_count,
    "notify_stock_qty": notify_stock_qty,
    "only_x_left": only_x_left,
    "product_stock_data_filter": product_stock_data_filter,
    "reservation_qty": reservation_qty,
    "salable_qty": salable_qty,
    "salable_qty_by_stock": salable_qty_by_stock,
    "sorted_source_items": sorted_source_items,
    "stock_item_data": stock_item_data,
    "stock_resolver": stock_resolver,
    "stock_status": stock_status,
    "stocks_by_sources": stocks_by_sources,
}


async def _view_of(case: Case) -> ProductView:
    (view,) = await products_by_sku([case.ask["sku"]], case.channel(case.ask["stock"]), all_items=False)
    assert view is not None
    return view


async def _judgement_of(case: Case) -> Salability:
    line = case.ask["sku"], Decimal(case.ask["qty"])
    return (await salability_of([line], case.channel(case.ask["stock"])))[0]


def _sells(status: StockStatus) -> bool:
    return status is StockStatus.IN_STOCK


async def _listed(case: Case) -> ProductView:
    page = await product_page(ProductFilter(assigned=True), None, None, case.ask["sales_channel"], is_admin=True)
    (view,) = [view for view in page.nodes if view.sku == case.ask["sku"]]
    return view


async def _views_by_stock(case: Case) -> list[tuple[int, str, ProductView]]:
    """The product in every stock that it is assigned to, by the stock's number."""
    found = {}
    for channel in (await channel_page(None, None)).nodes:
        (view,) = await products_by_sku([case.ask["sku"]], channel.code, all_items=False)
        if view is not None and view.availability.position.is_assigned:
            found[stock_number(channel.stock.code)] = (channel.stock.name, view)
    return [(stock, *found[stock]) for stock in sorted(found)]
