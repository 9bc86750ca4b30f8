"""`salable deliver`: telling what happens, in a process of its own."""

import asyncio
import logging.config
import signal

import click

from server.commands.session import plain_errors, refuse_behind, with_database
from server.delivery.loop import GRACE_SECONDS, deliver_forever, deliver_once, pace_of, ways_of
from server.ending import END_SECONDS, end_within
from server.log import log_config
from server.settings import settings


@click.command()
@click.option("--once", is_flag=True, help="Work off what is due now, and end.")
def deliver(once: bool) -> None:  # noqa: FBT001  # click's way
    """Tell what happens, by mail and webhook.

    Each `salable serve` does this too, unless SALABLE_DELIVER=false. Any number of processes may do it at once: each
    delivery is sent by one of them. Ctrl-C ends it; what is being sent is finished first.

    \b
    Examples:
      SALABLE_DELIVER=false salable serve --workers 4
      salable deliver
    """

    async def run() -> None:
        await refuse_behind()
        chosen = settings()
        if once:
            click.echo(f"{await deliver_once(ways_of(chosen)):,} deliveries were tried")
            return
        stop = asyncio.Event()

        def end() -> None:
            if not stop.is_set():
                end_within(GRACE_SECONDS + END_SECONDS)
            stop.set()

        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, end)
        click.echo("telling what happens; Ctrl-C ends it", err=True)
        await deliver_forever(ways_of(chosen), pace_of(chosen), stop)

    with plain_errors():
        logging.config.dictConfig(log_config(settings().log_level))
        # A demo tells by itself, and keeps its mails: none is to go out by a mail server of these settings.
        asyncio.run(with_database(settings().address, run, finds_demo=False, is_service=True))
