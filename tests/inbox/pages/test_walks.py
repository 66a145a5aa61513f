"""A walk by keyboard and by what a screen reader finds, in Chromium: triage, keying, administration."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from tests.inbox.pages.conftest import Inbox
from tests.inbox.pages.seed import PASSWORD
from tests.inbox.pages.two_engines import recordings

pytestmark = pytest.mark.browser

CONTROLS = {"button", "link", "checkbox", "combobox", "textbox", "radio", "DisclosureTriangle", "searchbox"}


@dataclass(frozen=True)
class Node:
    """What a screen reader finds: its role and name, in reading order."""

    role: str
    name: str


def tree(page: Page) -> list[Node]:
    """The accessibility tree, without what is hidden from it."""
    session = page.context.new_cdp_session(page)
    nodes = {one["nodeId"]: one for one in session.send("Accessibility.getFullAXTree")["nodes"]}
    session.detach()
    found: list[Node] = []

    def walk(number: str) -> None:
        one = nodes[number]
        if not one.get("ignored"):
            found.append(Node(str(one["role"]["value"]), str(one.get("name", {}).get("value", "")).strip()))
        for child in one.get("childIds", ()):
            if child in nodes:
                walk(child)

    walk(next(iter(nodes)))
    return found


def in_order(nodes: list[Node], wanted: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of the wanted nodes that are not found one after the other, each by the beginning of its name."""
    left, missing = list(nodes), []
    for role, name in wanted:
        at = next((at for at, one in enumerate(left) if one.role == role and one.name.startswith(name)), None)
        if at is None:
            missing.append((role, name))
        else:
            left = left[at + 1 :]
    return missing


WALKS: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "triage": (
        "mod",
        "/triage",
        [
            ("heading", "To decide"),
            ("heading", "What there is to decide"),
            ("heading", "New ones"),
            ("button", "Begin New ones"),
            ("heading", "Second looks"),
            ("link", "Keys"),
        ],
    ),
    "a recording that two engines heard": (
        "mod",
        "/contributions/{recording}?queue=new",
        [
            ("heading", "Voice message"),
            ("heading", "Original"),
            ("heading", "What was said"),
            ("link", "Il (doubtful"),
            ("checkbox", "Instead:"),
            ("heading", "To be masked"),
            ("heading", "Themes"),
            ("heading", "Among moderators"),
            ("region", "Decision"),
            ("button", "Confirm the text and publish"),
            ("button", "Skip"),
        ],
    ),
    "keying": ("mod", "/keying", [("heading", "Keying desk")]),
    "administration": ("admin", "/settings", [("heading", "Settings")]),
    "consultations": ("admin", "/settings/consultations", [("heading", "Consultations")]),
    "people": ("admin", "/settings/people", [("heading", "People")]),
    "centres": ("admin", "/settings/centres", [("heading", "Centres"), ("textbox", "")]),
}


@pytest.mark.parametrize("login", ["mod", "admin"])
def test_what_a_screen_reader_finds(page: Page, inbox: Inbox, login: str) -> None:
    if login != "mod":
        page.context.clear_cookies()
        sign_in_as(page, login)
    (made,) = recordings(inbox.store, 1, both=True)
    for name, (whose, path, wanted) in WALKS.items():
        if whose == login:
            page.goto(path.format(recording=made))
            nodes = tree(page)
            assert [one for one in nodes if one.role in CONTROLS and not one.name] == [], name
            assert in_order(nodes, wanted) == [], (name, [one for one in nodes if one.role == "heading"])
            assert page.locator("h1").count() == 1, name


def sign_in_as(page: Page, login: str) -> None:
    """Whoever signs in comes to the page of their own work."""
    page.goto("/sign-in")
    page.get_by_label("Name you sign in with").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_tab_key_comes_to_the_decision_and_every_stop_has_a_name(page: Page, inbox: Inbox) -> None:
    page.goto(f"/contributions/{inbox.seeded.contributions['text']}?queue=new")
    stops = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate("document.activeElement.innerText || document.activeElement.labels?.[0]?.innerText || ''")
        )
        if stops[-1].startswith("Publish"):
            break
    assert stops[-1].startswith("Publish"), stops
