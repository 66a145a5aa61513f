"""A day, simulated in steps of ten seconds: what arrives, what the cores get done, and how long it waits.

Work is a fluid: each pool has one process on every host (``workers.processes.process_list``), those that read pages and
hear recordings as many as ``[pools]`` says, and uses at most one core for each; doors are served first, as a request
takes milliseconds; what is left of the cores is shared evenly among the pools that have work (max-min fairness). Within
a pool the first that came is the first that is done.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.planning.costs import ArrivalKind, Costs

STEP = 10
"""Seconds of a step."""
DAY = 24 * 3600
_LONGEST = 4 * DAY
"""How long it is watched at most: what is not done by then is said never to be."""

BY_HOUR = (1, 0.5, 0.3, 0.2, 0.3, 1, 3, 6, 9, 11, 11, 10, 9, 10, 10, 9, 9, 10, 12, 12, 10, 7, 4, 2)
"""How arrivals spread over a weekday, hour by hour: any unit."""
APPEAL_MINUTES = 15.0
"""An appeal on television is answered for so long, as the time after which two thirds of its answers have come."""
READ_BY_MANY = (ArrivalKind.PAGE, ArrivalKind.RECORDING)
ANSWERS_APPEALS = (ArrivalKind.TEXT, ArrivalKind.RECORDING)


@dataclass(frozen=True)
class Appeal:
    """Somebody on television asks to take part: at which second of the day, and which share of the day's comes then."""

    at: int
    share: float


@dataclass(frozen=True)
class Machines:
    """What there is to work with."""

    hosts: int = 1
    cores: int = 2
    readers: int = 1
    """Processes of a host that read pages, and as many that hear recordings (``pools.pages_most``)."""

    def processes(self, kind: ArrivalKind) -> int:
        """How many of them work on what is of this kind."""
        return self.hosts * (self.readers if kind in READ_BY_MANY else 1)


@dataclass(frozen=True)
class PoolDay:
    """How a pool fared."""

    kind: ArrivalKind
    arrived: int
    longest_wait: float
    """Seconds from an arrival until it is done, at the worst moment."""
    worst_at: int
    """The second of the day at which that one came."""
    done_at: float
    """The second, from midnight on, at which nothing waits any more; infinite where that is never."""
    busy: float
    """Share of the day's core-seconds that one process of each host has."""


@dataclass(frozen=True)
class Day:
    """How a day went."""

    pools: tuple[PoolDay, ...]
    door_wait: float
    """Seconds that a request waited at its door, at the worst moment."""
    busy: float
    """Share of all cores over the 24 hours."""
    bytes: int
    """What it adds to the disk."""

    @property
    def breaks_first(self) -> PoolDay:
        """The pool with the longest wait."""
        return max(self.pools, key=lambda pool: pool.longest_wait)


@dataclass
class _Flow:
    """The work of one kind: what has come and what is done, summed up after each step."""

    work: float
    came: list[float] = field(default_factory=list)
    done: list[float] = field(default_factory=list)

    @property
    def left(self) -> float:
        return self.came[-1] - (self.done[-1] if self.done else 0.0)


def arrivals(count: int, appeal: Appeal | None) -> list[float]:
    """How many of a day's ``count`` arrive in each step; fractions are meant."""
    usual = count * (1 - (appeal.share if appeal else 0.0))
    hourly = [usual * weight / sum(BY_HOUR) * STEP / 3600 for weight in BY_HOUR]
    steps = [hourly[second // 3600] for second in range(0, DAY, STEP)]
    if appeal and appeal.share:
        decay = [math.exp(-second / (APPEAL_MINUTES * 60)) for second in range(0, DAY - appeal.at, STEP)]
        for place, weight in enumerate(decay, appeal.at // STEP):
            steps[place] += count * appeal.share * weight / sum(decay)
    return steps


def simulate(counts: Mapping[ArrivalKind, int], costs: Costs, machines: Machines, appeal: Appeal | None = None) -> Day:
    """How machines get through a day.

    Args:
        counts: how many of each kind arrive; what is not named does not.
        costs: core-seconds and bytes of one.
        machines: hosts, their cores, and how many processes of each read pages and recordings.
        appeal: answered by text and by telephone only.
    """
    came = {kind: arrivals(counts.get(kind, 0), appeal if kind in ANSWERS_APPEALS else None) for kind in ArrivalKind}
    flows = {kind: _Flow(costs.of[kind].work) for kind in ArrivalKind}
    step_seconds = float(machines.hosts * machines.cores * STEP)
    most = [machines.processes(kind) * STEP for kind in flows]
    at_doors, door_wait, used = 0.0, 0.0, 0.0
    for step in range(_LONGEST // STEP):
        if step * STEP >= DAY and not any(flow.left > 1e-9 for flow in flows.values()):
            break
        for kind, flow in flows.items():
            new = came[kind][step] if step * STEP < DAY else 0.0
            at_doors += new * costs.of[kind].door
            flow.came.append((flow.came[-1] if flow.came else 0.0) + new * flow.work)
        served = min(at_doors, step_seconds)
        at_doors -= served
        door_wait = max(door_wait, at_doors / step_seconds * STEP)
        shares = fair_shares([flow.left for flow in flows.values()], most, step_seconds - served)
        for flow, share in zip(flows.values(), shares, strict=True):
            flow.done.append((flow.done[-1] if flow.done else 0.0) + share)
        used += (served + sum(shares)) if step * STEP < DAY else 0.0
    pools = tuple(_fared(kind, counts.get(kind, 0), flow, machines) for kind, flow in flows.items())
    kept = sum(costs.of[kind].bytes * counts.get(kind, 0) for kind in ArrivalKind)
    return Day(pools, door_wait, used / (machines.hosts * machines.cores * DAY), kept)


def fair_shares(wanted: Sequence[float], most: Sequence[float], there: float) -> list[float]:
    """What each gets of what is ``there``: at most its ``most`` and what it wants, the smallest wish first."""
    got = [0.0] * len(wanted)
    usable = [min(one, limit) for one, limit in zip(wanted, most, strict=True)]
    for rank, place in enumerate(sorted(range(len(wanted)), key=usable.__getitem__)):
        got[place] = min(usable[place], there / (len(wanted) - rank))
        there -= got[place]
    return got


def _fared(kind: ArrivalKind, count: int, flow: _Flow, machines: Machines) -> PoolDay:
    """Each step's last arrival is done when as much is done as had come by then."""
    if not count:
        return PoolDay(kind, 0, 0.0, 0, 0.0, 0.0)
    longest, worst, done_at = 0.0, 0, 0.0
    for step, (before, now) in enumerate(zip((0.0, *flow.came), flow.came, strict=False)):
        if now <= before:
            continue
        ended = bisect.bisect_left(flow.done, now - 1e-9)
        wait = (ended - step) * STEP + flow.work if ended < len(flow.done) else math.inf
        done_at = max(done_at, ended * STEP if ended < len(flow.done) else math.inf)
        if wait > longest:
            longest, worst = wait, step * STEP
    steps = DAY // STEP
    busy = flow.done[min(steps, len(flow.done)) - 1] / (machines.processes(kind) * DAY)
    return PoolDay(kind, count, longest, worst, done_at, busy)
