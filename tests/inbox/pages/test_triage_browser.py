"""A moderator settles ten mixed contributions by the keyboard alone: keys pressed, and pages loaded, for each."""

from __future__ import annotations

from statistics import median

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from config.enums import Moderation
from inbox.contributions import drafts, text_versions
from inbox.models import Contribution
from tests.inbox.makers import heard, text_message
from tests.inbox.pages.conftest import Inbox
from tests.workers.installation import until

pytestmark = pytest.mark.browser

TYPED = (
    "Il manque un banc au marché.",
    "Rappelez Mme Quéméneur au 06 39 98 12 34, il fait noir.",
    "Perdez dix kilos sans effort !",
    "Un passage piéton devant l'école, vite.",
    "Plus d'arbres place Guérin.",
    "M. Kerdraon, 14 rue Bugeaud, se gare sur le trottoir.",
)
HEARD = ("il manque un arbre", "le bus du soir ne passe pas", "une fontaine au square", "plus de jeux pour les enfants")
KEYS = {TYPED[1]: ["m", "p"], TYPED[2]: ["x", "5"], TYPED[5]: ["m", "p"]}
"""What is pressed; for all else one key publishes, and confirms what a machine heard."""


def test_ten_are_settled_by_few_keys(page: Page, inbox: Inbox) -> None:
    made = {text_message(inbox.store, said): said for said in TYPED} | {heard(inbox.store, s): s for s in HEARD}
    loads: list[str] = []
    page.goto("/triage")
    page.on("domcontentloaded", lambda one: loads.append(one.url))
    page.get_by_role("button", name="Begin New ones").click()
    pressed, loaded = [], []
    for _ in made:
        page.wait_for_url("**queue=new*")
        here = int(page.url.split("/contributions/")[1].split("?")[0])
        before, keys = len(loads), KEYS.get(made[here], ["p"])
        with page.expect_navigation():
            for key in keys:
                page.keyboard.press(key)
        pressed.append(len(keys))
        loaded.append(len(loads) - before)
    with inbox.store.read() as session:
        rows = {one.id: one for one in session.scalars(select(Contribution).where(Contribution.id.in_(made)))}
        said = {number: text_versions.current_text(session, rows[number]) for number in made}
        session.expunge_all()
    assert [rows[number].moderation for number in made].count(Moderation.PUBLISHED) == 9
    by_text = {made[number]: wording.body for number, wording in said.items() if wording}
    assert by_text[TYPED[1]] == "Rappelez Mme [nom masqué] au [numéro masqué], il fait noir."
    assert by_text[TYPED[5]] == "M. [nom masqué], [adresse masquée], se gare sur le trottoir."
    print(f"keys {pressed}, median {median(pressed)}; pages {loaded}, median {median(loaded)}")
    assert median(pressed) <= 3
    assert median(loaded) <= 1


def test_what_was_just_done_is_taken_back_by_one_key(page: Page, inbox: Inbox) -> None:
    page.goto(f"/contributions/{inbox.seeded.contributions['text']}?queue=new")
    with page.expect_navigation():
        page.keyboard.press("p")
    expect(page.get_by_role("status").first).to_contain_text("Published.")
    with page.expect_navigation():
        page.keyboard.press("u")
    expect(page.get_by_role("status").first).to_contain_text("Taken back.")
    assert f"/contributions/{inbox.seeded.contributions['text']}?queue=new" in page.url


def test_keys_do_nothing_while_somebody_types_and_can_be_switched_off(page: Page, inbox: Inbox) -> None:
    path = f"/contributions/{inbox.seeded.contributions['text']}?queue=new"
    page.goto(path)
    page.keyboard.press("e")
    page.keyboard.type("pxj")
    assert page.url.endswith(path)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.goto("/triage/keys")
    page.get_by_label("Use keys").uncheck()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("Your keys are kept.")).to_be_visible()
    page.goto(path)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


SLOW_ANSWERS = """const real = window.fetch;
window.fetch = (...asked) => new Promise((then) => setTimeout(then, 1000)).then(() => real(...asked));"""


def test_what_is_typed_after_a_slow_answer_is_handed_in_too(page: Page, inbox: Inbox) -> None:
    made = text_message(inbox.store, "Un banc")
    page.add_init_script(SLOW_ANSWERS)
    page.goto(f"/contributions/{made}")
    page.locator("[data-box][data-settled]").wait_for(state="attached")
    page.locator("#correct > summary").click()
    box = page.locator("textarea[name=body]")
    box.press("End")
    box.press_sequentially("s,", delay=300)  # the second while the first one's answer is waited for
    expect(page.get_by_text("Kept as a draft")).to_be_visible(timeout=60_000)
    box.press_sequentially(" vite")

    def kept_at_last() -> str:
        with inbox.store.read() as session:
            [draft] = drafts.drafts_of(session, session.get_one(Contribution, made))
        return draft.body

    assert until(lambda: kept_at_last() == "Un bancs, vite", 60), kept_at_last()
