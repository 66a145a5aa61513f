"""The pages of who answers for the data, in a real browser: by keys alone, pleasing axe, no wider than a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from inbox.records.references import reference_of
from tests.inbox.pages.browsing import DESKTOP, PHONE, listen, sign_in
from tests.inbox.pages.conftest import Inbox
from tests.inbox.pages.test_browser import violations

pytestmark = pytest.mark.browser


def type_into(page: Page, label: str, words: str) -> None:
    page.get_by_label(label).focus()
    page.keyboard.type(words)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_request_is_answered_by_keys_alone_and_pleases_axe(browser: Browser, served: str, inbox: Inbox) -> None:
    with inbox.store.read() as rows:
        reference = reference_of(rows, inbox.seeded.contributions["call"])
    context = browser.new_context(viewport=DESKTOP, locale="en-GB", base_url=served)  # type: ignore[arg-type]
    page = context.new_page()
    complaints = listen(page)
    sign_in(page, "admin")
    page.goto("/rights/new")
    page.get_by_label("Access: to have a copy of everything").focus()
    page.keyboard.press("Space")
    page.get_by_label("How it came").focus()
    page.keyboard.type("By let")
    type_into(page, "Who asks, and where the answer goes", "Rozenn Tanguy, 3 rue du Port")
    press(page, "Record")
    page.get_by_label("Showed the slip with the reference").focus()
    page.keyboard.press("Space")
    press(page, "Note it")
    type_into(page, "Telephone number, mail address or reference", reference)
    press(page, "Find")
    request = page.url.partition("#")[0]
    assert "1 contribution was found." in page.content()
    found: list[str] = []
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for address in (request, "/rights", "/rights/new", "/openings"):
            page.goto(address)
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            found += violations(page)
            width = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{address} is {width} pixels wide"] if width > size["width"] else []
    context.close()
    assert (found, complaints) == ([], [])
