"""What the fault run found, as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.books import Books
from tests.faults.fault import Fault
from tests.faults.probes import Probes
from tests.faults.timeline import Kind, Timeline, counted

HEAD = (
    *("fault", "database", "errors seen by callers", "for", "longest gap: reads / writes", "lost", "doubled"),
    *("well again after (bound)", "`/readyz` during", "`/readyz` after", "beside"),
)
"""The columns. Times are in seconds."""


@dataclass(frozen=True, slots=True)
class Times:
    """Moments of a run, in seconds of the loop's clock."""

    began: float
    over: float
    since: float
    """From when on it should be well: the end of the fault, or the beginning of one that has to be lived with."""
    well: float | None
    ended: float


@dataclass(frozen=True, slots=True)
class Row:
    """One fault on one database: what stands in each column but the first two, and what must not be."""

    fault: str
    database: str
    cells: tuple[str, ...]
    wrongs: tuple[str, ...] = ()

    def line(self) -> str:
        """As Markdown has it."""
        cells = (self.fault, self.database, *self.cells)
        return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def impossible(fault: Fault, database: str, reason: str) -> Row:
    """The row of a fault that this machine does not allow."""
    return Row(fault.name, database, (f"not possible here: {reason}", *[""] * (len(HEAD) - 3)))


def failed(fault: Fault, database: str, error: BaseException) -> Row:
    """The row of a fault whose run did not come to its end."""
    said = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return Row(fault.name, database, ("the run failed", *[""] * (len(HEAD) - 4), said), (said,))


def row_of(
    fault: Fault,
    database: str,
    times: Times,
    *,
    timeline: Timeline,
    probes: Probes,
    books: Books,
    beside: tuple[Sequence[str], Sequence[str]],
) -> Row:
    """The row of a fault that was watched to its end."""
    began, since, well, ended = times.began, times.since, times.well, times.ended
    errors = timeline.errors(began)
    span = f"{errors[-1].ended - errors[0].ended:.1f}" if errors else "-"
    gaps = " / ".join(f"{timeline.longest_gap(kind, began, ended):.1f}" for kind in (Kind.READ, Kind.WRITE))
    wrongs_of_fault, notes = beside
    wrongs = [*wrongs_of_fault, *books.wrongs]
    if books.lost or books.doubled:
        wrongs.append(f"{books.lost} lost, {books.doubled} doubled")
    if books.unanswered:
        wrongs.append(f"{books.unanswered} writes were never answered")
    if fault.is_unseen and errors:
        wrongs.append(f"{len(errors)} calls failed")
    if well is None or well - since > fault.bound:
        wrongs.append(f"not well again within {fault.bound:g} s")
    during = max(times.over, ended if well is None else well, began + 1)
    cells = (
        counted(f"{error.kind}: {error.error}" for error in errors),
        span,
        gaps,
        str(books.lost),
        str(books.doubled),
        f"{'never' if well is None else f'{well - since:.1f}'} ({fault.bound:g})",
        probes.between("/readyz", began, during),
        probes.last("/readyz"),
        "; ".join([*(f"**{wrong}**" for wrong in wrongs), *notes, books.messages]),
    )
    return Row(fault.name, database, cells, tuple(wrongs))


def table(rows: Sequence[Row]) -> str:
    """The whole report."""
    head = f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}"
    return "\n".join([head, *(row.line() for row in rows)]) + "\n"
