"""In a real browser: nothing axe-core objects to, everything reached by keyboard, nothing wider than a phone."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.inbox.pages.browsing import DESKTOP, PHONE, sign_in
from tests.inbox.pages.conftest import Inbox

pytestmark = pytest.mark.browser

# WCAG 2.2 at level AA, and axe-core's own good practice.
RULES: dict[str, object] = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def addresses(inbox: Inbox) -> list[str]:
    shown = inbox.seeded.contributions
    return [
        "/contributions",
        "/contributions?view=todo&channel=sms&q=rue",
        "/contributions?q=nothing-like-this",
        "/triage",
        "/triage/keys",
        f"/contributions/{shown['text']}?queue=new",
        f"/contributions/{shown['text']}/split",
        *(f"/contributions/{shown[name]}" for name in ("call", "scan", "mail", "texts", "unheard", "waiting", "aside")),
        "/ledger",
        "/quarantine",
        "/status",
        "/batches",
        f"/batches/{inbox.seeded.intakes['scan']}",
    ]


def violations(page: Page, rules: dict[str, object] = RULES) -> list[str]:
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{page.url}: {one['id']}: {node['html']}" for one in found for node in one["nodes"]]


LOOKS = {
    "desktop": (DESKTOP, "light", RULES),
    "phone": (PHONE, "light", RULES),
    # What differs in the dark are colours.
    "dark": (DESKTOP, "dark", {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}),
}


UNSTUCK = """() => [...document.querySelectorAll("main *")]
    .filter((one) => getComputedStyle(one).position === "sticky")
    .forEach((one) => { one.style.position = "static"; })"""
"""Axe takes for too small what a bar covers that stays in sight; one scrolls it from under that."""


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(page: Page, inbox: Inbox, look: str) -> None:
    size, scheme, rules = LOOKS[look]
    page.set_viewport_size(size)  # type: ignore[arg-type]  # the library's own dictionary type
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    found: list[str] = []
    for address in addresses(inbox):
        page.goto(address)
        # What is folded away is checked as well.
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.evaluate(UNSTUCK)
        found += violations(page, rules)
        width = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{address} is {width} pixels wide"] if width > size["width"] else []
    page.get_by_role("button", name="Sign out").first.click()
    found += violations(page, rules)
    assert found == []


def test_axe_would_find_something(page: Page) -> None:
    page.goto("/ledger")
    page.evaluate("document.querySelector('main').innerHTML = '<img src=\"#\"><input><h1></h1>'")
    found = " ".join(violations(page))
    assert "image-alt" in found
    assert "label" in found


def test_axe_finds_nothing_in_forms_with_errors(page: Page, inbox: Inbox) -> None:
    page.goto(f"/contributions/{inbox.seeded.contributions['text']}")
    page.get_by_text("Correct the text", exact=True).click()
    page.get_by_label("What the resident said").fill(" ")
    page.get_by_role("button", name="Save as confirmed text").click()
    expect(page.get_by_text("Write what you hear or read")).to_be_visible()
    assert violations(page) == []


def test_targets_are_large_enough_for_a_thumb(page: Page, inbox: Inbox) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    small: list[str] = []
    for address in ("/contributions", f"/contributions/{inbox.seeded.contributions['call']}"):
        page.goto(address)
        small += page.evaluate(
            """() => [...document.querySelectorAll("button, select, input, summary, .back a, .button")]
                .filter((one) => one.type !== "hidden")
                .filter((one) => one.checkVisibility())
                .filter((one) => [one, ...(one.labels || [])].every((area) => area.getBoundingClientRect().height < 44))
                .map((one) => one.outerHTML.slice(0, 80))"""
        )
    assert small == []


def focused(page: Page) -> str:
    """What has the focus, as a screen reader would name it, roughly."""
    return str(
        page.evaluate(
            """() => {
                const one = document.activeElement;
                const heard = (part) => {
                    const copy = part.cloneNode(true);
                    copy.querySelectorAll("[aria-hidden=true]").forEach((unheard) => unheard.remove());
                    return copy.textContent;
                };
                const label = one.labels && one.labels[0];
                const named = one.getAttribute("aria-label") || (label && heard(label));
                return (named || heard(one)).trim().replace(/\\s+/g, " ");
            }"""
        )
    )


def test_a_keyboard_reaches_everything_in_reading_order(page: Page, inbox: Inbox) -> None:
    page.goto(f"/contributions/{inbox.seeded.contributions['call']}")
    walked = []
    for _ in range(60):
        page.keyboard.press("Tab")
        walked.append(focused(page))
        if walked[-1] == "English":
            break
    in_order = [
        "Skip to the content",
        "Sign out",
        "Contributions",
        "Back to the list",
        "Back 5 s",
        "Speed",
        "Next doubtful word",
        "siam",
        "pied",
        "banc",
        "Correct the text",
        "Keep Getting around",
        "Add a theme",
        "1 version of the text",
        "Confirm the text and publish",
        "Set it aside",
        "Français",
        "English",
    ]
    found = [next((at for at, name in enumerate(walked) if name.startswith(wanted)), None) for wanted in in_order]
    assert None not in found, dict(zip(in_order, found, strict=True))
    assert found == sorted(found, key=lambda at: at or 0), walked


def test_the_focus_can_always_be_seen(page: Page, inbox: Inbox) -> None:
    page.goto(f"/contributions/{inbox.seeded.contributions['scan']}")
    unseen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page) == "English":
            break
        style = page.evaluate(
            """() => {
                const style = getComputedStyle(document.activeElement);
                return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
            }"""
        )
        if not style:
            unseen.append(focused(page))
    assert unseen == []


def test_the_skip_link_leads_past_the_menu(page: Page) -> None:
    page.goto("/contributions")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert focused(page).startswith("All")


def test_doubtful_words_are_found_one_after_the_other_and_heard(page: Page, inbox: Inbox) -> None:
    page.goto(f"/contributions/{inbox.seeded.contributions['call']}")
    page.get_by_role("button", name="Next doubtful word").click()
    words = [focused(page)]
    for _ in range(3):
        page.keyboard.press("n")
        words.append(focused(page))
    assert [re.sub(r" \(doubtful.*", "", word) for word in words] == ["siam", "pied", "banc", "siam"]
    page.keyboard.press("ArrowRight")
    assert focused(page) == "les"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    heard = page.evaluate("document.querySelector('audio').currentTime")
    start = float(page.locator(".w.doubt").first.get_attribute("data-start") or 0)
    assert start - 0.5 <= heard <= start + 0.5


def test_a_words_place_on_the_page_is_shown(page: Page, inbox: Inbox) -> None:
    page.goto(f"/contributions/{inbox.seeded.contributions['scan']}")
    word = page.locator(".w.doubt", has_text="fontaine")
    word.focus()
    box = page.locator("rect.now")
    expect(box).to_have_attribute("data-word", word.get_attribute("data-word") or "")
    # The box lies on the picture where the word is printed: measured in the picture's own pixels.
    drawn, picture = box.bounding_box(), page.locator(".scan img").bounding_box()
    assert drawn is not None
    assert picture is not None
    shown = (drawn["x"] - picture["x"]) / picture["width"] * 1000
    assert abs(shown - float(box.get_attribute("x") or 0)) < 4
    page.get_by_role("button", name="Enlarge").click()
    word.click()
    expect(box).to_be_in_viewport()


def test_a_decision_is_announced_and_can_be_undone(page: Page, inbox: Inbox) -> None:
    page.goto(f"/contributions/{inbox.seeded.contributions['text']}")
    page.get_by_role("button", name="Publish", exact=True).click()
    outcome = page.get_by_role("status")
    expect(outcome).to_have_text("Published.")
    expect(outcome).to_be_focused()
    page.get_by_role("button", name="Undo: Published").click()
    expect(page.get_by_role("status")).to_have_text("Taken back.")


def test_everything_needed_works_without_scripts(browser: Browser, inbox: Inbox, served: str) -> None:
    context = browser.new_context(viewport=PHONE, locale="en-GB", base_url=served, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    page.goto(f"/contributions/{inbox.seeded.contributions['call']}")
    expect(page.get_by_role("button", name="Next doubtful word")).to_be_hidden()
    link = page.get_by_role("link", name="siam").get_attribute("href") or ""
    assert re.fullmatch(r"/media/\d+#t=\d+\.\d", link)
    page.get_by_text("Correct the text", exact=True).click()
    page.get_by_label("What the resident said").fill("Le dernier bus passe trop tôt.")
    page.get_by_role("button", name="Save as confirmed text").click()
    expect(page.get_by_text("The text is saved and confirmed.")).to_be_visible()
    page.locator(".menu summary").click()
    page.get_by_role("link", name="Ledger").click()
    expect(page.get_by_role("heading", name="Ledger")).to_be_visible()
    context.close()


def test_receipts_print_without_the_pages_frame(page: Page, inbox: Inbox) -> None:
    page.goto(f"/batches/{inbox.seeded.intakes['scan']}")
    page.emulate_media(media="print")
    expect(page.locator(".receipt-number").first).to_be_visible()
    for frame in (".top", ".bottom", "[data-print]", ".back"):
        expect(page.locator(frame).first).to_be_hidden()
