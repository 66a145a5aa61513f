"""Every page for everybody, in Chromium: axe, width, 400 % zoom, forced colours, light and dark, two languages.

The pages are found by following the application's own links, as each login and as nobody, ``EACH`` addresses (by
default 2) of every route; each form that a primary button sends is sent empty as well. With ``SHOTS`` naming a folder,
a picture of each is kept there, at both widths. ``ONLY_PAGES`` narrows to addresses that contain it; ``ONCE`` leaves
out a route that an earlier login was shown.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.exceptions import HTTPException

from config.settings.loader import Settings
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import Consultation, read_consultation
from gateway.sample.fill_store import fill_store as fill_sample
from gateway.web.app import create_app
from inbox.consultations.consultation_versions import import_consultation
from inbox.migrations import migrate
from inbox.storage.database import Store
from tests.inbox.pages.browsing import CHROMIUM, DESKTOP, PHONE
from tests.inbox.pages.conftest import serving
from tests.inbox.pages.masked import fill
from tests.inbox.pages.test_browser import RULES, UNSTUCK
from tests.signed_in import sign_in_as

LOGINS = ("", "admin", "mod", "elu", "centre")
ZOOMED = {"width": 320, "height": 256}
"""What a window of 1280 × 1024 shows at 400 % (WCAG 2.2, 1.4.10)."""
COLOURS: dict[str, object] = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
MENU_SHOWN_ON = "/account"
"""On the others the menu stays folded: what it covers while it is open, nobody wants to touch."""
OPEN_FOLDS = """(menu) => document.querySelectorAll(menu ? "details" : "details:not(.more-pages)")
    .forEach((one) => { one.open = true; })"""
_LINK = re.compile(r"""href\s*=\s*["']([^"'#]+)""")
_MOST_PER_LOGIN = 400


@dataclass(frozen=True)
class Shown:
    """A page as somebody sees it."""

    login: str
    endpoint: str
    address: str


def looks() -> None:
    """All of them; raises with what was found."""
    if CHROMIUM is None:
        print("  (there is no Chromium)")
        return
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="portevoix-looks-") as name:
        store = Store.open(Settings(folder=Path(name), language="fr"))
        migrate(store.engine)
        people = _filled(store)
        app = create_app(Settings(folder=Path(name), language="fr"), store)
        pages = [one for login in LOGINS for one in _found(app, login, people.get(login))]
        if os.environ.get("ONCE"):
            first = {one.endpoint: one.login for one in reversed(pages)}
            pages = [one for one in pages if first[one.endpoint] == one.login]
        pages = [one for one in pages if os.environ.get("ONLY_PAGES", "") in one.address]
        print(f"  {len(pages)} pages of {len({one.endpoint for one in pages})} routes", flush=True)
        with serving(app) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM)
            troubles = [
                trouble
                for login in LOGINS
                for language in ("fr", "en")
                for trouble in _looked_at(
                    browser, app, address, people.get(login), [one for one in pages if one.login == login], language
                )
            ]
            browser.close()
        store.close()
    print(f"  {len(troubles)} troubles", flush=True)
    assert not troubles, f"{len(troubles)} troubles"


def _filled(store: Store) -> dict[str, int]:
    """A town with everything in it; the ids of people by login."""
    town = fill(store)
    consultation = read_consultation(PACKAGED_CONSULTATIONS / "rues-et-places.toml")
    fill_sample(store, consultation, 60, seed=3, media=12, told=lambda _done: None)
    voted = consultation.model_dump(mode="json") | {
        "slug": "budget",
        "title": {"fr": "Budget participatif", "en": "Participatory budget"},
        "addresses": {},
        "vote": {"most": 1},
        "projects": [
            {"number": 1, "label": {"fr": "Des bancs", "en": "Benches"}},
            {"number": 12, "label": {"fr": "Une fontaine au square", "en": "A fountain"}},
        ],
    }
    with store.write() as session:
        import_consultation(session, Consultation.model_validate(voted))
    return town.people


