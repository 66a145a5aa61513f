"""The state page attacked by its time: what references lead to, asked in turn, and what a clock tells of it.

For each two kinds of numbers it says how well a guesser who sees only how long the answer took can tell them apart: the
share of pairs that time puts into one order (0.5: nothing; 1: all), with what chance alone would give.
``ASKED`` in the environment makes it more numbers of each kind.
"""

from __future__ import annotations

import itertools
import math
import os
import random
import tempfile
import time
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select, update

from config.enums import Moderation, SetAsideReason
from config.settings.loader import Settings
from config.settings.sections.web_section import Web
from config.wording.consultation import read_consultation
from gateway.sample.fill_store import fill_store
from gateway.web.app import create_app
from inbox.consultations import consultation_versions
from inbox.erasure.erase import erase_contribution
from inbox.migrations import migrate
from inbox.models import Contribution
from inbox.records import references
from inbox.storage.database import Store

ASKED = int(os.environ.get("ASKED", "120"))
CONTRIBUTIONS = 200
MOST_SECONDS = 0.2
_SIGMAS = 4.0


def guessing() -> None:
    """Ask for numbers of each kind in turn."""
    with tempfile.TemporaryDirectory(prefix="portevoix-guessing-") as name:
        here = Path(name)
        limits = Web(lookups_per_hour=10_000, missed_lookups_per_hour=100_000)
        settings = Settings(data_dir=here / "data", keys_dir=here / "keys", web=limits)
        settings.data_dir.mkdir(parents=True)
        store = Store.open(settings)
        migrate(store.engine)
        _judge(_took(create_app(settings, store).test_client(), _numbers(settings, store)))
        store.close()


def _numbers(settings: Settings, store: Store) -> dict[str, list[str]]:
    """Numbers of each kind."""
    asked = read_consultation(settings.consultation_files[0])
    with store.write() as session:
        consultation_versions.import_consultation(session, asked)
    fill_store(store, asked, CONTRIBUTIONS, seed=1, media=0, told=lambda _count: None)
    with store.write() as session:
        ids = list(session.scalars(select(Contribution.id).where(Contribution.listed)))
        states: dict[str, dict[str, object]] = {
            "published": {"moderation": Moderation.PUBLISHED, "set_aside_reason": None},
            "in review": {"moderation": Moderation.IN_REVIEW, "set_aside_reason": None},
            "set aside": {"moderation": Moderation.SET_ASIDE, "set_aside_reason": SetAsideReason.OFF_TOPIC},
        }
        found: dict[str, list[str]] = {}
        for at, (kind, values) in enumerate([*states.items(), ("erased", {})]):
            mine = ids[at * 40 : at * 40 + 40]
            if values:
                session.execute(update(Contribution).where(Contribution.id.in_(mine)).values(**values))
            found[kind] = list(references.references_of(session, mine).values())
            for one in mine if kind == "erased" else ():
                erase_contribution(session, one, None, "author")
    rng = random.Random(1)
    known = set(itertools.chain.from_iterable(found.values()))
    nobody = [f"{rng.randrange(10_000_000, 100_000_000)}" for _ in range(80)]
    found["nobody's"] = [full for one in nobody if (full := one + references.check_digit(one)) not in known][:40]
    found["no number"] = [f"{rng.randrange(10**8)}" for _ in range(40)]
    return found


def _took(client: FlaskClient, numbers: dict[str, list[str]]) -> dict[str, list[float]]:
    """The seconds each answer took, one of each kind after the other, in changing order."""
    took: dict[str, list[float]] = {kind: [] for kind in numbers}
    rng = random.Random(2)
    client.post("/suivi", data={"numero": "1"})  # the first compiles its template
    for turn in range(ASKED):
        for kind in rng.sample(sorted(numbers), len(numbers)):
            begun = time.perf_counter()
            client.post("/suivi", data={"numero": numbers[kind][turn % len(numbers[kind])]})
            took[kind].append(time.perf_counter() - begun)
    return took


def _judge(took: dict[str, list[float]]) -> None:
    print("  | a number that is | p50 | p95 | longest |")
    print("  | --- | ---: | ---: | ---: |")
    for kind, times in took.items():
        ranked = sorted(times)
        p50, p95 = ranked[len(ranked) // 2], ranked[int(len(ranked) * 0.95) - 1]
        print(f"  | {kind} | {p50 * 1000:.1f} ms | {p95 * 1000:.1f} ms | {ranked[-1] * 1000:.0f} ms |")
    chance = _SIGMAS * math.sqrt((2 * ASKED + 1) / (12 * ASKED * ASKED))
    wrong = []
    for one, other in itertools.combinations(took, 2):
        share = _share(took[one], took[other])
        if abs(share - 0.5) > chance:
            wrong.append(f"{one} and {other}: {share:.3f}")
    print(f"  told apart by time: {len(wrong)} of 15 pairs of kinds (chance alone stays within 0.5 ± {chance:.3f})")
    everything = sorted(itertools.chain.from_iterable(took.values()))
    p95 = everything[int(len(everything) * 0.95) - 1]
    print(f"  all: p95 {p95 * 1000:.0f} ms (at most {MOST_SECONDS * 1000:.0f})")
    assert not wrong, "; ".join(wrong)
    assert p95 <= MOST_SECONDS


def _share(some: list[float], others: list[float]) -> float:
    """The share of pairs of which the first took longer (Mann and Whitney's U over all pairs)."""
    more = sum((one > other) + (one == other) / 2 for one in some for other in others)
    return more / (len(some) * len(others))


if __name__ == "__main__":
    guessing()
