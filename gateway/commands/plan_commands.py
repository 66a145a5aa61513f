"""``plan``: what a machine carries on a day, before it comes."""

from __future__ import annotations

import math
from pathlib import Path

import click

from gateway.base.terminal_language import translate
from gateway.commands.command_context import CommandContext
from gateway.planning.costs import SHIPPED, ArrivalKind, Costs, CostsUnusable, read_measured_costs
from gateway.planning.day_simulation import DAY, Appeal, Day, Machines, PoolDay, simulate
from gateway.planning.plan_pages import plans_page

_COUNT = click.IntRange(0, 10_000_000)
_TOO_LONG = 3600
"""Seconds after which somebody who wrote has waited too long for a receipt."""


@click.command("plan")
@click.option("--texts", type=_COUNT, default=1000, show_default=True, help="Text messages on the day.")
@click.option("--calls", type=_COUNT, default=200, show_default=True, help="Calls that leave a recording.")
@click.option("--mails", type=_COUNT, default=200, show_default=True, help="E-mails.")
@click.option("--pages", type=_COUNT, default=500, show_default=True, help="Scanned pages.")
@click.option("--hosts", type=click.IntRange(1, 1000), default=1, show_default=True, help="Machines that share it.")
@click.option("--cores", type=click.IntRange(1, 256), default=2, show_default=True, help="Processor cores of each.")
@click.option(
    "--readers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes of a host that read pages, and as many that hear recordings (pools.pages_most, speech_most).",
)
@click.option(
    "--appeal",
    type=click.FloatRange(0, 100),
    default=0,
    show_default=True,
    help="Per cent of the day's texts and calls that answer an appeal on television at 20:00.",
)
@click.option(
    "--costs",
    "costs_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A table measured on your machine (`make bench ONLY=costs`); the one that comes along where not given.",
)
@click.option(
    "--tables", is_flag=True, help="Print the page of a town, a metropolis and a country instead (docs/plans.md)."
)
@click.pass_obj
def plan(
    context: CommandContext,
    texts: int,
    calls: int,
    mails: int,
    pages: int,
    hosts: int,
    cores: int,
    readers: int,
    appeal: float,
    costs_file: Path | None,
    tables: bool,
) -> None:
    """Say what a machine carries on a day: where it waits, how long, and what it adds to the disk.

    Nothing is sent or started: the day is worked out from what one text, recording, mail and page was measured to take.
    """
    try:
        costs = read_measured_costs(costs_file or SHIPPED)
    except CostsUnusable as error:
        raise click.BadParameter(str(error), param_hint="--costs") from error
    if tables:
        click.echo(plans_page(costs), nl=False)
        return
    counts = {
        ArrivalKind.TEXT: texts, ArrivalKind.RECORDING: calls, ArrivalKind.MAIL: mails, ArrivalKind.PAGE: pages,
    }  # fmt: skip
    wanted = Appeal(20 * 3600, appeal / 100) if appeal else None
    day = simulate(counts, costs, Machines(hosts, cores, readers), wanted)
    for line in _lines(day, costs, hosts * cores):
        click.echo(line)
    if price := context.settings.texting.segment_price:
        click.echo(translate(f"Receipts by text: about {texts * price:.0f} € at {price} € a segment."))


def _lines(day: Day, costs: Costs, cores: int) -> list[str]:
    """The plan, line by line."""
    lines = [
        f"{translate('what'):14}{translate('a day'):>10}{translate('longest wait'):>16}{translate('all done'):>16}",
        "",
    ]
    lines += [
        f"{_name(pool.kind):14}{pool.arrived:>10}{duration_in_words(pool.longest_wait):>16}{_clock(pool.done_at):>16}"
        for pool in day.pools
        if pool.arrived
    ]
    lines += [
        "",
        translate(f"At the doors a request waits {duration_in_words(day.door_wait)} at most."),
        translate(
            f"The {cores} cores are busy for {day.busy:.1%} of the day; the disk grows by {day.bytes / 1e9:.2f} GB."
        ),
    ]
    if day.breaks_first.arrived:
        lines.append(_advice(day.breaks_first))
    return [*lines, translate(f"Costs measured on: {costs.machine}")]


def _advice(pool: PoolDay) -> str:
    if pool.longest_wait <= _TOO_LONG:
        return translate(f"Nothing waits for more than an hour; the longest are {_name(pool.kind)}.")
    return translate(
        f"First to wait: {_name(pool.kind)}, from {_clock(pool.worst_at)} on. Another host that works on them "
        f"(`portevoix up --only`, docs/scale.md) shortens it."
    )


def _name(kind: ArrivalKind) -> str:
    names = {
        ArrivalKind.TEXT: translate("texts"),
        ArrivalKind.RECORDING: translate("recordings"),
        ArrivalKind.MAIL: translate("mails"),
        ArrivalKind.PAGE: translate("pages"),
    }
    return names[kind]


def duration_in_words(seconds: float) -> str:
    """A duration as people read it: ``0.4 s``, ``12 s``, ``7 min``, ``3.5 h``."""
    if math.isinf(seconds):
        return translate("for ever")
    if seconds < 10:
        return f"{seconds:.1f} s"
    return (
        f"{seconds:.0f} s"
        if seconds < 120
        else f"{seconds / 60:.0f} min"
        if seconds < 7200
        else f"{seconds / 3600:.1f} h"
    )


def _clock(second: float) -> str:
    if math.isinf(second):
        return translate("never")
    days, rest = divmod(int(second), DAY)
    return f"{rest // 3600:02}:{rest % 3600 // 60:02}" + (f" +{days}" if days else "")


COMMANDS: list[click.Command] = [plan]