def _found(app: Flask, login: str, person: int | None) -> list[Shown]:
    """The pages that links lead to, a few of each route."""
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    if person is not None:
        sign_in_as(client, person)
    each = int(os.environ.get("EACH", "2"))
    adapter = app.url_map.bind("localhost")
    plain = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and "<" not in rule.rule]
    waiting, seen, of_route = [*sorted(plain), "/nothing-here"], set[str](), defaultdict[str, list[str]](list)
    while waiting and len(seen) < _MOST_PER_LOGIN:
        address = waiting.pop(0)
        try:
            endpoint = adapter.match(urlsplit(address).path)[0]
        except HTTPException:
            endpoint = "error"
        if address in seen or len(of_route[endpoint]) >= each:
            continue
        seen.add(address)
        answer = client.get(address)
        is_page = answer.mimetype == "text/html" and "attachment" not in answer.headers.get("Content-Disposition", "")
        if not is_page or answer.status_code in (301, 302, 303, 308):
            continue
        if answer.status_code >= 400 and endpoint != "error" and login != "admin":
            continue  # what is refused looks alike everywhere
        of_route[endpoint].append(address)
        links = (urlsplit(urljoin(address, unescape(link))) for link in _LINK.findall(answer.text))
        waiting += [f"{one.path}?{one.query}" if one.query else one.path for one in links if not one.netloc]
    return [Shown(login, endpoint, one) for endpoint, found in of_route.items() for one in found]


def _looked_at(
    browser: Browser, app: Flask, address: str, person: int | None, pages: list[Shown], language: str
) -> list[str]:
    context = browser.new_context(
        base_url=address, locale="fr-FR" if language == "fr" else "en-GB", reduced_motion="reduce"
    )
    if person is not None:
        client = app.test_client()
        sign_in_as(client, person)
        cookie = client.get_cookie(str(app.config["SESSION_COOKIE_NAME"]))
        assert cookie is not None
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
    page = context.new_page()
    found: list[str] = []
    for one in pages:
        page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # the library's own dictionary type
        page.goto(one.address)
        found += _troubles(page, one, language)
        if page.locator("main form[method=post] button.primary:not([disabled])").count() and one.login == "admin":
            page.goto(one.address)
            page.locator("main form[method=post]:has(button.primary)").first.evaluate("one => one.noValidate = true")
            page.locator("main form[method=post] button.primary").first.click()
            page.wait_for_load_state()
            if page.locator(".error, .summary").count():
                found += _troubles(page, Shown(one.login, one.endpoint, f"{one.address} sent empty"), language)
    context.close()
    return found


def _troubles(page: Page, one: Shown, language: str) -> list[str]:
    who = f"{one.login or 'nobody'} {language} {one.address}"
    found: list[str] = []
    page.evaluate(OPEN_FOLDS, one.address == MENU_SHOWN_ON)
    page.evaluate(UNSTUCK)
    for name, size, scheme, rules in (("desktop", DESKTOP, "light", RULES), ("phone", PHONE, "dark", RULES)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme, forced_colors="none")  # type: ignore[arg-type]
        found += [f"{who} {name}: {said}" for said in _violations(page, rules)]
        found += _too_wide(page, f"{who} {name}", size["width"])
        if folder := os.environ.get("SHOTS"):
            # In the light, as the canvas is not painted anew when the colours change, and with the menu folded.
            page.emulate_media(color_scheme="light")
            page.evaluate("document.querySelectorAll('.menu').forEach((one) => { one.open = false; })")
            file = re.sub(r"\W+", "-", f"{one.login}-{one.address}")[:80]
            page.screenshot(path=f"{folder}/{language}-{name}{file}.png", full_page=True)
    page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
    found += _too_wide(page, f"{who} at 400 %", ZOOMED["width"])
    for trouble in found:
        print(f"  {trouble}", flush=True)
    return found + (_of_colours(page, who) if language == "fr" else [])  # they are the same in each language


def _of_colours(page: Page, who: str) -> list[str]:
    found: list[str] = []
    for name, size, scheme in (("desktop", DESKTOP, "dark"), ("phone", PHONE, "light")):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [f"{who} {name} {scheme}: {said}" for said in _violations(page, COLOURS)]
    page.emulate_media(forced_colors="active")
    found += [f"{who} forced colours: {said}" for said in _violations(page, COLOURS)]
    found += [f"{who} forced colours: {said}" for said in page.evaluate(_WITHOUT_BORDER)]
    for trouble in found:
        print(f"  {trouble}", flush=True)
    return found


_WITHOUT_BORDER = """() => [...document.querySelectorAll("main button, main .button, main input:not([type=hidden])")]
    .filter((one) => one.checkVisibility() && !["checkbox", "radio", "file", "range"].includes(one.type))
    .filter((one) => !one.matches(".link, .quiet, .unseen"))
    .filter((one) => parseFloat(getComputedStyle(one).borderTopWidth) === 0)
    .map((one) => "no border: " + one.outerHTML.slice(0, 90))"""
"""Where the system chooses the colours, a button is told by its border alone."""


def _violations(page: Page, rules: dict[str, object]) -> list[str]:
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def _too_wide(page: Page, who: str, width: int) -> list[str]:
    is_wide = page.evaluate("document.documentElement.scrollWidth")
    return [f"{who} is {is_wide} pixels wide"] if is_wide > width else []
