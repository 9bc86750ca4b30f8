"""`salable schema`: the API as a document."""

import click

from schema.build import sdl


@click.command()
def schema() -> None:
    """Print the GraphQL schema."""
    click.echo(sdl(), nl=False)
