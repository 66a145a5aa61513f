"""The running gateway with its real processes: what nobody can read, kills while things arrive, and forgetting.

What nobody can read is kept, in front of a person, with its reason. Workers and Redis killed while
good contributions arrive lose and double nothing. What is erased is nowhere on the disk or in Redis.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, select

from config.enums import Reading
from inbox.erasure.erase import erase_contribution, scrub_deleted_words
from inbox.listings.ledger import count_ledger
from inbox.models import Contribution, ContributionPart, Intake, Part, Step, Transcript
from inbox.storage.database import Store
from tests.demo.doors import prepare, send
from tests.demo.samples import Call, Mail, Page, Samples, Text
from tests.demo.stage import Stage
from tests.standins.web import free_port

pytestmark = [pytest.mark.processes, pytest.mark.timeout(600)]

CALLER = "+33639980041"
SAMPLES = Samples(
    text=(Text(name="texto", sender="+33639980051", says=("Un abri à l'arrêt de bus",)),),
    call=(Call(name="appel", sender="+33639980052", says="il faudrait planter des arbres sur la place du marché"),),
    mail=(Mail(name="mail", mailbox="nolwenn", sender="Nolwenn", subject="arbres", says="Plantez.", quotes="Q"),),
    page=tuple(
        Page(name=f"page-{number}", title="Bonjour", says="Il manque des toilettes publiques près du marché.")
        for number in range(3)
    ),
)


@pytest.fixture(scope="module")
def stage(programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("bad"), SAMPLES, free_port()) as stage:
        stage.start_gateway()
        yield stage
        assert running(stage)
        stage.stop_gateway()
        assert running(stage) == {}


def locked_pdf() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    target = io.BytesIO()
    pdf.save(target, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    return target.getvalue()


def drop(stage: Stage, name: str, content: bytes) -> None:
    (stage.scans / name).write_bytes(content)


def write(stage: Stage, raw: bytes) -> None:
    stage.mail.imap.deliver(stage.town_mailbox.partition("@")[0], raw)


BAD: dict[str, tuple[Callable[[Stage], object], str]] = {
    "a broken recording": (
        lambda stage: stage.telephone.call(CALLER, stage.town_number, b"RIFF\x00\x00\x00\x00WAVE and no more"),
        "This is no recording",
    ),
    "a recording of nothing": (
        lambda stage: stage.telephone.call("+33639980042", stage.town_number, b""),
        "The file is empty",
    ),
    "a locked PDF": (lambda stage: drop(stage, "locked.pdf", locked_pdf()), "locked with a password"),
    "a file of 0 bytes": (lambda stage: drop(stage, "empty.pdf", b""), "The file is empty"),
    "half a PDF": (lambda stage: drop(stage, "half.pdf", locked_pdf()[:200]), "damaged"),
    "an empty mail": (
        lambda stage: write(stage, b"From: a@nolwenn.example\r\nTo: x@y.example\r\nMessage-ID: <1@x>\r\n\r\n"),
        "The mail is empty",
    ),
    "no mail at all": (lambda stage: write(stage, b"\x00\xff\xfe"), ""),
    "an empty text": (
        lambda stage: stage.telephone.text("+33639980043", stage.town_number, ""),
        "The text message is empty",
    ),
}


def wait_until(condition: Callable[[], bool], stage: Stage, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.3)
    assert condition(), state_of(stage)


def state_of(stage: Stage) -> str:
    """What a person who looks for the reason asks first: what is left to do, what runs, what it said last."""
    with stage.store.read() as session:
        steps = [
            f"step {step.id} {step.kind} {step.state}, {step.attempts} tries" for step in session.scalars(select(Step))
        ]
        kept = [f"part {part.id} of intake {part.intake_id}: {part.reading}" for part in session.scalars(select(Part))]
    logs = [f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}" for log in sorted(stage.folder.rglob("*.log"))]
    return "\n".join([*steps, *kept, *running(stage).values(), *logs])


def needing_a_person(store: Store) -> dict[str, int]:
    """Why parts need a person, and how many contributions show it."""
    with store.read() as session:
        rows = session.execute(
            select(Part.reading_reason, func.count(ContributionPart.contribution_id))
            .outerjoin(ContributionPart, ContributionPart.part_id == Part.id)
            .where(Part.reading == Reading.NEEDS_PERSON)
            .group_by(Part.id)
        )
        return {reason or "": count for reason, count in rows}


def test_what_nobody_can_read_is_in_front_of_a_person_with_its_reason(stage: Stage) -> None:
    already = len(parts(stage.store))
    for bring, _ in BAD.values():
        bring(stage)
    wait_until(lambda: len(parts(stage.store)) == already + len(BAD) and not waiting(stage.store), stage)
    found = needing_a_person(stage.store)
    for name, (_, reason) in BAD.items():
        assert any(reason.casefold() in said.casefold() for said in found), f"{name}: {found}"
    assert set(found.values()) == {1}, "each is a contribution that a moderator sees"
    with stage.store.read() as session:
        counted = count_ledger(session)
    assert counted.balanced, counted.problems
    assert counted.units == already + len(BAD)


def parts(store: Store) -> list[int]:
    with store.read() as session:
        return list(session.scalars(select(Part.id)))


def waiting(store: Store) -> list[int]:
    with store.read() as session:
        return list(session.scalars(select(Part.id).where(Part.reading == Reading.WAITING)))


def running(stage: Stage) -> dict[int, str]:
    """The gateway's processes by id, with their command lines."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            session = os.getsid(int(entry.parent.name))
        except OSError:
            continue
        if session in stage.sessions:
            found[int(entry.parent.name)] = line
    return found


