"""In a real browser: whatever happens to a page on which somebody types, what was typed is there afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import delete

from config.enums import Moderation, TextOrigin
from inbox.contributions import drafts, text_versions
from inbox.models import Contribution, SignInSession
from tests.inbox.pages.browsing import DESKTOP, PHONE, listen, sign_in
from tests.inbox.pages.conftest import Inbox
from tests.inbox.pages.test_browser import UNSTUCK, violations
from tests.workers.installation import until

pytestmark = pytest.mark.browser

MASKED = "M. [nom masqué] gare toujours son camion devant l'école, rue de Siam."
OTHER = "Quelqu'un gare toujours un camion devant chez une voisine."
WAITS = 30_000
"""Milliseconds: the page tries again every five seconds, and the machine may have other things to do."""


@pytest.fixture
def context(browser: Browser, served: str) -> Iterator[BrowserContext]:
    """A browser of one's own, in which connections may be lost."""
    context = browser.new_context(viewport=DESKTOP, locale="en-GB", base_url=served)
    yield context
    context.close()


@pytest.fixture
def desk(context: BrowserContext) -> Page:
    """Somebody signed in."""
    page = context.new_page()
    sign_in(page)
    return page


def path_of(inbox: Inbox, name: str) -> str:
    return f"/contributions/{inbox.seeded.contributions[name]}"


def box_of(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_label("What the resident said")


def type_into(page: Page, inbox: Inbox, name: str, body: str) -> None:
    page.goto(path_of(inbox, name))
    write(page, body)


def write(page: Page, body: str) -> None:
    """Into the box of the page that is open; it is folded away until something is to be typed.

    A page that finds a copy of an earlier one hands it in and shows itself anew; what settles stays.
    """
    page.locator("[data-box][data-settled]").wait_for(state="attached", timeout=WAITS)
    page.locator("#correct").evaluate("one => { one.open = true; }")
    box_of(page).fill(body)


def unfolded(page: Page):  # type: ignore[no-untyped-def]
    """The box, unfolded as a person does it."""
    box = page.locator("textarea[name=body]")
    if page.locator("#correct").get_attribute("open") is None:
        page.locator("#correct > summary").click()
    return box


def kept(inbox: Inbox, name: str) -> list[str]:
    with inbox.store.read() as session:
        contribution = session.get_one(Contribution, inbox.seeded.contributions[name])
        return [draft.body for draft in drafts.drafts_of(session, contribution)]


def in_force(inbox: Inbox, name: str) -> tuple[Moderation, TextOrigin | None, str]:
    with inbox.store.read() as session:
        contribution = session.get_one(Contribution, inbox.seeded.contributions[name])
        wording = text_versions.current_text(session, contribution)
        return (contribution.moderation, wording.origin if wording else None, wording.body if wording else "")


def until_kept(page: Page) -> None:
    expect(page.locator("[data-kept]")).to_be_visible(timeout=WAITS)


def end_sessions(inbox: Inbox) -> None:
    """As when the working day is over, or the password was changed."""
    with inbox.store.write() as session:
        session.execute(delete(SignInSession))


# --- a button is pressed ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["text", "call", "unheard", "aside"])
def test_publish_publishes_what_stands_in_the_box(page: Page, inbox: Inbox, name: str) -> None:
    type_into(page, inbox, name, MASKED)
    page.get_by_role("button", name="Save what I typed and publish").click()
    expect(page.get_by_role("status")).to_have_text("Published.")
    assert in_force(inbox, name) == (Moderation.PUBLISHED, TextOrigin.PERSON, MASKED)
    assert kept(inbox, name) == []
    expect(page.locator("[data-draft]")).to_have_count(0)


def test_setting_aside_saves_what_stands_in_the_box(page: Page, inbox: Inbox) -> None:
    type_into(page, inbox, "text", MASKED)
    page.get_by_text("Set it aside").click()
    page.get_by_role("button", name="Accuses or identifies a person").click()
    expect(page.get_by_role("status")).to_contain_text("Set aside.")
    assert in_force(inbox, "text") == (Moderation.SET_ASIDE, TextOrigin.PERSON, MASKED)


def test_publish_without_a_touch_is_what_it_was(page: Page, inbox: Inbox) -> None:
    before = in_force(inbox, "text")
    page.goto(path_of(inbox, "text"))
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Published.")
    assert in_force(inbox, "text") == (Moderation.PUBLISHED, *before[1:])


OTHER_BUTTONS: dict[str, Callable[[Page], None]] = {
    "keep themes": lambda page: keep_theme(page).get_by_role("button", name="Keep them now").click(),
    "remove a theme": lambda page: page.get_by_role("button", name="Remove").first.click(),
    "add a theme": lambda page: add_theme(page).get_by_role("button", name="Add").click(),
    "Enter in another field": lambda page: add_theme(page).get_by_label("Or a word of your own").press("Enter"),
    "write a note": lambda page: note(page).get_by_role("button", name="Keep the note").click(),
    "take it": lambda page: page.get_by_role("button", name="I take it").click(),
    "erase without being sure": lambda page: erase(page).get_by_role("button", name="Erase for good").click(),
    "sign out": lambda page: page.get_by_role("button", name="Sign out").first.click(),
    "the next one": lambda page: go_on(page, "Next one to review"),
    "back to the list": lambda page: go_on(page, "Back to the list"),
    "another language": lambda page: page.get_by_role(
        "button", name="Français"
    ).click(),  # the last: the others speak English
}


def add_theme(page: Page) -> Page:
    page.locator(".add-theme > summary").click()
    page.get_by_label("Or a word of your own").fill("camions")
    return page


def keep_theme(page: Page) -> Page:
    page.get_by_role("checkbox", name="Keep Cars and parking").check()
    return page


def note(page: Page) -> Page:
    page.locator(".note-add > summary").click()
    page.get_by_label("Note, for moderators only").fill("Déjà venu hier.")
    return page


def erase(page: Page) -> Page:
    page.locator(".erase > summary").click()
    return page


def go_on(page: Page, name: str) -> None:
    """By a link where there is a script, by a button where there is none."""
    here = page.url
    page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name)).first.click()
    page.wait_for_url(lambda url: url != here)


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_no_button_loses_what_was_typed(browser: Browser, inbox: Inbox, served: str, scripts: bool) -> None:
    context = browser.new_context(viewport=DESKTOP, locale="en-GB", base_url=served, java_script_enabled=scripts)
    page = context.new_page()
    complaints = listen(page)
    sign_in(page)
    for name, press in OTHER_BUTTONS.items():
        body = f"{MASKED} ({name})"
        page.goto(path_of(inbox, "text"))
        write(page, body) if scripts else unfolded(page).fill(body)
        press(page)  # at once: nothing was kept by itself yet
        page.wait_for_load_state()
        page.goto("/contributions")
        if "sign-in" in page.url:
            sign_in(page)
        assert kept(inbox, "text")[:1] == [body], name
        page.goto(f"{path_of(inbox, 'text')}")
        expect(page.locator("textarea[name=body]")).to_have_value(body)
    context.close()
    assert complaints == []


