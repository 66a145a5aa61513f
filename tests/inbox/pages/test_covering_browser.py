"""Covering a place of a page by hand, with the mouse, a finger and the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from inbox.desk import masked_copies
from inbox.models import MaskedCopy
from tests.inbox.pages.browsing import PHONE, listen, sign_in
from tests.inbox.pages.conftest import Inbox

pytestmark = pytest.mark.browser


def _open(page: Page, inbox: Inbox, name: str = "scan") -> None:
    page.goto(f"/contributions/{inbox.seeded.contributions[name]}")
    page.locator(".cover-by-hand > summary").click()


def _areas(inbox: Inbox) -> list[tuple[float, ...]]:
    with inbox.store.read() as session:
        rows = session.scalars(select(MaskedCopy)).all()
        return [area for row in rows for area in masked_copies.areas_of(session, row)]


def _drawn(page: Page) -> list[float]:
    return [float(one.input_value()) for one in page.locator("[data-cover-fields] input").all()]


def test_a_place_is_drawn_with_the_mouse_also_on_a_turned_picture(page: Page, inbox: Inbox) -> None:
    _open(page, inbox)
    layer = page.locator(".cover-layer")
    layer.scroll_into_view_if_needed()
    frame, box = page.locator(".scan-frame").bounding_box(), layer.bounding_box()
    assert frame is not None
    assert box is not None
    left, top = box["x"] + 0.1 * box["width"], frame["y"] + 40
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + 0.3 * box["width"], top + 60, steps=4)
    page.mouse.up()
    drawn = _drawn(page)
    assert drawn[0] == pytest.approx(10, abs=1)
    assert drawn[2] == pytest.approx(30, abs=1)
    shown = page.locator(".covering").bounding_box()
    assert shown is not None
    assert (shown["x"], shown["y"]) == (pytest.approx(left, abs=3), pytest.approx(top, abs=3))
    page.get_by_role("button", name="Cover it in the copy").click()
    expect(page.get_by_role("status").first).to_contain_text("The place is covered in the copy")
    [area] = _areas(inbox)
    assert area[2] == pytest.approx(0.3, abs=0.01)
    expect(page.locator(".covered-list li")).to_contain_text("Covered by hand")
    page.get_by_role("button", name="Uncover").click()
    expect(page.get_by_role("status").first).to_contain_text("covered no more")
    assert _areas(inbox) == []


def test_a_place_is_shown_with_the_keyboard_alone_and_publishing_covers_it(page: Page, inbox: Inbox) -> None:
    page.goto(f"/contributions/{inbox.seeded.contributions['scan']}")
    page.locator(".cover-by-hand > summary").focus()
    page.keyboard.press("Enter")
    for keys in ("20", "30", "40", "10"):
        page.keyboard.press("Tab")
        page.keyboard.type(keys)
    before = page.locator(".covering").bounding_box()
    page.keyboard.press("ArrowUp")
    after = page.locator(".covering").bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] > before["height"]
    page.locator("[data-action=publish]").first.click()
    expect(page.get_by_role("status").first).to_be_visible()
    assert _areas(inbox) == [pytest.approx((0.2, 0.3, 0.4, 0.105))]


def test_a_place_is_drawn_with_a_finger(browser: Browser, served: str, inbox: Inbox) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="en-GB", base_url=served)
    page = context.new_page()
    complaints = listen(page)
    sign_in(page)
    _open(page, inbox)
    layer = page.locator(".cover-layer")
    layer.scroll_into_view_if_needed()
    box = page.locator(".scan-frame").bounding_box()
    assert box is not None
    finger = context.new_cdp_session(page)
    places = [(box["x"] + 60 + 20 * step, box["y"] + 60 + 10 * step) for step in range(5)]
    for kind, (x, y) in zip(["touchStart", *["touchMove"] * 4], places, strict=True):
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert min(_drawn(page)) > 0
    context.close()
    assert complaints == []


def test_a_stretch_begins_where_the_recording_plays(page: Page, inbox: Inbox) -> None:
    _open(page, inbox, "call")
    page.evaluate("document.querySelector('[data-player] audio').currentTime = 0.4")
    first, second = page.locator("[data-cover-fields] input").all()
    page.get_by_role("button", name="Where it plays now").first.click()
    first_at = float(first.input_value())
    second.fill(str(first_at + 1.5))
    page.get_by_role("button", name="Cover it in the copy").click()
    assert _areas(inbox) == [pytest.approx((first_at, first_at + 1.5))]
