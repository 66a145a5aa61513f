"""Where two engines heard different words: both shown, one key apart, and the choice is a correction."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from config.enums import Moderation, TextOrigin
from inbox.desk import second_readings
from inbox.desk.second_readings import ReadingChoice, apply_choices, differing_passages, parse_choice
from tests.inbox.makers import state_of, text_of
from tests.inbox.pages.conftest import Inbox, token_of
from tests.inbox.pages.two_engines import MISHEARD, put_right, recordings, words_of
from transcription.audio import witnesses


def word(text: str, confidence: float = 0.95, other: str = "") -> dict[str, object]:
    return {"text": text, "confidence": confidence, "start": 0.0, "end": 0.1} | ({"other": other} if other else {})


DISPUTED = [word("un"), word("blanc", 0.4, "banc de"), word("deux", 0.5), word("mari", 0.3, "mairie"), word("ici")]

CHOSEN: dict[str, tuple[str, set[int], str]] = {
    "nothing": ("Un blanc deux mari ici", set(), "Un blanc deux mari ici"),
    "one word": ("Un blanc deux mari ici", {3}, "Un blanc deux mairie ici"),
    "a whole passage": ("Un blanc deux mari ici", {1}, "Un banc de mari ici"),
    "all": ("Un blanc deux mari ici", {1, 3}, "Un banc de mairie ici"),
    "with marks put in since": ("Un blanc, deux mari… ici !", {3}, "Un blanc, deux mairie… ici !"),
    "reworded by a person": ("Un banc neuf, mari ici", {1, 3}, "Un banc neuf, mairie ici"),
    "where there is none": ("Un blanc deux mari ici", {0, 2, 9}, "Un blanc deux mari ici"),
}


@pytest.mark.parametrize(("body", "starts", "expected"), CHOSEN.values(), ids=CHOSEN)
def test_the_other_reading_takes_the_place_of_the_first(body: str, starts: set[int], expected: str) -> None:
    assert apply_choices(body, DISPUTED, starts) == expected


def test_the_first_word_stays_capital() -> None:
    assert apply_choices("Blanc ici", [word("blanc", 0.4, "banc"), word("ici")], {0}) == "Banc ici"


def test_a_passage_ends_where_both_agree_or_another_begins() -> None:
    assert [(one.start, one.end) for one in differing_passages(DISPUTED)] == [(1, 3), (3, 4)]


@pytest.mark.parametrize(
    ("written", "expected"), [("7-2", ReadingChoice(7, 2)), ("7", None), ("-1-2", None), ("7-2-3", None), ("x-1", None)]
)
def test_what_a_form_sends(written: str, expected: ReadingChoice | None) -> None:
    assert parse_choice(written) == expected


def test_both_rooms_mean_the_same_by_disputed() -> None:
    assert second_readings.DISPUTED == witnesses.DISPUTED


def test_a_choice_is_a_correction_without_a_script(inbox: Inbox) -> None:
    (made,) = recordings(inbox.store, 1, both=True)
    client = inbox.client("mod")
    page = client.get(f"/contributions/{made}").text
    offered = page.split('name="other" value="')[1:]
    values = [one.split('"')[0] for one in offered]
    assert len(values) == len(MISHEARD[0]) + 1
    assert "the other engine heard: banc" in page
    answer = client.post(
        f"/contributions/{made}/publish",
        data={
            "csrf_token": token_of(client),
            "revision": page.split('name="revision"')[1].split('value="')[1].split('"')[0],
            "confirm": "1",
            "other": [one for one in values if not one.endswith("-0")],
        },
    )
    assert answer.status_code == 302
    text = text_of(inbox.store, made)
    assert text is not None
    assert (text.body, text.origin) == (
        "Il faudrait un banc devant la mairie et un autre au port",
        TextOrigin.PERSON,
    )
    assert state_of(inbox.store, made).moderation is Moderation.PUBLISHED


def test_where_one_engine_heard_nothing_is_offered(inbox: Inbox) -> None:
    (made,) = recordings(inbox.store, 1, both=False)
    assert 'name="other"' not in inbox.client("mod").get(f"/contributions/{made}").text


@pytest.mark.browser
def test_recordings_are_put_right_by_fewer_keys_with_both(page: Page, inbox: Inbox) -> None:
    both, alone = (put_right(page, inbox.store, 2, both=one) for one in (True, False))
    print(f"with both {both}; alone {alone}")
    assert (both.right, alone.right) == (2, 2)
    assert both.keys * 2 < alone.keys


@pytest.mark.browser
def test_the_key_takes_it_tells_it_and_goes_on(page: Page, inbox: Inbox) -> None:
    (made,) = recordings(inbox.store, 1, both=True)
    page.goto(f"/contributions/{made}")
    boxes = page.get_by_role("checkbox", name="Instead:")
    expect(boxes).to_have_count(len([one for one in words_of(0, both=True) if "other" in one]))
    page.keyboard.press("n")
    page.keyboard.press("n")
    page.keyboard.press("o")
    expect(page.get_by_role("checkbox", name="Instead: banc")).to_be_checked()
    expect(page.locator("[data-said-other]")).to_have_text("Taken: banc")
    focused = page.evaluate("document.activeElement.textContent")
    assert focused.startswith("mari")
    # By the pointer, or by the space bar on the box itself, it is taken back.
    page.get_by_role("checkbox", name="Instead: banc").press("Space")
    expect(page.get_by_role("checkbox", name="Instead: banc")).not_to_be_checked()
