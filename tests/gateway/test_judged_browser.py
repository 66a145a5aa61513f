"""In a real browser: the page of what counts as no contribution, for eye, ear and thumb; one click and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from config.enums import NotContribution, Role
from config.settings.loader import Settings
from config.wording.consultation import read_consultation
from gateway.web.app import create_app
from inbox.accounts import passwords, staff
from inbox.consultations import consultation_versions
from inbox.storage.database import Store
from tests.gateway import judged_samples as samples
from tests.inbox.pages.browsing import DESKTOP, PHONE, browser, listen, sign_in
from tests.inbox.pages.conftest import serving
from tests.inbox.pages.seed import PASSWORD
from tests.inbox.pages.test_browser import LOOKS, violations

__all__ = ["browser"]

pytestmark = pytest.mark.browser


@pytest.fixture
def served(sqlite_settings, sqlite_store: Store, tmp_path: Path) -> Iterator[str]:  # type: ignore[no-untyped-def]
    """The address of a gateway at which a day's worth of machines has arrived."""
    settings = Settings(data_dir=sqlite_settings.data_dir, keys_dir=sqlite_settings.keys_dir)
    with sqlite_store.write() as session:
        consultation_versions.import_consultation(session, read_consultation(settings.consultation_files[0]))
        staff.create_person(session, "mod", "Léna", passwords.hash_password(PASSWORD), [Role.MODERATOR])
    samples.fill(sqlite_store, settings, tmp_path)
    with sqlite_store.write() as session:
        for number in range(30):
            samples.text(session, f"SM-{number}", "Merci !", NotContribution.THANKS)
        long = "A aimé « " + "https://ville.example/" + "x" * 120 + " »"
        samples.text(session, "SM-long", long, NotContribution.REACTION)
    with serving(create_app(settings, sqlite_store)) as address:
        yield address


@pytest.fixture
def page(browser: Browser, served: str) -> Iterator[Page]:
    context = browser.new_context(viewport=DESKTOP, locale="en-GB", base_url=served)
    page = context.new_page()
    complaints = listen(page)
    sign_in(page)
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize("look", LOOKS)
def test_it_is_clean_and_fits_in_every_look(page: Page, look: str) -> None:
    found: list[str] = []
    size, scheme, rules = LOOKS[look]
    page.set_viewport_size(size)  # type: ignore[arg-type]  # the library's own dictionary type
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for query in ("", "?kind=bounce", "?kind=foreign_page", "?kind=thanks&channel=sms"):
        page.goto(f"/not-contributions{query}")
        found += violations(page, rules)
        width = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{query} is {width} pixels wide"] if width > size["width"] else []
    for kind in (NotContribution.AUTOMATIC_REPLY, NotContribution.BLANK_PAGE, NotContribution.NO_MESSAGE):
        page.goto(f"/not-contributions?kind={kind}")
        page.locator(".row-said a").first.click()
        page.wait_for_url(re.compile(r"/not-contributions/(part|intake)/\d+$"))
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        found += violations(page, rules)
        width = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{kind} is {width} pixels wide"] if width > size["width"] else []
    assert found == []


def test_every_button_is_large_enough_for_a_thumb(page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto("/not-contributions")
    small = page.evaluate(
        """() => [...document.querySelectorAll("main button, main select, main .button")]
            .filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert small == []


def test_one_click_takes_it_back_and_another_undoes_that(page: Page) -> None:
    page.goto("/not-contributions?kind=automatic_reply")
    page.get_by_role("button", name="It is a contribution").click()
    expect(page.get_by_role("status")).to_have_text("It is a contribution now, and waits for review.")
    expect(page.get_by_text("Un banc manque.").first).to_be_visible()
    page.get_by_role("button", name="Undo: Taken as a contribution by a person").click()
    expect(page.get_by_role("heading", name="Automatic reply")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Taken back.")


def test_the_pages_lead_on_and_back(page: Page) -> None:
    page.goto("/not-contributions?kind=thanks")
    page.get_by_role("link", name="Older").click()
    expect(page.locator(".row")).to_have_count(1)
    page.get_by_role("link", name="Newest").click()
    expect(page.locator(".row")).to_have_count(30)
