"""A recording of half an hour, and a hundred short ones at once: each is heard whole, and the short ones do not wait.

``CALLS`` is how many (100), ``MINUTES`` how long the long one is (30).
"""

from __future__ import annotations

import os
import tempfile
import time
import wave
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from config.enums import MediumKind, StepKind, StepState
from inbox.contributions import text_versions
from inbox.jobs import speech_order
from inbox.models import Contribution, ContributionPart, Intake, Medium, Part, Step
from inbox.storage.database import Store
from tests.bench.processor import command_of, tree
from tests.bench.speech_memory import peak_mb
from tests.demo.samples import Samples, Text
from tests.demo.stage import Stage
from tests.transcription.people import spoken_words, word_errors
from tests.transcription.spoken import Clip, clips, write_all

CALLS = int(os.environ.get("CALLS", "100"))
MINUTES = float(os.environ.get("MINUTES", "30"))
NOBODY_ELSE = Samples(text=(Text(name="unsent", sender="+33612000000", says=("bonjour",)),))
"""The stage wants somebody who says something; this is not sent."""
AT_ONCE = 16
PAUSE_SECONDS = 1.0
"""Between two sentences of the long recording."""
PATIENCE = 3600.0
MOST_WRONG = 0.15
"""Of the words, in all: the demo model gets 12 % of free sentences wrong (its card)."""
MOST_MEMORY_MB = 600
"""Of a process that listens, whatever a recording's length."""


def calls() -> None:
    """Everybody is heard, with no more memory for the long one, and most short ones before it."""
    with tempfile.TemporaryDirectory(prefix="portevoix-calls-") as name:
        folder = Path(name)
        said = clips(CALLS, seed=91)
        short = [path.read_bytes() for path in write_all(said, folder)]
        long, sentences = _long(folder)
        with Stage(folder / "town", NOBODY_ELSE) as stage:
            with stage.settings_path.open("a", encoding="utf-8") as settings:
                settings.write('\n[speech]\norder = "newest_short"\n')
            stage.start_gateway()
            try:
                _try(stage, long, short, sentences, said)
            finally:
                stage.stop_gateway()


def _long(folder: Path) -> tuple[bytes, list[str]]:
    """Sentences with pauses, for so many minutes, as one recording; and what is said."""
    spoken = clips(60, seed=92)
    files = write_all(spoken, folder)
    target, said, seconds = folder / "long.wav", list[str](), 0.0
    with wave.open(str(target), "wb") as joined:
        for number in range(10_000):
            if seconds >= MINUTES * 60:
                break
            with wave.open(str(files[number % len(files)]), "rb") as one:
                if not number:
                    joined.setparams(one.getparams())
                rate = one.getframerate()
                joined.writeframes(one.readframes(one.getnframes()) + bytes(int(PAUSE_SECONDS * rate) * 2))
                seconds += one.getnframes() / rate + PAUSE_SECONDS
            said.append(spoken[number % len(spoken)].says)
    return target.read_bytes(), said


def _try(stage: Stage, long: bytes, short: Sequence[bytes], sentences: Sequence[str], said: Sequence[Clip]) -> None:
    began = time.monotonic()

    def call(number: int, speech: bytes) -> str:
        made = stage.telephone.call(f"+336120{number:05d}", stage.town_number, speech)
        assert all(one.status in (200, 204) for one in made.deliveries), made.deliveries
        return made.sid

    half = len(short) // 2
    with ThreadPoolExecutor(AT_ONCE) as callers:
        others = list(callers.map(call, range(1, half + 1), short[:half]))
        first = call(0, long)
        others += callers.map(call, range(half + 1, len(short) + 1), short[half:])
    print(f"  {1 + len(others)} calls ended after {time.monotonic() - began:.0f} s", flush=True)
    most_memory, places, done_at = 0.0, set[int](), dict[str, float]()
    while len(done_at) < 1 + len(others):
        assert time.monotonic() - began < PATIENCE, f"{len(done_at)} of {1 + len(others)} were heard"
        time.sleep(1)
        most_memory = max(most_memory, _memory_of_listeners(stage))
        waiting = _waiting(stage.store)
        places |= _places(stage.store)
        for sid in (first, *others):
            if sid not in waiting and sid not in done_at:
                done_at[sid] = time.monotonic() - began
    texts = _texts(stage.store)
    truth = {first: " ".join(sentences)} | {sid: clip.says for sid, clip in zip(others, said, strict=True)}
    of, wrong = 0, 0
    for sid, words in truth.items():
        spoken = spoken_words(words, "fr")
        of, wrong = of + len(spoken), wrong + word_errors(spoken, spoken_words(texts.get(sid, ""), "fr"))
    before = sum(done_at[sid] <= done_at[first] for sid in others)
    times = sorted(done_at[sid] for sid in others)
    print(f"  words wrong: {wrong} of {of}; heard before the long one: {before} of {len(others)}")
    print(f"  short ones: half after {times[len(times) // 2]:.0f} s, all after {times[-1]:.0f} s", end="; ")
    print(f"the long one after {done_at[first]:.0f} s; at most {most_memory:.0f} MB a listener", flush=True)
    print(f"  places in the queue that were told: up to {max(places, default=0)}", flush=True)
    assert all(texts.get(sid) for sid in truth), "a call has no text"
    assert wrong <= MOST_WRONG * of, f"{wrong} of {of} words are wrong"
    assert most_memory <= MOST_MEMORY_MB, f"a listener took {most_memory:.0f} MB"
    assert done_at[first] >= times[len(times) // 2], "the short ones waited for the long one"
    assert max(places, default=0) > 0, "nobody was told their place in the queue"


def _waiting(store: Store) -> set[str]:
    """The calls that nobody has listened to yet, those included whose recording is still to be fetched."""
    with store.read() as session:
        heard = set(
            session.scalars(
                select(Intake.external_id)
                .join(Part, Part.intake_id == Intake.id)
                .join(Step, Step.part_id == Part.id)
                .where(Step.kind == StepKind.READ_SPEECH, Step.state != StepState.OPEN)
            )
        )
        everyone = set(session.scalars(select(Intake.external_id)))
    return everyone - heard


def _places(store: Store) -> set[int]:
    """The places in the queue of a few contributions, as their pages tell them."""
    with store.read() as session:
        some = session.scalars(select(Contribution.id)).all()[::10]
        found = [speech_order.ahead_of(session, one, newest_short=True) for one in some]
    return {place for place in found if place is not None}


def _texts(store: Store) -> dict[str, str]:
    """What was heard, by the call."""
    with store.read() as session:
        rows = session.execute(
            select(Intake.external_id, Contribution)
            .join(Part, Part.intake_id == Intake.id)
            .join(Medium, Medium.part_id == Part.id)
            .join(ContributionPart, ContributionPart.part_id == Part.id)
            .join(Contribution, Contribution.id == ContributionPart.contribution_id)
            .where(Medium.kind == MediumKind.RECORDING)
        )
        found = {}
        for sid, contribution in rows:
            wording = text_versions.current_text(session, contribution)
            found[str(sid)] = wording.body if wording else ""
    return found


def _memory_of_listeners(stage: Stage) -> float:
    """The most that one process of a gateway that listens has taken so far, in MB."""
    most = 0.0
    for process in tree(stage.gateway_pid):
        if "speech_child" in command_of(process):
            with suppress(OSError):  # it has ended meanwhile
                most = max(most, peak_mb(process))
    return most
