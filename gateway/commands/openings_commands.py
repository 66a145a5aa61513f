"""The log of who has seen, heard, searched or exported what: ``openings``."""

import sys

import click

from gateway.commands.command_context import Context


@click.group()
def openings() -> None:
    """Check the log of who has seen, heard, searched or exported what."""


@openings.command("verify")
@click.pass_obj
def verify(context: Context) -> None:
    """Go along the chain of openings and tell the first row that was changed, moved or removed.

    Ends with 1 when there is one, 0 otherwise.
    """
    found = context.store.openings.verify()
    if found.begun_anew is not None:
        click.echo(f"the log began anew on {found.begun_anew:%Y-%m-%d %H:%M} UTC: the rows before are not here")
    click.echo(f"{found.rows} rows hold, of {found.erased_words} the words are erased")
    if found.broken_at is not None:
        click.echo(f"row {found.broken_at} does not hold: {found.why}", err=True)
        sys.exit(1)
    click.echo(f"the last is row {found.head.id}, {found.head.digest}")


COMMANDS: list[click.Command] = [openings]
