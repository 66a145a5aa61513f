"""The desk in Chromium: fifty settled by keys, and by taps; two at one queue, two engines or one, a browser killed.

``PEOPLE_AT`` (by default 200) are in the queue of two. Prints a table as it stands in the manual.
"""

from __future__ import annotations

import logging
import os
import signal
import tempfile
import threading
import time
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
from tests.inbox.pages.browsing import CHROMIUM, DESKTOP, PHONE, sign_in
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
MENTAL, KEY, POINT, RESPONSE = 1.35, 0.2, 1.1, 0.5
"""Seconds of the keystroke-level model (Card, Moran and Newell, 1980): thinking, a key, pointing, the next page."""
SHEET_KEYS, SHEET_TAPS = 8, 3
"""In a spreadsheet: down a row, three cells right, a letter and Enter, back; on a phone the cell, its list, a state."""

MILLISECONDS_A_LETTER = 90
TYPED = "Il manque un banc place de l'Église, côté nord."


def desk() -> None:
    """All three; raises where a promise is not kept."""
    if CHROMIUM is None:
        print("  (there is no Chromium)")
        return
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    _fifty("keys")
    _fifty("taps")
    _killed()
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


def _fifty(by: str) -> None:
    """Fifty mixed contributions by the keyboard alone, or by taps alone on a phone."""
    with _Town() as town, sync_playwright() as playwright:
        made = _made(town.store)
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        size, touch = (PHONE, True) if by == "taps" else (DESKTOP, False)
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]  # the library's own dictionary type
            has_touch=touch,
            is_mobile=touch,
            locale="en-GB",
            base_url=town.address,
        )
        page = context.new_page()
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
            before, kind = len(loads), made.get(here, "plain")
            count = _tap(page, kind) if by == "taps" else _press(page, KEYS[kind])
            if here in made:
                pressed[kind].append(count)
                loaded.append(len(loads) - before)
        browser.close()
        every = [count for counts in pressed.values() for count in counts]
        with town.store.read() as session:
            rows = session.scalars(select(Contribution).where(Contribution.id.in_(made))).all()
            states = Counter(row.moderation.value for row in rows)
            masked = [text_versions.current_text(session, row) for row in rows if made[row.id] == "mask"]
        print(f"  | what is done | contributions | {by} |")
        print("  | --- | ---: | ---: |")
        for kind, counts in pressed.items():
            print(f"  | {kind} | {len(counts)} | {median(counts):g} |")
        print(f"  | all, median | {len(every)} | {median(every):g} |")
        print(f"  page loads, median: {median(loaded):g}; states: {dict(states)}")
        _keystroke_level(pressed, by)
        assert all(text is not None and "Quéméneur" not in text.body and "06 39" not in text.body for text in masked)
        assert states == {Moderation.PUBLISHED.value: 45, Moderation.SET_ASIDE.value: 5}, states
        assert median(every) <= 3
        assert median(loaded) <= 1


def _press(page: Page, keys: list[str]) -> int:
    for key in keys[:-1]:
        page.keyboard.press(key) if len(key) > 1 or key.isascii() else page.keyboard.insert_text(key)
    with page.expect_navigation():
        page.keyboard.press(keys[-1])
    return len(keys)


def _tap(page: Page, kind: str) -> int:
    """Settle one by touching what is shown; how many times. A letter of the keyboard on the glass is a tap as well."""
    taps = 1
    last = page.locator(".deskbar .primary")
    if kind == "mask":
        for one in page.locator(".mask-list input[name=mask]").all():
            one.tap()
            taps += 1
    elif kind == "correct":
        said = "Il manque un banc"
        page.locator("#correct > summary").tap()
        page.locator("textarea[name=body]").tap()
        page.keyboard.press("Control+a")
        page.keyboard.type(said)
        # The fold, the box, all of it chosen by two more, then the words.
        taps += 4 + len(said)
    elif kind == "set aside":
        page.locator(".reasons > summary").tap()
        last = page.locator("[data-reason]").nth(4)
        taps += 1
    with page.expect_navigation():
        last.tap()
    return taps


def _keystroke_level(pressed: dict[str, list[int]], by: str) -> None:
    """The model's seconds for the forty that need no typing; reading left out, which is the same on both sides."""
    counts = [count for kind, counts in pressed.items() if kind != "correct" for count in counts]
    each, sheet = (POINT + KEY, SHEET_TAPS) if by == "taps" else (KEY, SHEET_KEYS)
    ours = sum(MENTAL + each * count + RESPONSE for count in counts) / len(counts)
    there = MENTAL + each * sheet
    print(f"  keystroke-level model, {len(counts)} short texts by {by}: {ours:.2f} s each, a spreadsheet {there:.2f} s")


# --- a browser that dies ------------------------------------------------------------------------------


def _killed() -> None:
    """Somebody types, and the whole browser is killed: what was typed stands there when the page is opened again.

    Typed as fast as people do. Killed at once, what the gateway has not answered for yet may be lost: it is printed.
    """
    with _Town() as town, sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        lost: dict[float, int] = {}
        kills = (0.0, 0.05, 0.3, 1.0, 3.0)
        for number, seconds in enumerate(kills):
            made = text_message(town.store, f"Il manque un banc, dit le numéro {number}")
            context = playwright.chromium.launch_persistent_context(
                profile, executable_path=CHROMIUM, locale="en-GB", base_url=town.address
            )
            page = context.new_page()
            _signed_in(page)
            page.goto(f"/contributions/{made}")
            page.locator("#correct > summary").click()
            page.locator("textarea[name=body]").press("Control+a")
            page.keyboard.type(TYPED, delay=MILLISECONDS_A_LETTER)
            time.sleep(seconds)
            _kill_browser(profile)
            context = playwright.chromium.launch_persistent_context(
                profile, executable_path=CHROMIUM, locale="en-GB", base_url=town.address
            )
            page = context.new_page()
            _signed_in(page)
            page.wait_for_timeout(2000)
            page.goto(f"/contributions/{made}")
            found = page.locator("textarea[name=body]").input_value()
            assert TYPED.startswith(found), found
            lost[seconds] = len(TYPED) - len(found)
            print(f"  browser killed {seconds:g} s after the last letter: {len(found)} of {len(TYPED)} letters there")
            context.close()
        assert not any(letters for seconds, letters in lost.items() if seconds >= 0.3), lost


def _signed_in(page: Page) -> None:
    """A browser that dies may or may not have kept its cookie."""
    page.goto("/contributions")
    if "sign-in" in page.url:
        sign_in(page)


def _kill_browser(profile: str) -> None:
    """Kill the browser of this profile, as a machine that loses its power does to a program."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                is_ours = f"--user-data-dir={profile}".encode() in (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if is_ours:
                os.kill(int(folder.name), signal.SIGKILL)


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
            moderation.decide_contribution(session, row.id, "set_aside", reason=reason, by=by, expect_revision=None)


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
