"""The look-up by telephone attacked: numbers keyed from withheld, changing and shared telephones, and codes guessed.

Some of what is keyed is given out, as if a guesser had been lucky; everything that is said is looked through for words
of anybody. ``CALLS`` in the environment makes it more calls.
"""

from __future__ import annotations

import logging
import os
import random
import tempfile
from collections import Counter
from pathlib import Path

from config.enums import Channel
from config.settings.loader import Settings
from gateway.answers.answer_dispatch import dispatch_due_answers
from gateway.web.app import create_app
from inbox.answers.selection import RecipientSelection
from inbox.migrations import migrate
from inbox.records import references
from inbox.storage.database import Store
from tests.gateway.conftest import ACCOUNT, NUMBER, PUBLIC_URL, TOKEN
from tests.standins.telephone import Telephone
from tests.standins.telephone_line import telephone_line
from tests.workers.answered_town import Town, mobile

CALLS = int(os.environ.get("CALLS", "60"))
GIVEN_OUT = 20
"""Of each kind: published, and answered in person."""
SECRET, PERSONAL = "le chien de Rose", "votre dossier personnel"
KEYED = 5
"""Numbers of one call."""


def keying() -> None:
    """Call and key, and listen to what is told."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="portevoix-keying-") as name:
        here = Path(name)
        with telephone_line(PUBLIC_URL, ACCOUNT, TOKEN, NUMBER) as (telephone, account, connect):
            settings = Settings(data_dir=here / "data", keys_dir=here / "keys", public_url=PUBLIC_URL, twilio=account)
            settings.data_dir.mkdir(parents=True)
            store = Store.open(settings)
            migrate(store.engine)
            connect(create_app(settings, store))
            _attack(Town(store, settings), telephone)
            store.close()


def _attack(town: Town, telephone: Telephone) -> None:
    rng = random.Random(15)
    published, personal = _filled(town)
    told: Counter[str] = Counter()
    for number in range(CALLS):
        # One call in three withholds its number, one forges a new one each time, one shares a resident's telephone.
        caller = ("anonymous", f"+3329811{number:04d}", mobile(7).value)[number % 3]
        lucky = [rng.choice(published), rng.choice(personal)] if number % 4 == 0 else []
        keys = [*lucky, *(_guess(rng) for _ in range(KEYED - len(lucky)))]
        for key in keys:
            said = " ".join(telephone.call(caller, NUMBER, None, keys=("2", key)).said)
            assert SECRET not in said
            # Who shares the telephone of somebody who was answered hears that answer: it goes to the telephone.
            assert PERSONAL not in said or caller == mobile(7).value, "a personal answer was told"
            told[_kind(said)] += 1
    codes = _guess_codes(rng, town, telephone, personal[0])
    own = " ".join(telephone.call(mobile(0).value, NUMBER, None, keys=("2", personal[0])).said)
    assert PERSONAL in own, "who was answered does not hear it on their own telephone"
    asked = sum(told.values())
    print(f"  {asked} numbers keyed in {CALLS} calls: " + ", ".join(f"{n} {kind}" for kind, n in told.most_common()))
    print(f"  {codes} codes guessed at one answer: none opened it; its author hears it all the same")
    missed = town.settings.voicemail.missed_lookups_per_hour
    daily = missed * 24 * 50_000 / 90_000_000
    print(
        f"  with 50,000 given out: {daily:.2f} sentences a day at most, whoever calls ({missed} misses an hour in all)"
    )
    assert told["nothing"] <= missed, "more numbers that lead nowhere were answered than the limit lets"


def _filled(town: Town) -> tuple[list[str], list[str]]:
    town.open()
    published = [town.comes(Channel.VOICEMAIL, mobile(100 + n), f"{SECRET} {n}") for n in range(GIVEN_OUT)]
    personal = [town.comes(Channel.SMS, mobile(n), f"{SECRET} {n}") for n in range(GIVEN_OUT)]
    town.answers(RecipientSelection(numbers=tuple(personal)), PERSONAL)
    dispatch_due_answers(town.store, town.settings)
    with town.store.read() as session:
        numbers = references.references_of(session, [*published, *personal])
    return [numbers[one] for one in published], [numbers[one] for one in personal]


def _guess(rng: random.Random) -> str:
    digits = str(rng.randrange(10_000_000, 100_000_000))
    return digits + references.check_digit(digits)


def _guess_codes(rng: random.Random, town: Town, telephone: Telephone, reference: str) -> int:
    """Codes keyed at one answer, each call from another telephone."""
    for number in range(CALLS // 3):
        codes = [f"{rng.randrange(1_000_000):06d}" for _ in range(3)]
        said = " ".join(telephone.call(f"+3329822{number:04d}", NUMBER, None, keys=("2", reference, *codes)).said)
        assert PERSONAL not in said, "a code was guessed"
    return CALLS // 3 * 3


def _kind(said: str) -> str:
    for words, kind in (
        ("ne trouvons pas", "nothing"),
        ("Rappelez dans une heure", "to be asked later"),
        ("réponse est personnelle", "answered in person"),
        (PERSONAL, "told on the shared telephone"),
        ("lu et publié", "published"),
    ):
        if words in said:
            return kind
    return "something else"


if __name__ == "__main__":
    keying()
