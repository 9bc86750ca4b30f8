"""`salable rules` and `salable preview`: the rule store as a file, and what a file of rules would do."""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from resolvers.errors import Refused
from resolvers.reach import reached_count
from resolvers.rule_store.change_advice import advice_of_preview
from resolvers.rule_store.held_by_rules import advice_on_rules
from resolvers.rule_store.newly_unlimited import unlimited_advice
from resolvers.rule_store.preview import impact_of
from resolvers.rule_store.rule_import import ImportPlan, RuleEntry, apply_import, lasting_rules, plan_import
from resolvers.rules_in_force import current_revision
from rules.advice_tally import without_path
from rules.change import Held, RuleChange
from rules.impact import Impact, ProductImpact, ProductState
from rules.quantity import show
from rules.setting import CATALOGUE
from server.commands.actor import actor, shown_name
from server.commands.session import plain_errors, refuse_behind, with_database
from server.files.output import DASH, output_to, writing
from server.files.rule_file import RuleFileError, read_rules, written_rules
from server.settings import settings

MOST_WARNINGS = 20
MOST_SHOWN = 50
"""Differences that are shown one by one."""

INPUT = click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))


@click.group()
def rules() -> None:
    """The rule store as a YAML file that people can read and keep under version control."""


@rules.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def export(file: Path | None) -> None:
    """Write all rules that hold now or later to FILE, or to standard output (-, or no FILE)."""

    async def run() -> None:
        await refuse_behind()
        left_out = Counter[str]()
        text = written_rules(await current_revision(), lasting_rules(left_out), left_out)
        with output_to(file) as output:
            async for piece in text:
                with writing():
                    output.write(piece)
        if count := left_out.total():
            click.echo(f"{count} rules are left out: only a newer version can read them", err=True)

    with plain_errors():
        asyncio.run(with_database(settings().address, run))


@rules.command("import")
@INPUT
@click.option("--dry-run", is_flag=True, help="Show the difference and stop.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--prune", is_flag=True, help="Remove the rules that FILE does not name.")
@click.option("--reason", help="Kept in the history. [default: Imported FILE]")
def import_rules(file: Path, dry_run: bool, yes: bool, prune: bool, reason: str | None) -> None:  # noqa: FBT001  # click's way
    """Set the rules that FILE names, as one change set: show the difference, ask, apply.

    Rules that FILE does not name stay as they are, unless --prune is given. - is standard input; it takes --yes or
    --dry-run, for then nobody can be asked.
    """
    if file == DASH and not (yes or dry_run):
        raise click.UsageError("Rules that come by standard input take --yes or --dry-run: nobody can be asked.")
    entries = _read(file)

    async def run() -> None:
        await refuse_behind()
        plan = await _planned(entries, prune=prune)
        if plan.ended:
            click.echo(f"{plan.ended} entries are left out: their window is over")
        if plan.kept:
            click.echo(f"{plan.kept} rules stay as they are: only a newer version can read them")
        if not plan.changes:
            click.echo("Nothing differs.")
            return
        _show_difference(plan.changes)
        await _show_warnings(entries, plan)
        if dry_run:
            return
        if not yes and not click.confirm(f"Make {len(plan.changes)} changes?"):
            raise click.Abort
        why = reason or f"Imported {'standard input' if file == DASH else shown_name(file.name)}"
        made = await apply_import(entries, plan, prune=prune, actor=actor("rules import"), reason=why)
        click.echo(f"revision {made.revision}" if made else "Nothing differs.")

    with plain_errors():
        asyncio.run(with_database(settings().address, run))


@click.command()
@INPUT
@click.option("--prune", is_flag=True, help="As if the rules that FILE does not name were removed.")
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"]),
    help="With the rules of this instant, such as 2026-11-27T00:00:00+0100. [default: now, or the latest start in FILE]",
)
def preview(file: Path, prune: bool, at: datetime | None) -> None:  # noqa: FBT001  # click's way
    """Show what the rules of FILE would do to the whole catalogue. Nothing is written.

    FILE is one of `salable rules export`, or a part of one; - is standard input.
    """
    entries = _read(file)

    async def run() -> None:
        await refuse_behind()
        plan = await _planned(entries, prune=prune)
        starts = [change.window.start for change in plan.changes if change.window.start]
        instant = at or max([datetime.now(UTC), *starts])
        count = await reached_count([change.scope for change in plan.changes])
        with click.progressbar(length=count, label=f"{count:,} products", file=sys.stderr) as bar:
            impact = await impact_of(plan.changes, instant, bar.update)
        _show_impact(impact, instant)
        await _show_warnings(entries, plan, instant)

    with plain_errors():
        asyncio.run(with_database(settings().address, run))


