"""`salable import`: what other programs know of products and their stock, from CSV files."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import click

from resolvers.catalogue import item_import, magento_import
from resolvers.catalogue.item_import_advice import ItemImportAdvice
from resolvers.catalogue.magento_import import ImportedProduct
from resolvers.catalogue.product_import_advice import ProductImportAdvice
from rules.advice_tally import AdviceTally
from rules.magento_file import ignored_stock_columns, why_no_source_items
from rules.magento_notes import MagentoNotes
from server.commands.actor import actor, shown_name
from server.commands.session import plain_errors, refuse_behind, with_database
from server.files.csv_file import CsvFile, CsvFileError, open_csv
from server.files.import_run import Faults, FileKind, Tally, asked_by_interrupt, import_batches
from server.files.reject_file import RejectFile
from server.settings import settings

T = TypeVar("T")
INTERRUPTED = 130
Finish = Callable[[], Awaitable[AdviceTally]]
"""Ends the count of what a run may have done that was not meant."""

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
DRY_RUN = click.option("--dry-run", is_flag=True, help="Check every row and write nothing.")


@click.group("import")
def import_() -> None:
    """Bring in products, their stock and their rules from CSV files.

    A file is UTF-8, with commas between its cells. SKUs and codes are read as they stand, blanks at their ends too.
    5,000 rows are written at a time, all or none. Rows that are wrong are set aside in FILE.rejected.csv, with their
    lines and the reasons; the others are written. Importing a file again does no harm. - is standard input, its rejected
    rows are in stdin.rejected.csv. Warnings stand at the end, counted by code, with three examples of each;
    WOULD_HOLD_ORDERS counts once, for the whole file, the units of accepted orders that wait because of it, or that would
    (--dry-run).
    """


@import_.command("source-items")
@FILE
@DRY_RUN
def source_items(file: Path, dry_run: bool) -> None:  # noqa: FBT001  # click's way
    """Set the quantities and statuses of source items.

    The sources and products must be there already. An empty cell leaves a quantity or a status as it is (a new item has
    0, in stock); of two rows for one item the later one wins.

    \b
    Columns:
      source_code   the source
      sku           the product
      status        1 or in_stock, 0 or out_of_stock
      quantity      at most four decimal places

    \b
    Example:
      source_code,sku,status,quantity
      default,TENT,1,25
      east,TENT,in_stock,2.5
    """
    advice = ItemImportAdvice()
    write = partial(item_import.import_items, is_dry_run=dry_run, advice=advice)
    kind = FileKind(
        needed=item_import.NEEDED,
        columns=item_import.COLUMNS,
        ignores_others=False,
        read=item_import.item_of,
        write=write,
        why_not=why_no_source_items,
    )
    _import(file, kind, advice.finish, is_dry_run=dry_run)


@import_.command()
@FILE
@DRY_RUN
def magento(file: Path, dry_run: bool) -> None:  # noqa: FBT001  # click's way
    """Write products and their own rules, from Magento's product export.

    A flag of 1 removes the product's rule ("use config"); 0 sets it to the value, which must be there; without a flag a
    value sets it too, but for manage_stock. A cart quantity or an increment of 0 sets no limit. Empty cells change
    nothing. Other columns are ignored; those about stock are named at the end, with rows that say nothing. The names in
    rows of a store view (with a store_view_code) are left out. Quantities come by `salable import source-items`.

    \b
    Columns (only sku is needed; the names in Magento's own tables, such as min_qty, are known too):
      sku                     the product
      name                    its name
      manage_stock            0 or 1; needs use_config_manage_stock
      allow_backorders        0, 1, or 2 (notify); use_config_backorders
      out_of_stock_qty        use_config_min_qty
      notify_on_stock_below   use_config_notify_stock_qty
      min_cart_qty            use_config_min_sale_qty
      max_cart_qty            use_config_max_sale_qty
      enable_qty_increments   0 or 1; use_config_enable_qty_inc
      qty_increments          use_config_qty_increments
      is_qty_decimal          0 or 1; has no flag

    \b
    Example:
      sku,name,allow_backorders,use_config_backorders,out_of_stock_qty,use_config_min_qty
      TENT,Tent,1,0,-50,0
      LAMP,Lamp,0,1,0,1
    """

    advice, notes = ProductImportAdvice(is_dry_run=dry_run), MagentoNotes()

    async def write(products: Sequence[ImportedProduct]) -> Faults:
        for product in products:
            magento_import.note(notes, product)
        imported = await magento_import.import_products(
            products,
            actor=actor("import"),
            reason=f"Imported {shown_name(file.name)}",
            is_dry_run=dry_run,
            advice=advice,
        )
        return imported.faults

    async def finish() -> AdviceTally:
        unlimited = [advice.unlimited.advice(())] if advice.unlimited.count else []
        for each in (*unlimited, *notes.advice()):
            click.echo(f"Warning: {each.code}: {each.message}")
        return await advice.finish()

    kind = FileKind(
        needed=magento_import.NEEDED,
        columns=magento_import.COLUMNS,
        ignores_others=True,
        read=magento_import.product_of,
        write=write,
        why_not=magento_import.refusal,
        more=ignored_stock_columns,
    )
    _import(file, kind, finish, is_dry_run=dry_run)


def _import(path: Path, kind: FileKind[T], finish: Finish, *, is_dry_run: bool) -> None:
    try:
        with plain_errors(), open_csv(path) as file:
            kind.check(file)
            asyncio.run(with_database(settings().address, partial(_run, file, kind, finish, is_dry_run=is_dry_run)))
    except CsvFileError as error:
        raise click.ClickException(str(error)) from error


async def _run(file: CsvFile, kind: FileKind[T], finish: Finish, *, is_dry_run: bool) -> None:
    await refuse_behind()
    rejects, tally = RejectFile(file), Tally()
    bar = click.progressbar(length=file.size, label=file.path.name, file=sys.stderr, hidden=not sys.stderr.isatty())
    try:
        with bar, asked_by_interrupt("stopping after this batch") as interrupt:
            async for so_far in import_batches(file, kind, rejects):
                tally = so_far
                bar.update(file.position - bar.pos)
                if interrupt.is_asked:
                    break
    except BaseException:
        if tally.read and not is_dry_run:
            click.echo(f"Broken off: the rows up to line {tally.last_line}, at least, are written and stay.", err=True)
        raise
    finally:
        rejects.close()
    would = "would be written (dry run)" if is_dry_run else "written"
    click.echo(f"{tally.read:,} rows read, {tally.written:,} {would}, {tally.rejected:,} rejected")
    if tally.rejected:
        click.echo(f"The rejected rows are in {rejects.path}")
    _show_tally(await finish())
    if interrupt.is_asked:
        stay = "" if is_dry_run else " What is written stays; import the file again for the rest."
        click.echo(f"Stopped after line {tally.last_line}.{stay}", err=True)
        sys.exit(INTERRUPTED)
    if tally.rejected:
        sys.exit(1)


def _show_tally(tally: AdviceTally) -> None:
    """Say each code once, how often it was met, and the first few messages."""
    for code, number, examples in tally:
        click.echo(f"Warning: {code}: {number:,} {'time' if number == 1 else 'times'}")
        for message in examples:
            click.echo(f"  {message}")
        if number > len(examples):
            click.echo(f"  and {number - len(examples):,} more")
