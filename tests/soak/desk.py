"""The desk in Chromium: fifty contributions settled by keys, two moderators at one queue, two engines against one.

``PEOPLE_AT`` (by default 200) are in the queue of two. Prints a table as it stands in the manual.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections import Counter
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from config.enums import Moderation, SetAsideReason
from config.settings.schema import Settings
from inbox.contributions import moderation, text_versions
from inbox.migrations import migrate
from inbox.models import Contribution, History
from inbox.storage.database import Store
from tests.inbox.makers import heard, text_message
from tests.inbox.pages.browsing import CHROMIUM, DESKTOP, sign_in
from tests.inbox.pages.conftest import make_app, serving
from tests.inbox.pages.seed import Seeded, seed
from tests.inbox.pages.two_engines import SAID, put_right

TO_MASK = "Rappelez Mme Quéméneur au 06 39 98 12 {:02}, il fait noir rue Bugeaud."
TO_CORRECT = "il manque un banque place {}"
TO_SET_ASIDE = "Perdez dix kilos sans effort, offre numéro {} !"
THE_SAME = "Non au nouveau parking de la place Guérin."
PLAIN = "Un passage piéton devant l'école numéro {}, vite."

KEYS = {
    "mask": ["m", "p"],
    "correct": ["e", "Control+a", *"Il manque un banc", "Control+Enter"],
    "set aside": ["x", "5"],
    "duplicate": ["p"],
    "plain": ["p"],
}
MENTAL, KEY, RESPONSE, SHEET_KEYS = 1.35, 0.2, 0.5, 8
"""Seconds of the keystroke-level model (Card, Moran and Newell, 1980): to think, a key, to wait for a page."""


def desk() -> None:
    """All three; raises where a promise is not kept."""
    if CHROMIUM is None:
        print("  (there is no Chromium)")
        return
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    _fifty()
    _two_engines()
    _two_people(int(os.environ.get("PEOPLE_AT", "200")))


class _Town:
    """A filled inbox, served, with a browser."""

    def __enter__(self) -> _Town:
        self._folder = tempfile.TemporaryDirectory(prefix="portevoix-desk-")
        folder = Path(self._folder.name)
        self.store = Store.open(Settings(folder=folder))
        migrate(self.store.engine)
        self.seeded: Seeded = seed(self.store)
        self._server = serving(make_app(self.store, folder))
        self.address = self._server.__enter__()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.__exit__()
        self.store.close()
        self._folder.cleanup()


# --- fifty ------------------------------------------------------------------------------------------


def _made(store: Store) -> dict[int, str]:
    """Fifty contributions by what is to be done with each; the newest comes first at the desk."""
    made: dict[int, str] = {}
    for number in range(10):
        made[text_message(store, TO_MASK.format(number))] = "mask"
        made[heard(store, TO_CORRECT.format(number))] = "correct"
        for _ in range(2):
            made[text_message(store, PLAIN.format(len(made)))] = "plain"
        if number % 2:
            made[text_message(store, TO_SET_ASIDE.format(number))] = "set aside"
            made[text_message(store, THE_SAME)] = "duplicate"
    return made


def _fifty() -> None:
    with _Town() as town, sync_playwright() as playwright:
        made = _made(town.store)
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_context(viewport=DESKTOP, locale="en-GB", base_url=town.address).new_page()
        sign_in(page)
        loads: list[str] = []
        page.goto("/triage")
        page.on("domcontentloaded", lambda one: loads.append(one.url))
        page.get_by_role("button", name="Begin New ones").click()
        pressed: dict[str, list[int]] = {kind: [] for kind in KEYS}
        loaded: list[int] = []
        while sum(map(len, pressed.values())) < len(made):
            page.wait_for_url("**queue=new*")
            here = int(page.url.split("/contributions/")[1].split("?")[0])
            before, keys = len(loads), KEYS[made.get(here, "plain")]
            _press(page, keys)
            if here in made:
                pressed[made[here]].append(len(keys))
                loaded.append(len(loads) - before)
        browser.close()
        every = [count for counts in pressed.values() for count in counts]
        with town.store.read() as session:
            rows = session.scalars(select(Contribution).where(Contribution.id.in_(made))).all()
            states = Counter(row.moderation.value for row in rows)
            masked = [text_versions.current_text(session, row) for row in rows if made[row.id] == "mask"]
        print("  | what is done | contributions | keys |")
        print("  | --- | ---: | ---: |")
        for kind, counts in pressed.items():
            print(f"  | {kind} | {len(counts)} | {median(counts):g} |")
        print(f"  | all, median | {len(every)} | {median(every):g} |")
        print(f"  page loads, median: {median(loaded):g}; states: {dict(states)}")
        _keystroke_level(pressed)
        assert all(text is not None and "Quéméneur" not in text.body and "06 39" not in text.body for text in masked)
        assert states == {Moderation.PUBLISHED.value: 45, Moderation.SET_ASIDE.value: 5}, states
        assert median(every) <= 3
        assert median(loaded) <= 1


def _press(page: Page, keys: list[str]) -> None:
    for key in keys[:-1]:
        page.keyboard.press(key) if len(key) > 1 or key.isascii() else page.keyboard.insert_text(key)
    with page.expect_navigation():
        page.keyboard.press(keys[-1])


def _keystroke_level(pressed: dict[str, list[int]]) -> None:
    """The model's seconds for the forty that need no typing; reading left out, which is the same on both sides."""
    keys = [count for kind, counts in pressed.items() if kind != "correct" for count in counts]
    ours = sum(MENTAL + KEY * count + RESPONSE for count in keys) / len(keys)
    # In a spreadsheet: down to the next row, three cells to the right, a state chosen by typing its letter, back.
    sheet = MENTAL + KEY * SHEET_KEYS
    print(f"  keystroke-level model, {len(keys)} short texts: {ours:.2f} s each here, {sheet:.2f} s in a spreadsheet")