def _read(file: Path) -> list[RuleEntry]:
    try:
        with click.open_file(str(file), encoding="utf-8-sig") as text:
            return read_rules(text)
    except RuleFileError as error:
        name = "standard input" if file == DASH else file
        raise click.ClickException(f"{name}\n{error}") from None


async def _planned(entries: Sequence[RuleEntry], *, prune: bool) -> ImportPlan:
    try:
        return await plan_import(entries, prune=prune)
    except Refused as refused:
        lines = [f"{' '.join(error.path[:1])}: {error.code}: {error.message}".lstrip(": ") for error in refused.errors]
        more = f"\nand {len(lines) - 20} more" if len(lines) > 20 else ""
        raise click.ClickException("Nothing was changed.\n" + "\n".join(lines[:20]) + more) from None


def _show_difference(changes: Sequence[RuleChange]) -> None:
    for change in changes[:MOST_SHOWN]:
        sign = "+" if change.before is None else "-" if change.after is None else "~"
        values = [_said(change, held) for held in (change.before, change.after) if held is not None]
        when = f" [{change.window}]" if not change.window.is_plain else ""
        click.echo(f"{sign} {change.scope}: {CATALOGUE[change.setting].label}{when}: {' -> '.join(values)}")
    if len(changes) > MOST_SHOWN:
        click.echo(f"and {len(changes) - MOST_SHOWN:,} more")


async def _show_warnings(entries: Sequence[RuleEntry], plan: ImportPlan, at: datetime | None = None) -> None:
    holding = await advice_on_rules(plan.changes, (), is_made=False, at=at)
    unlimited = await unlimited_advice(plan.changes, lambda _: (), is_made=False)
    warnings = [f"{each.code}: {each.message}" for each in (*unlimited, *holding)]
    for window in dict.fromkeys(entry.window for entry in entries):
        asked = [entry.change for entry in entries if entry.window == window]
        of_window = [change for change in plan.changes if change.window == window]
        found = await advice_of_preview(asked, of_window, window)
        named = [without_path(each, asked[int(each.path[2])].scope) for each in found]
        warnings += [f"{each.code}: {each.message}" for each in named]
    for warning in warnings[:MOST_WARNINGS]:
        click.echo(f"Warning: {warning}")
    if len(warnings) > MOST_WARNINGS:
        click.echo(f"and {len(warnings) - MOST_WARNINGS:,} more warnings")


def _said(change: RuleChange, held: Held) -> str:
    return "no rule" if held.value is None else CATALOGUE[change.setting].write(held.value)


def _show_impact(impact: Impact, instant: datetime) -> None:
    click.echo(f"At {instant:%Y-%m-%d %H:%M %Z}, of the products of all sales channels:")
    click.echo(f"  {impact.affected_count:>9,} change")
    click.echo(f"  {impact.become_in_stock_count:>9,} come in stock")
    click.echo(f"  {impact.become_out_of_stock_count:>9,} go out of stock")
    click.echo(f"  {impact.become_unlimited_count:>9,} lose their limit")
    click.echo(f"  {show(impact.salable_qty_delta):>9} is the sum of the changes that have an end")
    if impact.impacts:
        click.echo(f"\n{'SKU':<24}{'sales channel':<16}{'before':<34}after")
    for each in impact.impacts:
        click.echo(_row(each))


def _row(impact: ProductImpact) -> str:
    return f"{impact.sku:<24}{impact.sales_channel:<16}{_state(impact.before):<34}{_state(impact.after)}"


def _state(state: ProductState) -> str:
    salable = "any" if state.salable_qty is None else show(state.salable_qty)
    limit = "unlimited" if state.limit is None and state.limit_kind.name == "UNLIMITED" else ""
    return " ".join(part for part in (salable, state.kind.lower().replace("_", " "), limit) if part)
