"""An hour of real arrivals, at one tenth of a metropolis' fullest, against what the simulation says of it.

A whole gateway between the demo's stand-ins is sent texts, calls, mails and pages at moments drawn by chance, as many
as the simulated hour has. Wanted: what its processes take of the cores is within a fifth of what the plan reckons. How
long each kind waited at most is printed beside the plan's. Costs are those that ``COSTS`` names, measured on the same
machine: ``COSTS=costs.toml make bench ONLY=costs && COSTS=costs.toml make soak ONLY=hour``.
"""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import func, select

from gateway.planning.costs import SHIPPED, ArrivalKind, read_measured_costs
from gateway.planning.day_simulation import BY_HOUR, Machines, simulate
from gateway.planning.installation_plans import Size, read_plans
from inbox.models import Intake, Part, Step
from tests.bench.costs import samples_of_a_day, taken_at_rest, taken_by, wait_until_done
from tests.demo.doors import Prepared, prepare, send
from tests.demo.samples import AnySample, Mail, Samples
from tests.demo.stage import Stage

MINUTES = float(os.environ.get("PORTEVOIX_SOAK_HOUR_MINUTES", "60"))
SHARE = float(os.environ.get("PORTEVOIX_SOAK_HOUR_SHARE", "0.1"))
"""Of the fullest day of a metropolis."""
MOST_APART = float(os.environ.get("PORTEVOIX_SOAK_HOUR_APART", "0.2"))


def counts_of_the_hour() -> dict[ArrivalKind, int]:
    """How many of each kind arrive in the fullest hour, or in as many minutes as are measured; one at least."""
    fullest = read_plans().of(Size.METROPOLIS).fullest
    part = SHARE * max(BY_HOUR) / sum(BY_HOUR) * MINUTES / 60
    return {kind: max(1, round(fullest[kind] * part)) for kind in ArrivalKind}


def hour() -> None:
    """The trial."""
    counts = counts_of_the_hour()
    costs = read_measured_costs(Path(os.environ.get("COSTS", SHIPPED)))
    day = samples_of_a_day(max(counts.values()) + 1)
    made: dict[str, Prepared] = {one.name: prepare(one) for samples in day.values() for one in samples}
    mails = tuple(one for one in day[ArrivalKind.MAIL] if isinstance(one, Mail))
    with (
        tempfile.TemporaryDirectory(prefix="pv-hour-") as folder,
        Stage(Path(folder) / "town", Samples(mail=mails)) as stage,
    ):
        stage.start_gateway()
        for samples in day.values():  # engines are loaded and sandboxes warm before anything is counted
            send(samples[-1], stage, made[samples[-1].name])
        wait_until_done(stage, len(day))
        at_rest = taken_at_rest(stage)
        before, began = taken_by(stage), time.monotonic()
        _send_all({kind: day[kind][: counts[kind]] for kind in ArrivalKind}, stage, made)
        wait_until_done(stage, len(day) + sum(counts.values()))
        after, seconds = taken_by(stage), time.monotonic() - began
        measured = after.door + after.work - before.door - before.work - at_rest * seconds
        waited = _longest_waits(stage)
    planned = sum((costs.of[kind].door + costs.of[kind].work) * count for kind, count in counts.items())
    whole_day = {kind: round(count * sum(BY_HOUR) / max(BY_HOUR) * 60 / MINUTES) for kind, count in counts.items()}
    reckoned = simulate(whole_day, costs, Machines(1, os.cpu_count() or 1))
    print(f"arrived within {MINUTES:g} minutes: { {kind.value: count for kind, count in counts.items()} }", flush=True)
    for pool in reckoned.pools:
        print(f"{pool.kind.value}: waited {waited.get(pool.kind, 0):.1f} s at most, reckoned {pool.longest_wait:.1f} s")
    print(f"core-seconds: {measured:.1f} measured, {planned:.1f} reckoned: {measured / planned - 1:+.0%}", flush=True)
    assert abs(measured / planned - 1) <= MOST_APART


def _send_all(arriving: Mapping[ArrivalKind, list[AnySample]], stage: Stage, made: Mapping[str, Prepared]) -> None:
    """Each at its moment, calls beside each other, as people do."""
    chance = random.Random(17)
    every = [one for samples in arriving.values() for one in samples]
    chance.shuffle(every)
    moments = sorted(chance.uniform(0, MINUTES * 60) for _ in every)
    began, sending = time.monotonic(), []
    for at, one in zip(moments, every, strict=True):
        time.sleep(max(0.0, began + at - time.monotonic()))
        sending.append(threading.Thread(target=send, args=(one, stage, made[one.name])))
        sending[-1].start()
    for thread in sending:
        thread.join()


def _longest_waits(stage: Stage) -> dict[ArrivalKind, float]:
    """From the arrival of what was sent until the last step of it was done."""
    channels = {"sms": ArrivalKind.TEXT, "voicemail": ArrivalKind.RECORDING, "email": ArrivalKind.MAIL}
    longest: dict[ArrivalKind, float] = {}
    ended = (
        select(Intake.channel, Intake.received_at, func.max(Step.ended_at))
        .join(Part, Part.intake_id == Intake.id)
        .join(Step, (Step.part_id == Part.id) | (Step.intake_id == Intake.id))
        .group_by(Intake.id)
    )
    with stage.store.read() as session:
        for channel, received, done in session.execute(ended):
            if done is not None:
                kind = channels.get(channel.value, ArrivalKind.PAGE)
                longest[kind] = max(longest.get(kind, 0.0), (done - received).total_seconds())
    return longest
