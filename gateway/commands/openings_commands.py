"""The log of who has seen, heard, searched or exported what: ``openings``."""

import sys

import click

from gateway.base.terminal_language import translate
from gateway.commands.command_context import CommandContext


@click.group()
def openings() -> None:
    """Check the log of who has seen, heard, searched or exported what."""


@openings.command("verify")
@click.pass_obj
def verify(context: CommandContext) -> None:
    """Go along the chain of openings and tell the first row that was changed, moved or removed.

    Ends with 1 when there is one, 0 otherwise.
    """
    found = context.store.openings.verify()
    if found.begun_anew is not None:
        click.echo(
            translate("the log began anew on {:%Y-%m-%d %H:%M} UTC: the rows before are not here", found.begun_anew)
        )
    click.echo(translate("{} rows hold, of {} the words are erased", found.rows, found.erased_words))
    if found.broken_at is not None:
        click.echo(translate("row {} does not hold: {}", found.broken_at, found.why), err=True)
        sys.exit(1)
    click.echo(translate("the last is row {}, {}", found.head.id, found.head.digest))


COMMANDS: list[click.Command] = [openings]