# --- the page goes ----------------------------------------------------------------------------------

LEAVING: dict[str, Callable[[Page], object]] = {
    "another address": lambda page: page.goto("/ledger"),
    "a link of the menu": lambda page: page.get_by_role("link", name="Ledger").click(),
    "loaded again": lambda page: page.reload(),
    "back": lambda page: page.go_back(),
    "closed": lambda page: page.close(run_before_unload=True),
}


@pytest.mark.parametrize("leave", LEAVING.values(), ids=LEAVING)
def test_leaving_at_once_loses_nothing(desk: Page, context: BrowserContext, inbox: Inbox, leave) -> None:  # type: ignore[no-untyped-def]
    type_into(desk, inbox, "text", MASKED)
    leave(desk)
    page = context.new_page()
    page.goto(path_of(inbox, "text"))
    page.locator("[data-box][data-settled]").wait_for(state="attached", timeout=WAITS)
    page.goto(path_of(inbox, "text"))
    expect(box_of(page)).to_have_value(MASKED)
    expect(page.locator("[data-draft]")).to_contain_text("is not saved yet")


def test_leaving_with_more_than_a_browser_sends_behind_a_page_waits_for_it(
    desk: Page, context: BrowserContext, inbox: Inbox
) -> None:
    long = " ".join(f"Un banc à l'ombre au numéro {number}." for number in range(4000))
    type_into(desk, inbox, "text", long)
    desk.get_by_role("link", name="Ledger").click()
    expect(desk.get_by_role("heading", name="Ledger")).to_be_visible()
    assert kept(inbox, "text") == [long]


# --- the session ends -------------------------------------------------------------------------------


@pytest.mark.parametrize("noticed", [True, False], ids=["told while typing", "told by the button"])
def test_after_the_session_ended_and_signing_in_again_the_text_is_there(
    desk: Page, inbox: Inbox, noticed: bool
) -> None:
    desk.goto(path_of(inbox, "text"))
    end_sessions(inbox)
    write(desk, MASKED)
    if noticed:
        expect(desk.get_by_text("Your session has ended.")).to_be_visible()
        desk.get_by_role("link", name="Sign in again").click()
    else:
        desk.get_by_role("button", name="Save what I typed and publish").click()
        expect(desk.get_by_text("What you typed is kept: sign in again")).to_be_visible()
    desk.get_by_label("Name you sign in with").fill("mod")
    desk.get_by_label("Password").fill("une-phrase-de-passe-longue")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**{path_of(inbox, 'text')}")
    expect(box_of(desk)).to_have_value(MASKED)
    assert in_force(inbox, "text")[0] is Moderation.IN_REVIEW
    desk.get_by_role("button", name="Save what I typed and publish").click()
    assert in_force(inbox, "text") == (Moderation.PUBLISHED, TextOrigin.PERSON, MASKED)


def test_signing_in_again_in_a_second_tab_loses_nothing_in_the_first(
    desk: Page, context: BrowserContext, inbox: Inbox
) -> None:
    type_into(desk, inbox, "text", MASKED)
    end_sessions(inbox)
    second = context.new_page()
    sign_in(second)
    desk.get_by_role("button", name="Save what I typed and publish").click()
    expect(desk.get_by_text("Nothing was decided; what you typed is kept below.")).to_be_visible()
    expect(box_of(desk)).to_have_value(MASKED)


