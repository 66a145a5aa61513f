"""A real browser at the pages: found, started, signed in, and listened to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.inbox.pages.seed import PASSWORD

# The first is where bin/setup puts it when the distribution's own package is none that tests can drive.
PLACES = (f"{sys.prefix}/browser/chromium", "/usr/bin/chromium")
CHROMIUM = next((path for path in PLACES if Path(path).exists()), None)

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}

# Five seconds by default, which a machine with other things to do takes at times; what comes is not waited for longer.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(f"there is no Chromium at {' nor at '.join(PLACES)}")
    with sync_playwright() as playwright:
        # Without Chromium's own sandbox, as Playwright starts it: there is none for root, and the pages are our own.
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, served: str) -> Iterator[Page]:
    """A page of a signed-in moderator; whatever the browser complains about fails the test."""
    context = browser.new_context(viewport=DESKTOP, locale="en-GB", base_url=served)
    page = context.new_page()
    complaints = listen(page)
    sign_in(page)
    yield page
    context.close()
    assert complaints == []


def listen(page: Page, *expected: str) -> list[str]:
    """What the browser complains about from now on, but what is ``expected``."""
    complaints: list[str] = []
    # A refused form is answered with 422 or 409, which the browser notes as if it had not loaded.
    harmless = ("422 (", "409 (", *expected)

    def complain(text: str) -> None:
        complaints.extend([] if any(one in text for one in harmless) else [text])

    page.on("console", lambda message: complain(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complain(str(error)))
    return complaints


def sign_in(page: Page, login: str = "mod") -> None:
    page.goto("/sign-in")
    page.get_by_label("Name you sign in with").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/contributions")