def kill(name: str, stage: Stage) -> None:
    """Kill -9 every process of the gateway whose command line holds ``name``; whatever it was doing."""
    for pid, line in running(stage).items():
        if name in line:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def test_killing_workers_and_redis_while_things_arrive_loses_and_doubles_nothing(stage: Stage) -> None:
    with stage.store.read() as session:
        before = session.scalar(select(func.count(Contribution.id))) or 0
        known = set(session.scalars(select(Intake.id)))
    for number, sample in enumerate(SAMPLES.all):
        send(sample, stage, prepare(sample))
        kill(
            ("workers.pools.pool pages", "workers.pools.pool mail", "workers.pools.pool fetch", "redis-server")[
                number % 4
            ],
            stage,
        )
    time.sleep(1.5)
    # It may just be being started again, which empties its queues as well as any flush.
    with contextlib.suppress(RedisError):
        Redis.from_url(stage.settings.redis_address, socket_timeout=5).flushall()
    # Not the pages' pool a third time: a step whose worker dies three times is quarantined, as it should be.
    kill("workers.watchers.watcher_threads", stage)
    expected = before + len(SAMPLES.all)
    wait_until(lambda: len(contributions(stage.store)) == expected and not waiting(stage.store), stage, seconds=240)
    with stage.store.read() as session:
        fresh = select(Part.id).join(Intake, Intake.id == Part.intake_id).where(Intake.id.not_in(known))
        readings = session.scalars(select(Part.reading).where(Part.id.in_(fresh))).all()
        assert readings == [Reading.READ] * len(SAMPLES.all)
        assert count_ledger(session).balanced
        assert session.scalars(select(Step.id).where(Step.attempts > 2)).all() == []
        doubled = select(Transcript.medium_id).group_by(Transcript.medium_id).having(func.count() > 1)
        assert session.scalars(doubled).all() == []


def contributions(store: Store) -> list[int]:
    with store.read() as session:
        return list(session.scalars(select(Contribution.id)))


WORD = "zygomorphe"
WRITER = "+33639980077"


def test_what_is_erased_is_nowhere_on_the_disk_or_in_redis(stage: Stage) -> None:
    text = Text(name="oubli", sender=WRITER, says=(f"Un jardin {WORD} rue de Siam",))
    page = Page(name="oubli-page", title="Jardin", says=f"Un jardin {WORD} devant la mairie.")
    known = set(contributions(stage.store))
    for sample in (text, page):
        send(sample, stage, prepare(sample))
    wait_until(lambda: len(contributions(stage.store)) == len(known) + 2 and not waiting(stage.store), stage)
    assert stage.telephone.wait_for_text(WRITER) is not None, "the receipt goes out before anything is forgotten"
    planted = stage.settings.data_dir / "planted"
    planted.write_text(WORD)
    assert found_in_the_clear(stage) == [str(planted)], "nothing stands in the clear but what was planted"
    planted.unlink()
    for contribution_id in set(contributions(stage.store)) - known:
        with stage.store.write() as session:
            erase_contribution(session, contribution_id, by=None, reason="author")
    shutil.rmtree(stage.scans / "done")  # the copier's own files are the centre's, for as long as the settings say
    scrub_deleted_words(stage.store)
    wait_until(lambda: scrub_deleted_words(stage.store) and found_in_the_clear(stage) == [], stage, seconds=60)
    with stage.store.read() as session:
        assert count_ledger(session).balanced


def found_in_the_clear(stage: Stage) -> list[str]:
    """Where the word, its stem or the writer's number stand: files below the data directory, and keys of Redis."""
    wanted = [word.encode() for word in (WORD, WORD[:-1], WRITER.lstrip("+"))]
    places = [
        str(path)
        for path in stage.settings.data_dir.rglob("*")
        if path.is_file() and any(word in path.read_bytes() for word in wanted)
    ]
    redis = Redis.from_url(stage.settings.redis_address, socket_timeout=5)
    for key in redis.scan_iter(count=1000):
        stored = redis.dump(key) or b""
        if any(word in bytes(key) + bytes(stored) for word in wanted):
            places.append(f"redis {key!r}")
    return places