# --- two tabs, two people ---------------------------------------------------------------------------


def test_two_tabs_keep_both_texts(desk: Page, context: BrowserContext, inbox: Inbox) -> None:
    second = context.new_page()
    desk.goto(path_of(inbox, "text"))
    second.goto(path_of(inbox, "text"))
    for page, body in ((desk, MASKED), (second, OTHER)):
        write(page, body)
        until_kept(page)
    assert kept(inbox, "text") == [OTHER, MASKED]
    desk.reload()
    expect(box_of(desk)).to_have_value(OTHER)
    expect(desk.locator(".draft")).to_contain_text(MASKED)
    desk.get_by_role("button", name="Put it in the box").click()
    expect(box_of(desk)).to_have_value(MASKED)
    expect(desk.locator(".draft")).to_contain_text(OTHER)


def test_a_tab_that_goes_on_after_another_published_shows_both(
    desk: Page, context: BrowserContext, inbox: Inbox
) -> None:
    second = context.new_page()
    type_into(second, inbox, "text", OTHER)
    type_into(desk, inbox, "text", MASKED)
    desk.get_by_role("button", name="Save what I typed and publish").click()
    expect(desk.get_by_role("status")).to_have_text("Published.")
    second.get_by_role("button", name="Save what I typed and publish").click()
    expect(second.get_by_text("Somebody else was quicker")).to_be_visible()
    expect(box_of(second)).to_have_value(OTHER)
    expect(second.locator(".said")).to_have_text(MASKED)
    assert in_force(inbox, "text") == (Moderation.PUBLISHED, TextOrigin.PERSON, MASKED)


def test_an_untouched_old_tab_never_puts_the_old_text_back(desk: Page, context: BrowserContext, inbox: Inbox) -> None:
    second = context.new_page()
    second.goto(path_of(inbox, "text"))
    type_into(desk, inbox, "text", MASKED)
    desk.get_by_role("button", name="Save as confirmed text").click()
    second.get_by_role("button", name="Publish", exact=True).click()
    expect(second.get_by_text("Somebody else was quicker")).to_be_visible()
    expect(second.locator("textarea[name=body]")).to_have_value(MASKED)
    assert kept(inbox, "text") == []


def test_two_people_lose_nothing_to_each_other(desk: Page, browser: Browser, served: str, inbox: Inbox) -> None:
    elsewhere = browser.new_context(viewport=DESKTOP, locale="en-GB", base_url=served)
    colleague = elsewhere.new_page()
    sign_in(colleague, "admin")
    type_into(colleague, inbox, "text", OTHER)
    until_kept(colleague)
    type_into(desk, inbox, "text", MASKED)
    expect(desk.locator(".draft summary")).to_contain_text("Inès Abiven typed this on")
    until_kept(desk)
    desk.reload()
    for size in (DESKTOP, PHONE):
        desk.set_viewport_size(size)  # type: ignore[arg-type]  # the library's own dictionary type
        desk.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        desk.evaluate(UNSTUCK)
        assert violations(desk) == []
        assert desk.evaluate("document.documentElement.scrollWidth") <= size["width"]
    desk.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    desk.get_by_role("button", name="Save as confirmed text").click()
    colleague.get_by_role("button", name="Save as confirmed text").click()
    expect(colleague.get_by_text("Somebody else was quicker")).to_be_visible()
    expect(box_of(colleague)).to_have_value(OTHER)
    assert in_force(inbox, "text")[2] == MASKED
    elsewhere.close()


# --- the connection is lost -------------------------------------------------------------------------


def test_what_is_typed_while_the_connection_is_lost_is_handed_in_afterwards(
    desk: Page, context: BrowserContext, inbox: Inbox
) -> None:
    desk.goto(path_of(inbox, "text"))
    context.set_offline(True)
    write(desk, MASKED)
    expect(desk.get_by_text("The gateway cannot be reached.")).to_be_visible(timeout=WAITS)
    desk.get_by_role("button", name="Save what I typed and publish").click()
    expect(box_of(desk)).to_have_value(MASKED)  # still on the page: nothing was sent into nowhere
    context.set_offline(False)
    until_kept(desk)
    assert kept(inbox, "text") == [MASKED]


def test_a_window_closed_without_a_connection_hands_in_when_anybody_opens_a_page(
    desk: Page, context: BrowserContext, inbox: Inbox
) -> None:
    desk.goto(path_of(inbox, "text"))
    context.set_offline(True)
    write(desk, MASKED)
    expect(desk.get_by_text("The gateway cannot be reached.")).to_be_visible(timeout=WAITS)
    stored = desk.evaluate("JSON.stringify({...localStorage})")
    assert "sealed" in stored
    assert "masqué" not in stored
    desk.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto("/contributions")
    # Asked from outside: the page's policy evaluates no string, which waiting inside of it needs.
    assert until(lambda: page.evaluate("localStorage.length") == 0)
    assert kept(inbox, "text") == [MASKED]
