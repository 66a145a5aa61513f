"""In a real browser: the report's pages hold what accessibility rules ask for, at either width, and fit the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from inbox.storage.database import Store
from tests.inbox.pages.browsing import DESKTOP, PHONE, browser, listen
from tests.inbox.pages.conftest import serving
from tests.inbox.pages.test_browser import violations
from tests.inbox.reports.test_faithful import PAGE, signed_in
from tests.inbox.reports.towns import ReportTown, town_of

__all__ = ["browser"]
pytestmark = pytest.mark.browser

PAGES = (
    ("elu", PAGE),
    ("elu", f"{PAGE}/arrange"),
    ("elu", f"{PAGE}/data"),
    ("elu", f"{PAGE}/draft"),
    ("mod", f"{PAGE}/kinds/question"),
)


@pytest.fixture
def town(sqlite_store: Store) -> ReportTown:
    return town_of(sqlite_store, 9, voices=14)


def test_the_pages_are_accessible_and_fit(browser: Browser, town: ReportTown, tmp_path: Path) -> None:
    clients = {login: signed_in(town.store, tmp_path, town.people[login], "fr") for login in ("elu", "mod")}
    with serving(clients["elu"].application) as address:
        for size in (DESKTOP, PHONE):
            for login, path in PAGES:
                context = browser.new_context(viewport=size, locale="fr-FR", base_url=address)
                cookie = clients[login].get_cookie("portevoix")
                assert cookie is not None
                context.add_cookies([{"name": "portevoix", "value": cookie.value, "url": address}])
                page = context.new_page()
                complaints = listen(page)
                page.goto(path)
                assert violations(page) == [], path
                assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
                assert complaints == [], path
                context.close()
