"""The public pages in a real browser, without its scripts: nothing axe-core objects to, nothing wider than a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from config.enums import Moderation
from inbox.answers import read_aloud
from inbox.models import Consultation, Contribution
from tests.inbox.pages.browsing import DESKTOP, PHONE, listen
from tests.inbox.pages.conftest import Inbox
from tests.inbox.pages.test_browser import violations
from tests.inbox.pages.test_public import PAGES, SLUG

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_axe_finds_nothing(
    browser: Browser, inbox: Inbox, served: str, language: str, size: dict[str, int], scheme: str
) -> None:
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]  # the library's own dictionary type
        color_scheme=scheme,  # type: ignore[arg-type]
        base_url=served,
        locale=f"{language}-FR",
    )
    page = context.new_page()
    complaints = listen(page)
    found: list[str] = []
    one = f"/consultations/{SLUG}/published/{published_one(inbox)}"
    listening = [f"{one}/listen", f"{one}/listen"]  # before it is read aloud, and after
    for address in [*(page for page in PAGES if not page.endswith(".atom")), one, f"{one}/report", *listening]:
        page.goto(address)
        found += violations(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{address} is {width} pixels wide"] if width > size["width"] else []
        read_it(inbox)
    assert context.cookies() == []
    context.close()
    assert found == complaints == []


def published_one(inbox: Inbox) -> int:
    """A published contribution."""
    with inbox.store.read() as session:
        of_it = (Consultation.slug == SLUG, Contribution.listed, Contribution.moderation == Moderation.PUBLISHED)
        return session.scalars(select(Contribution.id).join(Consultation).where(*of_it).limit(1)).one()


def read_it(inbox: Inbox) -> None:
    """Whatever waits to be read aloud is."""
    with inbox.store.write() as session:
        for waiting in read_aloud.texts_to_read(session, 9):
            read_aloud.save_reading(session, waiting, b"ID3")


def test_a_resident_finds_out_without_a_script(browser: Browser, served: str) -> None:
    context = browser.new_context(viewport=PHONE, base_url=served, java_script_enabled=False, locale="fr-FR")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"/consultations/{SLUG}")
    page.get_by_role("link", name="Que devient mon avis").click()
    page.get_by_label("Les 9 chiffres").fill("482 915 307")
    page.get_by_role("button", name="Voir").click()
    assert "Nous ne trouvons pas ce numéro" in page.get_by_role("status").inner_text()
    assert "482" not in page.url
    page.get_by_role("link", name="English").click()
    assert page.get_by_role("heading", level=1).inner_text() == "What became of my opinion"
    context.close()
