"""Where everything is: ``ledger`` and ``quarantine``."""

import json
import sys

import click

from config.enums import Bucket
from gateway.base.terminal_language import translate
from gateway.commands.command_context import CommandContext
from inbox.jobs import steps
from inbox.listings.ledger import count_ledger
from inbox.models import Step


@click.command("ledger")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one object.")
@click.pass_obj
def show_ledger(context: CommandContext, as_json: bool) -> None:
    """Count every part in exactly one bucket, and check that nothing is lost.

    Ends with 1 when the ledger does not balance.
    """
    with context.store.read() as session:
        counted = count_ledger(session)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "units": counted.units,
                    "counts": {bucket.value: counted.counts.get(bucket, 0) for bucket in Bucket},
                    "balanced": counted.balanced,
                    "problems": list(counted.problems),
                },
                indent=2,
            )
        )
    else:
        for bucket in Bucket:
            click.echo(f"{translate(bucket.value.replace('_', ' ')):<20}{counted.counts.get(bucket, 0):>8}")
        click.echo(f"{translate('arrived'):<20}{counted.units:>8}")
        click.echo(translate("balanced") if counted.balanced else translate("NOT balanced:"))
        for problem in counted.problems:
            click.echo(f"  - {problem}")
    if not counted.balanced:
        sys.exit(1)


def _subject(step: steps.Quarantined) -> str:
    for name, row_id in (("part", step.part_id), ("intake", step.intake_id), ("message", step.message_id)):
        if row_id is not None:
            return f"{name}:{row_id}"
    return ""


@click.group()
def quarantine() -> None:
    """See what could not be done, with its reason, and try it again."""


@quarantine.command("list")
@click.pass_obj
def list_quarantine(context: CommandContext) -> None:
    """List the steps that failed three times, oldest first."""
    with context.store.read() as session:
        found = steps.quarantined_steps(session)
        for step in found:
            click.echo(f"{step.step_id:>6}  {step.kind.value:<16}  {_subject(step):<16}  {step.reason}")
        if not found:
            click.echo(translate("nothing is in quarantine"))


@quarantine.command("show")
@click.argument("step_id", type=int)
@click.pass_obj
def show_quarantined(context: CommandContext, step_id: int) -> None:
    """Show one step: what it is about, how often it was tried, why it failed."""
    with context.store.read() as session:
        step = session.get(Step, step_id)
        if step is None:
            raise click.ClickException(
                translate("there is no step {}; `portevoix quarantine list` shows them", step_id)
            )
        click.echo(translate("step      {} ({}, pool {})", step.id, step.kind.value, step.queue.value))
        click.echo(translate("subject   {}", steps.step_subject(step)))
        click.echo(translate("state     {}, {} failed attempts", step.state.value, step.attempts))
        click.echo(translate("created   {:%Y-%m-%d %H:%M} UTC", step.created_at))
        click.echo(translate("reason    {}", step.reason or translate("none was given")))


@quarantine.command("replay")
@click.argument("step_ids", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Try every quarantined step again.")
@click.pass_obj
def replay_quarantined(context: CommandContext, step_ids: tuple[int, ...], everything: bool) -> None:
    """Try quarantined steps again, after their cause was mended."""
    with context.store.write() as session:
        wanted = [step.step_id for step in steps.quarantined_steps(session)] if everything else list(step_ids)
        if not wanted and not everything:
            raise click.UsageError(translate("name the steps to try again, or --all"))
        for step_id in wanted:
            steps.replay_step(session, step_id, by=None)
    click.echo(translate("{} to be tried again", len(wanted)))


COMMANDS: list[click.Command] = [show_ledger, quarantine]
