"""Ten thousand votes by text, telephone, desk and sheet: replays, changes of mind, two cards per household, kills.

A child process takes them in through the gateway's own code and is killed in the middle, many times; whoever was not
answered comes again. The count from the sealed rows must be what a count of its own, which knows only the rule, finds.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from config.settings.loader import Settings
from config.wording.consultation import read_consultation
from config.wording.projects import Project, Vote
from inbox.consultations import consultation_versions
from inbox.listings import recount
from inbox.listings.ledger import count_ledger
from inbox.migrations import migrate
from inbox.storage.database import Store
from inbox.votes import cards, counting

VOTES = 10_000
KILLS = 20
PROJECTS = (3, 7, 12, 14, 21)
MOST = 2


def votes() -> None:
    """Let them vote, kill whoever takes the votes in, and count twice."""
    with tempfile.TemporaryDirectory(prefix="portevoix-votes-") as folder:
        here = Path(folder)
        store, held = _town(here)
        said = _plan(held)
        (here / "said.jsonl").write_text("\n".join(map(json.dumps, said)))
        kills = _taken_in(here)
        settings = _settings(here)
        asked = _asked(settings)
        with store.write() as session:
            found = counting.count_votes(
                session, 1, asked, asked.closes.replace(year=asked.closes.year + 1), settings.zone
            )
            given = counting.count_given(session, 1)
        expected, voters = _independent(said)
        assert (dict(found.voices), found.voters) == (expected, voters), (found, expected, voters)
        with store.read() as session:
            book = count_ledger(session)
            assert book.balanced, book.problems
            assert recount.count_differences(session) == []
        store.close()
        print(f"  {len(said)} messages, {given} voices, {voters} voters, {kills} kills: both counts are {expected}")


def _settings(here: Path) -> Settings:
    return Settings(data_dir=here / "data", keys_dir=here / "keys")


def _asked(settings: Settings):
    first = read_consultation(settings.consultation_files[0])
    projects = tuple(Project(number=one, label={"fr": f"Projet {one}", "en": f"Project {one}"}) for one in PROJECTS)
    return first.model_copy(update={"projects": projects, "vote": Vote(by="card", most=MOST)})


def _town(here: Path) -> tuple[Store, list[str]]:
    settings = _settings(here)
    settings.data_dir.mkdir(parents=True)
    store = Store.open(settings)
    migrate(store.engine)
    with store.write() as session:
        consultation_versions.import_consultation(session, _asked(settings))
        held = cards.create_cards(session, 1, VOTES // 4)
    return store, held


def _plan(held: list[str]) -> list[dict[str, object]]:
    """What is sent, in order: two cards share each telephone; one in eight takes back, one in ten is sent twice."""
    dice = random.Random(15)
    said: list[dict[str, object]] = []
    for number in range(VOTES):
        at = dice.randrange(len(held))
        way = dice.choice(("text", "call", "desk", "sheet"))
        projects = dice.sample(PROJECTS, dice.choice((1, 1, 2) if way != "call" else (1,)))
        said.append(
            {
                "id": number,
                "way": way,
                "phone": f"+336{at // 2:08d}",
                "card": held[at],
                "projects": projects,
                "back": way != "call" and dice.random() < 0.12,
            }
        )
        if dice.random() < 0.1:
            said.append(said[-1])
    return said


def _taken_in(here: Path) -> int:
    """Run the child until it is through, killing it at random moments; how often."""
    dice, kills = random.Random(7), 0
    command = [sys.executable, "-m", "tests.soak.voting_process", str(here)]
    while True:
        child = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": os.getcwd()})  # noqa: PTH109
        deadline = time.monotonic() + dice.uniform(4, 9)
        while kills < KILLS and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        if kills < KILLS and child.poll() is None:
            child.send_signal(signal.SIGKILL)
            child.wait()
            kills += 1
            continue
        assert child.wait() == 0
        return kills


def _independent(said: list[dict[str, object]]) -> tuple[dict[int, int], int]:
    """The rule once more, in other words: of each card's messages, each once, the last two supports that hold."""
    hands: dict[str, list[int]] = {}
    seen: set[object] = set()
    for one in said:
        if one["id"] in seen:
            continue
        seen.add(one["id"])
        hand = hands.setdefault(str(one["card"]), [])
        for project in one["projects"]:  # type: ignore[attr-defined]
            if project in hand:
                hand.remove(project)
            if not one["back"]:
                hand.append(project)
        del hand[:-MOST]
    return dict(Counter(project for hand in hands.values() for project in hand)), sum(map(bool, hands.values()))
