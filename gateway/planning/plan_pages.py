"""The page of what a town, a metropolis and a country need, made from measured costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from gateway.planning.costs import ArrivalKind, Costs, read_measured_costs
from gateway.planning.installation_plans import (
    Installation,
    InstallationPlan,
    Plans,
    Size,
    plan_installation,
    read_plans,
)

_NAMES: Mapping[ArrivalKind, str] = {
    ArrivalKind.TEXT: "texts",
    ArrivalKind.RECORDING: "recordings",
    ArrivalKind.MAIL: "mails",
    ArrivalKind.PAGE: "pages",
}
_TITLES = {Size.TOWN: "a town", Size.METROPOLIS: "a metropolis", Size.COUNTRY: "a country"}

_Cell = Callable[[Installation, InstallationPlan], str]


def plans_page(costs: Costs | None = None) -> str:
    """The page, as Markdown; of the costs that come along where none are given."""
    costs = costs or read_measured_costs()
    plans = read_plans()
    planned = {size: plan_installation(plans, size, costs) for size in Size}
    lines = [
        "# What a town, a metropolis and a country need",
        "",
        "Made by `portevoix plan --tables` from what one text, recording, mail and page was measured to take"
        f" ({costs.machine}), and from what is supposed of three consultations (`gateway/planning/installations.toml`)."
        " Measure your machine with `COSTS=costs.toml make bench ONLY=costs`, then"
        " `portevoix plan --tables --costs costs.toml`. [Several hosts](scale.md) says how they work together.",
        "",
        f"| | {' | '.join(_TITLES.values())} |",
        f"| --- |{' ---: |' * len(_TITLES)}",
        *(_row(label, cell, plans, planned) for label, cell in _rows()),
        "",
        *_formula(plans, costs),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _row(label: str, cell: _Cell, plans: Plans, planned: Mapping[Size, InstallationPlan]) -> str:
    return f"| {label} | {' | '.join(cell(plans.of(size), planned[size]) for size in Size)} |"


def _rows() -> Iterator[tuple[str, _Cell]]:
    for kind, name in _NAMES.items():
        yield f"{name} on a usual day, on the fullest", _arriving(kind)
    yield "hosts", lambda one, plan: f"{plan.hosts} of {one.cores} cores"
    yield "`pools.pages_most`, `speech_most`", lambda one, _: str(one.readers)
    yield (
        "hosts of the database",
        lambda one, _: f"{one.database_hosts} (a primary, replicas)" if one.database_hosts else "a file on the same",
    )
    yield "memory of a host", lambda _, plan: f"{plan.memory_mb / 1000:.1f} GB"
    for kind, name in _NAMES.items():
        yield f"longest wait of {name}, fullest day", _waiting(kind)
    yield "cores busy on the fullest day", lambda _, plan: f"{plan.day.busy:.1%}"
    yield "core-hours of a usual day", lambda _, plan: f"{plan.core_hours:,.2f}"
    yield (
        "what breaks first, and at how many fullest days at once",
        lambda _, plan: f"{_NAMES[plan.breaks_first]}, above {plan.breaks_at:g} ×",
    )
    yield "days", lambda one, _: str(one.days)
    yield "disk of it all, one copy", lambda _, plan: f"{plan.disk_gb:,.0f} GB"
    yield "euros a month, hosts and disks", lambda _, plan: f"{plan.euros_month:,.0f}"
    yield "euros for receipts by text, in all", lambda _, plan: f"{plan.euros_texts:,.0f}"
    yield "hours of moderators, in all", lambda _, plan: f"{plan.people_hours:,.0f}"


def _arriving(kind: ArrivalKind) -> _Cell:
    return lambda one, _plan: f"{one.usual[kind]:,}, {one.fullest[kind]:,}"


def _waiting(kind: ArrivalKind) -> _Cell:
    return lambda _one, plan: _wait(next(pool.longest_wait for pool in plan.day.pools if pool.kind is kind))


def _formula(plans: Plans, costs: Costs) -> Iterator[str]:
    supposed = plans.supposed
    yield "## The formula"
    yield ""
    yield (
        "- *hosts*: the fewest on which, on the fullest day, with"
        f" {supposed.appeal:.0%} of texts and calls after an appeal on television at 20:00, nobody waits longer than"
        f" {', '.join(f'{_wait(plans.longest_wait[kind])} ({name})' for kind, name in _NAMES.items())};"
        " found by simulating the day in steps of ten seconds, in which a pool uses one core for each of its processes."
    )
    yield "- *core-hours* = the sum over kinds of count × (door + work) / 3600 s, of:"
    yield ""
    yield "| | at the door | behind it | on disk |"
    yield "| --- | ---: | ---: | ---: |"
    for kind, name in _NAMES.items():
        cost = costs.of[kind]
        yield f"| one of {name} | {cost.door * 1000:.1f} ms | {cost.work * 1000:.0f} ms | {cost.bytes / 1000:,.0f} kB |"
    yield ""
    memory = plans.memory
    yield (
        f"- *recordings* last {supposed.recording_factor:g} times as long as the one that was measured, and take"
        " as many times as much behind the door and on disk."
    )
    yield (
        f"- *memory* = {memory.rest} MB at rest + {memory.system:,} MB for the system and its cache"
        f" + readers × ({memory.page_reader} MB of pages + {memory.speech_reader} MB of speech)."
    )
    yield (
        f"- *disk* = count × bytes, over all days; *euros a month* = (hosts + those of the database) × cores ×"
        f" {supposed.core_month:g} € + disk × (1 + {supposed.backups} backups) × {supposed.gigabyte_month:g} € a GB."
    )
    yield (
        "- What the simulation does not know: how much the one database server writes. Watch its disk and processor;"
        " pages and exports can go to a [replica](scale.md)."
    )
    yield (
        f"- *receipts* = (texts + recordings) × {supposed.segment:g} € a segment; *hours of moderators* = all that"
        f" arrives × {supposed.seconds_to_decide:g} s. Prices and these seconds are supposed, not measured."
    )


def _wait(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
