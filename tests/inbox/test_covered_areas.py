"""What a form says is covered by hand, and where that is in a picture that lies on its side."""

from __future__ import annotations

import pytest

from config.enums import MediumKind
from inbox.desk.covered_areas import Area, area_in_pixels, parse_areas

PAGE, SOUND = MediumKind.PAGE, MediumKind.RECORDING

TYPED: dict[str, tuple[MediumKind, list[str], list[Area]]] = {
    "a place": (PAGE, ["10", "20", "30", "5"], [(0.1, 0.2, 0.3, 0.05)]),
    "with a French comma": (PAGE, ["12,5", "0", "50", "100"], [(0.125, 0.0, 0.5, 1.0)]),
    "over the edge": (PAGE, ["90", "95", "30", "30"], [(0.9, 0.95, pytest.approx(0.1), pytest.approx(0.05))]),
    "two, one of them twice": (PAGE, [*"1234", *"1234", *"5678"], [(0.01, 0.02, 0.03, 0.04), (0.05, 0.06, 0.07, 0.08)]),
    "fields left empty": (PAGE, ["", "", "", ""], []),
    "a field forgotten": (PAGE, ["10", "", "30", "5"], []),
    "a slip of the hand": (PAGE, ["10", "10", "0.1", "0.1"], []),
    "no number": (PAGE, ["10", "nan", "inf", "5"], []),
    "less than nothing": (PAGE, ["-10", "0", "30", "5"], []),
    "a stretch": (SOUND, ["1.5", "4"], [(1.5, 4.0)]),
    "a stretch from behind": (SOUND, ["4", "1.5"], [(1.5, 4.0)]),
    "a stretch of nothing": (SOUND, ["4", "4"], []),
}


@pytest.mark.parametrize(("kind", "typed", "areas"), TYPED.values(), ids=TYPED)
def test_fields_say_areas(kind: MediumKind, typed: list[str], areas: list[Area]) -> None:
    assert parse_areas(kind, typed) == areas


# The lower left corner as one sees it, of a picture 200 wide and 100 high: on which side it lies in the file.
TURNED = {
    0: (0.0, 90.0, 40.0, 10.0),
    1: (0.0, 0.0, 20.0, 20.0),
    2: (160.0, 0.0, 40.0, 10.0),
    3: (180.0, 80.0, 20.0, 20.0),
}


@pytest.mark.parametrize(("turns", "expected"), TURNED.items())
def test_an_area_is_found_in_a_turned_picture(turns: int, expected: tuple[float, ...]) -> None:
    assert area_in_pixels((0.0, 0.9, 0.2, 0.1), turns, 200, 100) == pytest.approx(expected)