# --- two engines ------------------------------------------------------------------------------------


def _two_engines() -> None:
    with _Town() as town, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_context(viewport=DESKTOP, locale="en-GB", base_url=town.address).new_page()
        sign_in(page)
        print("  | ten recordings heard by | keys | seconds of Chromium | right |")
        print("  | --- | ---: | ---: | ---: |")
        found = {}
        for both, name in ((True, "both engines"), (False, "Vosk alone")):
            found[both] = put_right(page, town.store, len(SAID), both=both)
            print(f"  | {name} | {found[both].keys} | {found[both].seconds:.1f} | {found[both].right} |")
        browser.close()
        assert found[True].right == found[False].right == len(SAID)
        assert found[True].keys * 3 < found[False].keys


# --- two people -------------------------------------------------------------------------------------


def _two_people(count: int) -> None:
    """Two moderators go through one queue at once: each is decided once, by one of them."""
    with _Town() as town:
        _clear(town.store, town.seeded.people["mod"])
        made = [text_message(town.store, PLAIN.format(number)) for number in range(count)]
        done: dict[str, int] = {}
        people = [threading.Thread(target=_go_through, args=(town.address, login, done)) for login in ("mod", "admin")]
        for one in people:
            one.start()
        for one in people:
            one.join(1200)
        with town.store.read() as session:
            states = Counter(session.scalars(select(Contribution.moderation).where(Contribution.id.in_(made))))
            decided = Counter(
                session.scalars(
                    select(History.subject).where(
                        History.action == "publish", History.subject.in_([f"contribution:{one}" for one in made])
                    )
                )
            )
        twice = sum(times > 1 for times in decided.values())
        print(f"  two moderators, {count} contributions: {done}, decided twice {twice}, {dict(states)}")
        assert states == {Moderation.PUBLISHED: count}, states
        assert twice == 0
        assert all(done.values())


def _clear(store: Store, by: int) -> None:
    """Nothing else is left to decide."""
    with store.write() as session:
        waiting = select(Contribution).where(Contribution.listed, Contribution.moderation == Moderation.IN_REVIEW)
        for row in session.scalars(waiting).all():
            reason = SetAsideReason.OFF_TOPIC
            moderation.decide(session, row.id, "set_aside", reason=reason, by=by, expect_revision=None)


def _go_through(address: str, login: str, done: dict[str, int]) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_context(viewport=DESKTOP, locale="en-GB", base_url=address).new_page()
        sign_in(page, login)
        page.goto("/triage")
        page.get_by_role("button", name="Begin New ones").click()
        page.wait_for_url("**queue=new*")
        done[login] = 0
        while "/contributions/" in page.url:
            with page.expect_navigation():
                page.keyboard.press("p")
            done[login] += 1
        browser.close()
