"""What a town, a metropolis and a country need: hosts, memory, disks, money, hours; from costs that were measured."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from gateway.planning.costs import ArrivalKind, Cost, Costs
from gateway.planning.day_simulation import Appeal, Day, Machines, simulate

FILE = Path(__file__).with_name("installations.toml")
EVENING = 20 * 3600
_MOST_HOSTS = 4096
_TRIED = (1.25, 1.5, 2.0, 4.0, 8.0, 16.0)
"""By how much the fullest day is multiplied to see what breaks first."""

_PER_KIND = dict[ArrivalKind, int]


class Size(StrEnum):
    """The installations that are planned."""

    TOWN = "town"
    METROPOLIS = "metropolis"
    COUNTRY = "country"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Supposed(_Table):
    """What is not measured: how long people speak, how long deciding takes, prices in euros."""

    recording_factor: float = Field(gt=0)
    appeal: float = Field(ge=0, le=1)
    seconds_to_decide: float = Field(ge=0)
    core_month: float = Field(ge=0)
    gigabyte_month: float = Field(ge=0)
    segment: float = Field(ge=0)
    backups: int = Field(ge=0)


class Memory(_Table):
    """Megabytes of a host."""

    rest: int
    page_reader: int
    speech_reader: int
    system: int


class Installation(_Table):
    """One of the three: what arrives, and of what hosts it is made."""

    days: int = Field(gt=0)
    usual: _PER_KIND
    """Of each kind, on a usual day."""
    fullest: _PER_KIND
    cores: int = Field(gt=0)
    """Of a host."""
    readers: int = Field(gt=0)
    """``pools.pages_most`` and ``pools.speech_most``."""
    hosts_least: int = Field(gt=0)
    """So that one of them may fail."""
    database_hosts: int = Field(ge=0)
    """Beside the others: the primary and its replicas; nought where the database is a file."""


class Plans(_Table):
    """The whole file."""

    supposed: Supposed
    longest_wait: _PER_KIND
    memory: Memory
    town: Installation
    metropolis: Installation
    country: Installation

    def of(self, size: Size) -> Installation:
        """One of the three."""
        found = getattr(self, size.value)
        assert isinstance(found, Installation)
        return found


@dataclass(frozen=True)
class InstallationPlan:
    """What an installation needs."""

    hosts: int
    day: Day
    """The fullest one, on these hosts."""
    memory_mb: int
    """Of each host."""
    core_hours: float
    """Of a usual day."""
    disk_gb: float
    """Of the whole consultation, one copy."""
    breaks_at: float
    """By how much the fullest day may grow until somebody waits for longer than allowed, of what was tried."""
    breaks_first: ArrivalKind
    euros_month: float
    """Hosts and disks."""
    euros_texts: float
    """Receipts of the whole consultation."""
    people_hours: float
    """To decide about the whole consultation."""


def read_plans(path: Path = FILE) -> Plans:
    """The file of what is supposed."""
    return Plans.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def plan_installation(plans: Plans, size: Size, costs: Costs) -> InstallationPlan:
    """The fewest hosts on which nobody waits for too long on the fullest day, and what they cost."""
    one, supposed = plans.of(size), plans.supposed
    costs = _spoken_for_long(costs, supposed.recording_factor)
    appeal = Appeal(EVENING, supposed.appeal)

    def day_on(hosts: int, times: float = 1.0) -> Day:
        counts = {kind: round(count * times) for kind, count in one.fullest.items()}
        return simulate(counts, costs, Machines(hosts, one.cores, one.readers), appeal)

    hosts, day = one.hosts_least, day_on(one.hosts_least)
    while _waits_too_long(day, plans.longest_wait) is not None and hosts < _MOST_HOSTS:
        hosts += max(1, hosts // 8)
        day = day_on(hosts)
    carried, breaks_first = 1.0, day.breaks_first.kind
    for times in _TRIED:
        late = _waits_too_long(day_on(hosts, times), plans.longest_wait)
        if late is not None:
            breaks_first = late
            break
        carried = times
    of_all = {kind: one.usual[kind] * (one.days - 1) + one.fullest[kind] for kind in ArrivalKind}
    disk_gb = sum(costs.of[kind].bytes * count for kind, count in of_all.items()) / 1e9
    machines = hosts + one.database_hosts
    kept = disk_gb * (1 + supposed.backups)
    return InstallationPlan(
        hosts=hosts,
        day=day,
        memory_mb=_memory(plans.memory, one.readers),
        core_hours=sum((costs.of[kind].door + costs.of[kind].work) * one.usual[kind] for kind in ArrivalKind) / 3600,
        disk_gb=disk_gb,
        breaks_at=carried,
        breaks_first=breaks_first,
        euros_month=machines * one.cores * supposed.core_month + kept * supposed.gigabyte_month,
        euros_texts=(of_all[ArrivalKind.TEXT] + of_all[ArrivalKind.RECORDING]) * supposed.segment,
        people_hours=sum(of_all.values()) * supposed.seconds_to_decide / 3600,
    )


def _spoken_for_long(costs: Costs, factor: float) -> Costs:
    heard = costs.of[ArrivalKind.RECORDING]
    longer = Cost(door=heard.door, work=heard.work * factor, bytes=round(heard.bytes * factor))
    return replace(costs, of={**costs.of, ArrivalKind.RECORDING: longer})


def _waits_too_long(day: Day, most: Mapping[ArrivalKind, int]) -> ArrivalKind | None:
    late = [pool for pool in day.pools if pool.longest_wait > most[pool.kind]]
    return max(late, key=lambda pool: pool.longest_wait / most[pool.kind]).kind if late else None


def _memory(memory: Memory, readers: int) -> int:
    return memory.rest + memory.system + readers * (memory.page_reader + memory.speech_reader)
