"""Forms whose codes are gone: told from letters by their corner marks, and read by the number a person types in."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.simulator.blank import print_page
from tests.simulator.hands import PENS, Hand, mark
from tests.simulator.machines import Pose, photograph, scan
from tests.simulator.sheets import digits_of, hundred_boxes
from tests.transcription.photographed import letter
from transcription.forms.placing.finding import find_form_page
from transcription.forms.reading import read_found
from transcription.forms.values import BoxState

PAGE = hundred_boxes()
CODES = digits_of(4711)
TICKED = (3, 17, 44, 98)
PER_MM = 6.0


def without_codes(marks: int = 4):
    paper = print_page(PAGE, CODES, PER_MM)
    by = Hand("cross", PENS["ballpoint"][1], 0.8, 0.5, np.eye(2))
    for number in TICKED:
        mark(paper, PER_MM, PAGE.boxes[number].place, by, np.random.default_rng(number))
    for place in (*(code.place for code in PAGE.codes), *PAGE.marks[marks:]):
        x, y, side = (int(one * PER_MM) for one in (place.x, place.y, place.width))
        paper[y - 6 : y + side + 6, x - 6 : x + side + 6] = 0.97
    return paper


def turned(turns: int):
    seen = scan(without_codes(), PER_MM, "grey", 150, np.random.default_rng(turns + 1))
    return np.ascontiguousarray(
        np.rot90(cv2.imdecode(np.frombuffer(seen.encoded(), np.uint8), cv2.IMREAD_GRAYSCALE), turns)
    )


@pytest.mark.parametrize("turns", range(4))
def test_it_looks_like_ours_and_is_read_whichever_way_up(turns: int, tmp_path: Path) -> None:
    picture = turned(turns)
    assert find_form_page(picture, [PAGE]).shows_marks
    found = find_form_page(picture, [PAGE], CODES[0]).found
    assert found is not None
    reading = read_found(picture, found, tmp_path)
    assert {box.key for box in reading.boxes if box.state is BoxState.TICKED} == {f"box-{one}" for one in TICKED}
    assert reading.code == CODES[0]


def test_a_photo_of_it_is_read_as_well(tmp_path: Path) -> None:
    seen = photograph(without_codes(), PER_MM, np.random.default_rng(5), Pose(10, 30, 4, 0, 0.2, 0.5))
    picture = np.asarray(seen.picture, np.uint8)
    assert find_form_page(picture, [PAGE]).shows_marks


def test_a_letter_and_a_page_of_which_too_little_is_left_are_none_of_ours() -> None:
    torn = scan(without_codes(marks=2), PER_MM, "grey", 150, np.random.default_rng(3))
    for picture in (
        cv2.imdecode(np.frombuffer(torn.encoded(), np.uint8), cv2.IMREAD_GRAYSCALE),
        letter(np.random.default_rng(1))[0],
    ):
        looked = find_form_page(np.asarray(picture, np.uint8), [PAGE], CODES[0])
        assert looked.found is None
        assert not find_form_page(np.asarray(picture, np.uint8), [PAGE]).shows_marks
