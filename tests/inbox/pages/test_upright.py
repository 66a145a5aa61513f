"""A scan that lies on its side or head is shown upright, its words and what was not read in their places."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from inbox.contributions import transcripts
from inbox.models import Transcript
from inbox.web.contributions.transcript_view import SheetView
from tests.inbox.pages.conftest import Inbox

WIDTH, HEIGHT = 300, 200
# Where the picture's upper left corner is once it is upright, and the upright picture's size.
TURNED = {
    0: ((0, 0), (WIDTH, HEIGHT)),
    1: ((0, WIDTH), (HEIGHT, WIDTH)),
    2: ((WIDTH, HEIGHT), (WIDTH, HEIGHT)),
    3: ((HEIGHT, 0), (HEIGHT, WIDTH)),
}


@pytest.mark.parametrize("turns", TURNED)
def test_the_picture_is_turned_within_its_frame(turns: int) -> None:
    sheet = SheetView(turns, WIDTH, HEIGHT, ())
    a, b, c, d, e, f = map(int, sheet.matrix.split())
    matrix = np.array([[a, c, e], [b, d, f]])
    corner, size = TURNED[turns]
    assert tuple(matrix @ (0, 0, 1)) == corner
    assert sheet.upright_size == size
    # The page's right is where the turn against the clock brings it.
    right = matrix @ (1, 0, 0)
    assert tuple(right) == [(1, 0), (0, -1), (-1, 0), (0, 1)][turns]


def _read_anew(inbox: Inbox, turns: int, unread: list[list[int]]) -> None:
    medium_id = inbox.seeded.media["scan"]
    with inbox.store.write() as session:
        [newest] = [session.get_one(Transcript, transcripts.latest_transcripts(session, [medium_id])[medium_id].id)]
        transcripts.add_transcript(
            session,
            medium_id,
            engine="tesseract",
            model="fra",
            language="fr",
            words=transcripts.transcript_words(session, newest),
            took_seconds=1.0,
            sheet={"turns": turns, "size": [1000, 1414], "unread": unread},
        )


def test_what_was_not_read_is_outlined_and_told(inbox: Inbox) -> None:
    _read_anew(inbox, 0, [[100, 900, 300, 80], [700, 1000, 50, 40]])
    shown = inbox.client("mod").get(f"/contributions/{inbox.seeded.contributions['scan']}").text
    assert "2 places were not read: outlined" in shown
    assert '<rect class="unread" x="100.0" y="900.0" width="300.0" height="80.0"/>' in shown
    assert "turned upright" not in shown


def test_a_turned_scan_says_so_and_keeps_its_original_a_click_away(inbox: Inbox) -> None:
    _read_anew(inbox, 1, [])
    shown = inbox.client("mod", language="fr").get(f"/contributions/{inbox.seeded.contributions['scan']}").text
    assert "montré à l’endroit, contrairement à l’original" in shown
    assert 'viewBox="0 0 1414 1000"' in shown
    assert f'href="/media/{inbox.seeded.media["scan"]}" target="_blank"' in shown


@pytest.mark.browser
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_words_place_turns_with_the_picture(page: Page, inbox: Inbox, turns: int) -> None:
    _read_anew(inbox, turns, [])
    page.goto(f"/contributions/{inbox.seeded.contributions['scan']}")
    canvas = page.locator("svg.upright")
    expect(canvas).to_have_attribute("role", "img")
    page.locator(".w.doubt", has_text="fontaine").focus()
    box, around = page.locator("rect.now").bounding_box(), canvas.bounding_box()
    assert box is not None
    assert around is not None
    rect = page.locator("rect.now")
    x, y, w, h = (float(rect.get_attribute(name) or 0) for name in ("x", "y", "width", "height"))
    middle = SheetView(turns, 1000, 1414, ())
    a, b, c, d, e, f = map(float, middle.matrix.split())
    across, down = x + w / 2, y + h / 2
    expected = (a * across + c * down + e, b * across + d * down + f)
    scale = around["width"] / middle.upright_size[0]
    seen = ((box["x"] + box["width"] / 2 - around["x"]) / scale, (box["y"] + box["height"] / 2 - around["y"]) / scale)
    assert np.abs(np.subtract(seen, expected)).max() < 6
    page.get_by_role("button", name="Enlarge").click()
    enlarged = canvas.bounding_box()
    assert enlarged is not None
    assert enlarged["width"] > 1.8 * around["width"]
