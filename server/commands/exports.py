"""`salable export`: what other programs want to know, as CSV."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from resolvers.availability.product_list import SCAN_BATCH, Catalogue, ProductFilter
from resolvers.availability.products import ProductView
from resolvers.errors import RequestError
from resolvers.sales_channels import channels
from rules.quantity import show
from server.commands.session import plain_errors, refuse_behind, with_database
from server.files.csv_file import CsvWriter
from server.files.output import DASH, output_to, writing
from server.settings import settings

HEADER = ("sales_channel", "sku", "name", "salable_qty", "stock_status", "availability")


@click.group()
def export() -> None:
    """Write CSV files for other programs: UTF-8, with commas between the cells."""


@export.command("salable-quantities")
@click.option("--sales-channel", "codes", metavar="CODE", multiple=True, help="Only this one; may be repeated.")
@click.option(
    "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Instead of standard output."
)
def salable_quantities(codes: Sequence[str], output: Path | None) -> None:
    """Write what can be sold of each product in each sales channel, as a shopper would see it now.

    A FILE appears as a whole, or not at all; - is standard output. A text that a spreadsheet would run, such as =1+1, has
    a quote (') before it, and so has one that begins with a quote; `salable import` takes it off again.

    \b
    Columns:
      sales_channel   its code
      sku, name       the product
      salable_qty     the exact quantity; empty where stock is not managed
      stock_status    IN_STOCK or OUT_OF_STOCK
      availability    IN_STOCK, LIMITED_AVAILABILITY, BACK_ORDER or OUT_OF_STOCK

    \b
    Example:
      salable export salable-quantities --sales-channel default --output salable.csv
    """

    async def run() -> None:
        await refuse_behind()
        now = datetime.now(UTC)
        asked = [Catalogue(ProductFilter(), channel, now, all_items=False) for channel in await channels(codes)]
        with output_to(output) as file:
            await _write(file, asked, is_shown=output not in (None, DASH) and sys.stderr.isatty())

    with plain_errors():
        try:
            asyncio.run(with_database(settings().address, run))
        except RequestError as error:
            raise click.ClickException(str(error)) from None


async def _write(file: TextIO, asked: Sequence[Catalogue], *, is_shown: bool) -> None:
    writer = CsvWriter(file)
    total = sum([await catalogue.count() for catalogue in asked]) if is_shown else 0
    with click.progressbar(length=total, label="products", file=sys.stderr, hidden=not is_shown) as bar:
        with writing():
            writer.write([HEADER])
        for catalogue in asked:
            async for batch in catalogue.batches("", SCAN_BATCH):
                with writing():
                    writer.write([_cells(view) for view in batch])
                bar.update(len(batch))


def _cells(view: ProductView) -> tuple[str, ...]:
    found = view.availability
    salable = "" if found.salable_qty is None else show(found.salable_qty)
    return view.sales_channel, view.sku, view.name, salable, found.stock_status.value, found.kind.value
