"""The command line: `salable`."""

from importlib import import_module

import click

COMMANDS = {
    "serve": ("serve", "Serve the GraphQL API."),
    "deliver": ("deliver", "Tell what happens, by mail and webhook."),
    "backup": ("backup", "Copy the SQLite database to FILE as it is now, while the service runs and writes."),
    "migrate": (
        "migrate:migrate_tables",
        "Bring the tables of the database to the state that this version needs.",
    ),
    "demo": ("demo", "Load the demo catalogue into the database."),
    "token": ("token", "Make, list and revoke tokens."),
    "rules": ("rules", "The rule store as a YAML file that people can read and keep under version control."),
    "preview": ("rules:preview", "Show what the rules of FILE would do to the whole catalogue."),
    "import": ("imports:import_", "Bring in products, their stock and their rules from CSV files."),
    "export": ("exports:export", "Write CSV files for other programs: UTF-8, with commas between the cells."),
    "ledger": ("ledger", "Check, repair and compact the ledger of reservations."),
    "keys": ("keys", "Check the SKUs, codes, order numbers and names of what is there."),
    "schema": ("schema", "Print the GraphQL schema."),
}
"""The module of each command in server.commands, with its name there where that is another one, and what it is for."""


class _Commands(click.Group):
    """Imports a command when it is called: who makes a token, or asks for help, need not wait for all of GraphQL."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(f"server.commands.{module}"), attribute or module)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="salable")
def main() -> None:
    """How many of this can I sell, from now on, and how many of those would be late?

    Settings are variables of the environment, each with a default:

    \b
    SALABLE_DATABASE_URL   sqlite:///relative.db, sqlite:////absolute.db or
                           postgresql://user:password@host:port/db
                           (default: sqlite:///salable.db)
    SALABLE_DATABASE_POOLER
                           transaction: a pooler stands before PostgreSQL that
                           gives each transaction another session (none)
    SALABLE_DATABASE_DIRECT_URL
                           PostgreSQL past the pooler, for migrate and to hear
                           of changes (none)
    SALABLE_DATABASE_CONNECTIONS
                           to PostgreSQL, of each process, at most (16)
    SALABLE_DATABASE_SECONDS
                           how long PostgreSQL may take to answer a read; other
                           timeouts keep their proportion (10)
    SALABLE_ADMIN_TOKEN    who sends it as `Authorization: Bearer` is the admin
                           (default: nobody is)
    SALABLE_HOST           where to listen (127.0.0.1)
    SALABLE_PORT           the port (8000)
    SALABLE_WORKERS        processes (1)
    SALABLE_LOG_LEVEL      debug, info, warning or error (info)
    SALABLE_DELIVER        whether `salable serve` also tells what happens, by mail
                           and webhook (true); else run `salable deliver`
    SALABLE_DELIVERY_SECONDS
                           how often to look for what is to be told (1)
    SALABLE_KEEP_DELIVERIES_DAYS
                           how long what was delivered is kept (30)
    SALABLE_RECEIPT_KEY_DAYS
                           how long the key of a receipt is remembered (30);
                           those of orders are kept
    SALABLE_GRAPHIQL       whether /graphiql is served (true)
    SALABLE_SHOP_TOKEN     a token of the role orders: with it, /shop serves the
                           demo's shop, which places orders by it (none)
    SALABLE_WEBHOOK_PRIVATE
                           whether webhooks may go to private addresses, such
                           as those of your own network (false)
    SALABLE_SMTP_URL       the mail server: smtp://user:password@host:587 (with
                           ?tls=starttls, or ?tls=none), smtps://host:465
                           (none: mails wait)
    SALABLE_MAIL_FROM      who writes: name@domain or Name <name@domain>
                           (needed with a mail server)
    SALABLE_DIGEST_MINUTES how long after a mail to somebody the next one waits
                           for more (15); 0: no digests
    SALABLE_MAIL_TEMPLATES a folder of templates that replace ours (none)
    SALABLE_CORS_ORIGINS   origins whose pages may ask from a browser, with
                           commas between them (none)
    SALABLE_LIVE_CONNECTIONS
                           how many WebSockets for live updates a process
                           holds at once (1000)
    SALABLE_LIVE_CONNECTIONS_PER_ADDRESS
                           and how many of one address (100)
    SALABLE_LIVE_SUBSCRIPTIONS, SALABLE_LIVE_SKUS
                           how many subscriptions one of them has (20), and how
                           many SKUs with all of these (2000)
    SALABLE_LIVE_MESSAGES, SALABLE_LIVE_MESSAGE_KIB
                           how many frames one of them may send in ten seconds
                           (500), and how large a message is (128)
    SALABLE_LIVE_IDLE_SECONDS
                           after how long without a subscription it is closed (60)
    SALABLE_LIVE_TOKEN_SECONDS
                           how often the tokens of open ones are looked at (5)
    SALABLE_PROXIES        addresses or networks of the proxies in front: they are
                           believed who they speak for (127.0.0.1)
    """
