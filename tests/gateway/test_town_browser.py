"""A town's own pages in a real browser: nothing axe-core objects to, nothing too wide, words tried while typing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import read_consultation
from inbox.consultations.consultation_versions import import_consultation
from tests.gateway.town_fixture import Town
from tests.inbox.pages.browsing import DESKTOP, PHONE, browser, listen
from tests.inbox.pages.conftest import serving
from tests.inbox.pages.test_browser import RULES, violations

__all__ = ["browser"]

pytestmark = pytest.mark.browser

OF_ONE = "/settings/consultations/rues-et-places"
PAGES = (
    "/settings",
    "/settings/town",
    "/settings/telephone",
    "/settings/mailboxes",
    "/settings/mailboxes/new",
    "/settings/alerts",
    "/settings/engines",
    "/settings/status",
    "/settings/backups",
    "/settings/centres",
    "/settings/consultations",
    "/settings/consultations/new",
    "/settings/consultations/import",
    OF_ONE,
    f"{OF_ONE}/edit",
    f"{OF_ONE}/versions",
    f"{OF_ONE}/themes",
    f"{OF_ONE}/texts/fr/sms_receipt",
)
LOOKS = {
    "phone": (PHONE, "light", RULES, PAGES),
    # What differs in the dark are colours, which all pages take from the same sheet.
    "desktop in the dark": (DESKTOP, "dark", {"runOnly": ["cat.color"]}, PAGES[:1] + PAGES[8:11] + PAGES[-3:]),
}


@pytest.fixture
def page(town: Town, browser: Browser) -> Iterator[Page]:
    with town.store.write() as session:
        import_consultation(session, read_consultation(PACKAGED_CONSULTATIONS / "rues-et-places.toml"))
    with serving(town.app) as address:
        context = browser.new_context(base_url=address, locale="fr-FR")
        page = context.new_page()
        complaints = listen(page)
        page.goto("/sign-in")
        page.locator("#login").fill("clerk")
        page.locator("#password").fill("une-phrase-de-passe-longue")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        yield page
        context.close()
        assert complaints == []


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_and_nothing_is_too_wide(page: Page, look: str) -> None:
    size, scheme, rules, pages = LOOKS[look]
    page.set_viewport_size(size)  # type: ignore[arg-type]  # the library's own dictionary type
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    found: list[str] = []
    for address in pages:
        page.goto(address)
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
        found += violations(page, rules)  # type: ignore[arg-type]
        width = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{address} is {width} pixels wide"] if width > size["width"] else []
    assert found == []


def test_axe_finds_nothing_where_something_is_wrong(page: Page) -> None:
    for address, button in (("/settings/consultations/new", "Créer la consultation"), ("/settings/centres", "Ajouter")):
        page.goto(address)
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator(".error").first).to_be_visible()
        assert violations(page, RULES) == []


def test_words_are_tried_while_typing_and_without_a_script_by_a_button(town: Town, page: Page) -> None:
    for words in ("Des bancs à l’ombre", "Le bus de nuit", "Un banc près de l’arrêt"):
        town.receive_text(words, "fr", "rues-et-places")
    page.goto(f"{OF_ONE}/themes")
    box = page.locator(".theme-box").first
    box.get_by_label("Mots (français)").fill("banc")
    expect(box.locator("[data-trial]")).to_contain_text("Trouvé dans 2 des 3 contributions")
    expect(box.locator("mark").first).to_have_text("banc")
    box.get_by_label("Mots (français)").fill("bus")
    expect(box.locator("[data-trial]")).to_contain_text("Trouvé dans 1 des 3 contributions")
    assert page.context.browser is not None
    without = page.context.browser.new_context(
        java_script_enabled=False, locale="fr-FR", storage_state=page.context.storage_state()
    )
    plain = without.new_page()
    plain.goto(page.url)
    plain.locator(".theme-box").first.get_by_label("Mots (français)").fill("arrêt, ombre")
    plain.get_by_role("button", name="Essayer ces mots").first.click()
    expect(plain.locator("#trial")).to_contain_text("Trouvé dans 2 des 3 contributions")
    assert [one.inner_text() for one in plain.locator("#trial mark").all()] == ["arrêt", "ombre"]
    without.close()
