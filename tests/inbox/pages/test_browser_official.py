"""In a real browser, as an official: nothing on the screen or the wire holds what was masked; fine at either width."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Response, expect

from config.settings.loader import Settings
from gateway.web.app import create_app
from inbox.storage.database import Store
from tests.fixtures_store import store_folders
from tests.inbox.pages.browsing import DESKTOP, PHONE, sign_in
from tests.inbox.pages.conftest import serving
from tests.inbox.pages.masked import WORDS, fill
from tests.inbox.pages.test_browser import violations
from tests.inbox.pages.test_masked import MASKED, seen_in

pytestmark = pytest.mark.browser

MINE = {word for word, logins in WORDS.items() if "elu" in logins}


@pytest.fixture(scope="module")
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole application with what was masked in it, running."""
    folder = tmp_path_factory.mktemp("official")
    for folders in store_folders("sqlite", folder, request, template=True):
        store = Store.open(folders)
        fill(store)
        with serving(create_app(Settings(folder=folder, language="fr"), store)) as running:
            yield running
        store.close()


class Official:
    """An official at a browser, and everything it was sent."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sent: list[str] = []
        page.on("response", self._keep)

    def _keep(self, response: Response) -> None:
        self.sent.append(f"{response.url}\n{response.headers}")

    def seen(self) -> set[str]:
        """The words that stand on the screen, or in what the page is made of."""
        return seen_in(f"{self.page.title()}\n{self.page.content()}\n{self.page.inner_text('body')}")

    def open(self, path: str) -> None:
        self.page.goto(path)
        assert self.seen() <= MINE, path


@pytest.fixture(params=["desktop", "phone"])
def official(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Official]:
    size = DESKTOP if request.param == "desktop" else PHONE
    context = browser.new_context(viewport=size, locale="en-GB", base_url=address)
    page = context.new_page()
    sign_in(page, "elu")
    yield Official(page)
    context.close()


def test_an_official_who_looks_everywhere_sees_nothing_masked(official: Official) -> None:
    page = official.page
    official.open("/contributions")
    tabs = page.locator(".views a").evaluate_all("links => links.map((one) => one.getAttribute('href'))")
    assert len(tabs) == 3
    listed: set[str] = set()
    for tab in tabs:
        official.open(tab)
        listed |= set(page.locator(".row h2 a").evaluate_all("links => links.map((one) => one.getAttribute('href'))"))
    seen = set()
    for contribution in sorted(listed):
        official.open(contribution)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        expect(page.locator("audio, img, textarea, select")).to_have_count(0)
        seen |= official.seen()
    assert {"Plouzaneau", "Landivisoc", "Quimerchoux"} <= seen <= MINE
    official.open("/ledger")
    assert seen_in("\n".join(official.sent)) <= MINE


def test_an_official_who_searches_for_masked_words_finds_nothing(official: Official) -> None:
    page = official.page
    for word in MASKED[::4]:
        page.goto("/contributions")
        page.get_by_label("Search for words or a reference").fill(word)
        page.keyboard.press("Enter")
        expect(page.get_by_text("0 contributions fit.")).to_be_visible()
        expect(page.get_by_text("Nothing fits these filters.")).to_be_visible()
        expect(page.locator(".row")).to_have_count(0)
    page.get_by_label("Search for words or a reference").fill("banc")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 contributions fit.")).to_be_visible()


def test_an_officials_download_holds_nothing_masked(official: Official, tmp_path: Path) -> None:
    official.open("/contributions")
    with official.page.expect_download() as download:
        official.page.get_by_role("link", name="Spreadsheet of this list (CSV)").click()
    download.value.save_as(tmp_path / "list.csv")
    text = (tmp_path / "list.csv").read_text("utf-8-sig")
    assert seen_in(text) <= MINE | {"nomme une personne"}
    assert {row["moderation"] for row in csv.DictReader(io.StringIO(text))} == {"published", "set aside"}


@pytest.mark.parametrize("path", ["/media/1", "/arrivals/5", "/contributions/3/source/3", "/quarantine", "/status"])
def test_an_official_who_guesses_addresses_is_told_so_in_words(official: Official, path: str) -> None:
    try:
        official.open(path)
    except Error as error:  # a file would have been downloaded
        pytest.fail(str(error))
    expect(official.page.get_by_role("heading", name="This page is not for your account")).to_be_visible()


def test_an_officials_pages_please_axe_at_either_width(official: Official) -> None:
    page = official.page
    page.goto("/contributions")
    found = violations(page)
    for link in ("/contributions?view=published", "/contributions?view=aside"):
        page.goto(link)
        found += violations(page)
        page.locator(".row h2 a").first.click()
        expect(page).to_have_url(re.compile(r"/contributions/\d+$"))
        found += violations(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= (page.viewport_size or DESKTOP)["width"]
    assert found == []
