"""What one text, recording, mail and page takes of a processor and of the disk: the table that `portevoix plan` reads.

A whole gateway runs between the demo's stand-ins. Of each kind some are sent, and all processes' time is taken when
the last one has been read and its receipt is out: processor time, so that it holds beside other work too. The time
at rest is taken off. Written to the file that ``COSTS`` names, and printed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from config.enums import StepKind, StepState
from gateway.planning.costs import ArrivalKind
from inbox.models import Contribution, Step
from tests.bench.pairs import Figure
from tests.bench.processor import command_of, core_seconds, tree
from tests.demo.doors import prepare, send
from tests.demo.samples import AnySample, Call, Mail, Page, Samples, Text
from tests.demo.stage import Stage
from tests.workers.installation import until

EACH = int(os.environ.get("EACH", "40"))
"""How many of each kind."""
_REST_SECONDS = 20.0
_PATIENCE = 600.0
_CALL = (
    "il faudrait plus de bancs et des arbres dans la rue parce que ma mère marche lentement et doit s'asseoir en chemin"
)


def samples_of_a_day(each: int = EACH) -> dict[ArrivalKind, list[AnySample]]:
    """As many of each kind, each of somebody else."""
    texts = [
        Text(name=f"text-{n}", sender=f"+3363998{n:04}", says=(f"Il manque {n} bancs rue de Siam, à l'ombre.",))
        for n in range(each)
    ]
    calls = [Call(name=f"call-{n}", sender=f"+3326191{n:04}", says=_CALL) for n in range(each)]
    mails = [
        Mail(
            name=f"mail-{n}",
            mailbox=f"voisin{n}",
            sender=f"Voisin {n}",
            subject="Nos rues, nos places",
            says=f"Bonjour,\n\nil manque {n} arbres place de la Liberté, et un passage piéton devant l'école.\n\nMerci",
        )
        for n in range(each)
    ]
    pages = [
        Page(
            name=f"page-{n}",
            file="jpeg",
            title=f"Atelier {n}",
            says=f"Il faudrait un banc et {n} lampadaires devant la piscine, et un bus le dimanche.",
        )
        for n in range(each)
    ]
    return {
        ArrivalKind.TEXT: list(texts), ArrivalKind.RECORDING: list(calls),
        ArrivalKind.MAIL: list(mails), ArrivalKind.PAGE: list(pages),
    }  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """What so many of a kind have taken: core-seconds of the web server and of all others, and bytes on disk."""

    door: float
    work: float
    kept: int


@contextmanager
def cost_rows(folder: Path) -> Iterator[list[Figure]]:
    """How long the table takes; the table itself is printed, and written where ``COSTS`` says."""
    yield [Figure("costs", lambda: _measured(folder), _PATIENCE, "s", "for all that was measured")]


def _measured(folder: Path) -> float:
    began = time.monotonic()
    text = "\n".join(_tables(folder))
    print(text, flush=True)
    if target := os.environ.get("COSTS"):
        Path(target).write_text(text + "\n", encoding="utf-8")
    return time.monotonic() - began


def _tables(folder: Path) -> list[str]:
    day = samples_of_a_day()
    every = [one for samples in day.values() for one in samples]
    made = {one.name: prepare(one) for one in every}
    mails = tuple(one for one in every if isinstance(one, Mail))
    with Stage(folder / "town", Samples(mail=mails)) as stage:
        stage.start_gateway()
        # Engines are loaded and sandboxes warm before anything is counted.
        for samples in day.values():
            send(samples[0], stage, made[samples[0].name])
        wait_until_done(stage, len(day))
        at_rest = taken_at_rest(stage)
        lines = [f'machine = "{os.cpu_count()} cores, {os.uname().machine}"', ""]
        for number, (kind, samples) in enumerate(day.items(), 1):
            further = samples[1:]
            before, began = taken_by(stage), time.monotonic()
            for one in further:
                send(one, stage, made[one.name])
            wait_until_done(stage, len(day) + number * len(further))
            lines += _table(kind, before, taken_by(stage), at_rest * (time.monotonic() - began), len(further))
        return lines


def _table(kind: ArrivalKind, before: Taken, after: Taken, at_rest: float, many: int) -> list[str]:
    work = max(after.work - before.work - at_rest, 0.0) / many
    return [
        f"[{kind.value}]",
        f"door = {max(after.door - before.door, 0.0) / many:.4f}",
        f"work = {work:.4f}",
        f"bytes = {(after.kept - before.kept) // many}",
        "",
    ]


def taken_by(stage: Stage) -> Taken:
    """What everything has taken until now."""
    supervisor = stage.gateway_pid
    pids = tree(supervisor)
    doors = [pid for pid in pids if any(name in command_of(pid) for name in ("processes.doors", "processes.front"))]
    assert doors, "no doors"
    kept = sum(file.stat().st_size for file in (stage.folder / "data").rglob("*") if file.is_file())
    door = core_seconds(doors)
    return Taken(door, core_seconds(pids) - door, kept)


def taken_at_rest(stage: Stage) -> float:
    """Core-seconds a second that are taken while nothing happens."""
    before = taken_by(stage)
    time.sleep(_REST_SECONDS)
    after = taken_by(stage)
    return (after.work - before.work) / _REST_SECONDS


def wait_until_done(stage: Stage, wanted: int) -> None:
    """Return once so many contributions are there, and nothing is left to do."""

    def is_settled() -> bool:
        with stage.store.read() as session:
            there = session.scalar(select(func.count()).select_from(Contribution)) or 0
            # A call is looked at once more a good while later; that is nothing anybody waits for.
            waits = Step.state == StepState.OPEN, Step.kind != StepKind.LIST_RECORDINGS
            left = session.scalar(select(func.count()).select_from(Step).where(*waits)) or 0
        return there >= wanted and left == 0

    if not until(is_settled, _PATIENCE):
        with stage.store.read() as session:
            there = session.scalar(select(func.count()).select_from(Contribution))
            left = session.execute(
                select(Step.kind, Step.queue, func.count()).where(Step.state == StepState.OPEN).group_by(Step.kind)
            ).all()
        raise AssertionError(f"{there} of {wanted} are there; still to do: {left}")
