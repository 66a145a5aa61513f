"""Forms that were printed, filled by hand and spoiled by machines, read back: one of each kind of machine and hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.simulator.blank import fill, print_page
from tests.simulator.hands import PENS, Hand, mark, scribble_out
from tests.simulator.machines import HARDEST, Paper, Pose, Scan, photograph, scan
from tests.simulator.sheets import digits_of, hundred_boxes, some_sheet
from transcription.forms.layout import FormPage, PagePlace, TickBox, Zone
from transcription.forms.placing.codes import read_codes
from transcription.forms.placing.finding import find_form_page
from transcription.forms.reading import read_form
from transcription.forms.values import BoxDoubt, BoxState, FormDoubt, FormReading, ZoneState

PAGE = hundred_boxes()
CODES = digits_of(4711)
BALLPOINT, FAINT, FELT = (PENS[name][1] for name in ("ballpoint", "faint", "felt"))


def hand(way: str = "cross", pen=BALLPOINT, dark: float = 0.8, wide: float = 0.5) -> Hand:
    return Hand(way, pen, dark, wide, np.eye(2))


def filled(page: FormPage = PAGE, by: Hand | None = None, ticked: tuple[int, ...] = (3, 17, 44, 98)) -> Paper:
    paper = print_page(page, CODES, 6.0)
    for number in ticked:
        mark(paper, 6.0, page.boxes[number].place, by or hand(), np.random.default_rng(number))
    return paper


def scanned(paper: Paper, seed: int = 1, dpi: int = 150) -> Scan:
    return scan(paper, 6.0, "grey", dpi, np.random.default_rng(seed))


def read(picture, tmp_path: Path, page: FormPage = PAGE) -> FormReading:
    reading = read_form(np.asarray(picture, np.uint8), [page], tmp_path)
    assert reading is not None
    return reading


def keys(reading: FormReading, state: BoxState) -> set[str]:
    return {box.key for box in reading.boxes if box.state is state}


@pytest.mark.parametrize(
    ("machine", "seed"),
    [("grey", 41), ("bilevel", 43), ("photocopy", 45), ("second copy", 47), ("photo", 48), ("dirty", 50)],
)
def test_no_box_is_taken_for_another(machine: str, seed: int, tmp_path: Path) -> None:
    sheet = some_sheet(PAGE, seed, machine=machine)
    picture = cv2.imdecode(np.frombuffer(sheet.scan.encoded(), np.uint8), cv2.IMREAD_UNCHANGED)
    reading = read(picture, tmp_path)
    known = {box.key: box.state for box in reading.boxes if box.state is not BoxState.DOUBTFUL}
    wrong = {key for key, state in known.items() if sheet.ticked.get(key, False) != (state is BoxState.TICKED)}
    assert wrong & set(sheet.ticked) == set()
    assert len(known) >= 70
    assert reading.turns == -sheet.scan.turns % 4


@pytest.mark.parametrize("way", ["cross", "tick", "line", "dot", "loop", "scrawl"])
def test_every_way_to_mark_a_box_counts(way: str, tmp_path: Path) -> None:
    reading = read(scanned(filled(by=hand(way))).picture, tmp_path)
    shown = keys(reading, BoxState.DOUBTFUL)  # a scrawl may look like a box that was scribbled out
    assert keys(reading, BoxState.TICKED) | shown == {"box-3", "box-17", "box-44", "box-98"}
    assert len(shown) <= 1
    assert len(keys(reading, BoxState.EMPTY)) == 96


def test_a_pale_pencil_counts_or_is_shown(tmp_path: Path) -> None:
    reading = read(scanned(filled(by=hand("tick", FAINT, 0.16))).picture, tmp_path)
    assert keys(reading, BoxState.EMPTY).isdisjoint({"box-3", "box-17", "box-44", "box-98"})


def test_a_filled_over_box_is_withdrawn(tmp_path: Path) -> None:
    paper = filled(ticked=(3, 17, 44, 50, 98))
    scribble_out(paper, 6.0, PAGE.boxes[50].place, hand(), np.random.default_rng(5))
    reading = read(scanned(paper).picture, tmp_path)
    assert keys(reading, BoxState.WITHDRAWN) == {"box-50"}
    assert keys(reading, BoxState.TICKED) == {"box-3", "box-17", "box-44", "box-98"}


@pytest.mark.parametrize(
    ("ticked", "state"), [((3, 17, 44, 98), BoxState.TICKED), ((3,), BoxState.DOUBTFUL), ((3, 17), BoxState.DOUBTFUL)]
)
def test_of_a_hand_that_only_fills_boxes_many_tell_and_few_are_shown(ticked, state, tmp_path: Path) -> None:
    reading = read(scanned(filled(by=hand("fill"), ticked=ticked)).picture, tmp_path)
    assert keys(reading, state) == {f"box-{number}" for number in ticked}


def test_a_ring_around_a_box_is_shown(tmp_path: Path) -> None:
    paper = filled()
    x, y = PAGE.boxes[60].place.centre
    cv2.circle(paper, (round(x * 6), round(y * 6)), round(3.1 * 6), 0.3, 3, cv2.LINE_AA)
    reading = read(scanned(paper).picture, tmp_path)
    assert {box.key: box.doubt for box in reading.boxes if box.doubt} == {"box-60": BoxDoubt.BESIDE}


@pytest.mark.parametrize("missing", range(4))
def test_one_corner_may_be_missing(missing: int, tmp_path: Path) -> None:
    paper = filled()
    place = PAGE.marks[missing]
    paper[round(place.y * 6) - 6 : round(place.y * 6) + 42, round(place.x * 6) - 6 : round(place.x * 6) + 42] = 1
    reading = read(scanned(paper).picture, tmp_path)
    assert reading.marks == 3
    assert keys(reading, BoxState.TICKED) == {"box-3", "box-17", "box-44", "box-98"}
    assert not keys(reading, BoxState.DOUBTFUL)


def test_without_corners_a_person_is_told(tmp_path: Path) -> None:
    paper = filled()
    for place in PAGE.marks[:3]:
        paper[round(place.y * 6) - 3 : round(place.y * 6) + 39, round(place.x * 6) - 3 : round(place.x * 6) + 39] = 1
    assert FormDoubt.CORNERS_MISSING in read(scanned(paper).picture, tmp_path).doubts


def test_one_code_is_enough_and_another_form_is_none_of_these(tmp_path: Path) -> None:
    paper = filled()
    code = PAGE.codes[1].place
    fill(paper, 6.0, PagePlace(code.x - 1, code.y + 4, code.width + 2, 7), 0.1)
    assert keys(read(scanned(paper).picture, tmp_path), BoxState.TICKED) == {"box-3", "box-17", "box-44", "box-98"}
    others = replace(PAGE, codes=tuple(replace(code, pattern="9" * 27) for code in PAGE.codes))
    looked = find_form_page(scanned(paper).picture, [others])
    assert looked.found is None
    assert [code.text for code in looked.codes] == [CODES[0]]


def test_codes_are_read_through_noise_and_shade() -> None:
    rng = np.random.default_rng(7)
    picture = scanned(filled()).picture
    shade = np.linspace(1, 0.3, picture.shape[1])
    noisy = (picture * shade + rng.normal(0, 18, picture.shape)).clip(0, 255).astype(np.uint8)
    assert {code.text for code in read_codes(noisy)} == set(CODES)


def test_a_curled_page_photographed_askew_is_found_to_half_a_millimetre() -> None:
    for seed in (1, 2):
        pose = Pose(**HARDEST, toward=seed * 77, spin=3, blur=0.8)
        seen = photograph(filled(), 6.0, np.random.default_rng(seed), pose)
        found = find_form_page(seen.picture, [PAGE]).found
        assert found is not None
        middles = np.array([box.place.centre for box in PAGE.boxes])
        beside = np.array([0.5, 0])
        across = np.hypot(*(seen.where(middles + beside) - seen.where(middles - beside)).T)
        off = np.hypot(*(found.in_picture(middles) - seen.where(middles)).T) / across
        assert float(off.max()) < 0.5


def test_zones_are_empty_or_have_a_picture_of_their_own(tmp_path: Path) -> None:
    boxes = tuple(TickBox(f"box-{n}", PagePlace(20, 50 + 9 * n, 4.5, 4.5)) for n in range(5))
    zones = (
        Zone("words", False, PagePlace(20, 100, 170, 60), rule_pitch=9),
        Zone("drawing", True, PagePlace(20, 170, 170, 70)),
    )
    page = replace(PAGE, boxes=boxes, zones=zones)
    paper = filled(page, ticked=(1,))
    for line in range(1, 6):
        fill(paper, 6.0, PagePlace(20.3, 100 + 9 * line, 169.4, 0.2), 0.72)
    empty = read(scanned(paper).picture, tmp_path, page)
    assert [zone.state for zone in empty.zones] == [ZoneState.EMPTY, ZoneState.EMPTY]
    words = np.full(paper.shape, 255, np.uint8)
    cv2.putText(words, "Plus de bancs", (30 * 6, 125 * 6), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.5, 50, 3)
    paper *= words / np.float32(255)
    written = read(np.rot90(scanned(paper).picture, 2), tmp_path, page)
    assert [zone.state for zone in written.zones] == [ZoneState.MARKED, ZoneState.EMPTY]
    picture = cv2.imread(written.zones[0].picture, cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert abs(picture.shape[1] / picture.shape[0] - 170 / 60) < 0.05
    assert keys(written, BoxState.TICKED) == {"box-1"}


def test_what_is_told_across_processes_is_what_was_read(tmp_path: Path) -> None:
    reading = read(scanned(filled()).picture, tmp_path)
    assert FormReading.from_json(reading.as_json()) == reading
    assert FormPage.from_json(PAGE.as_json()) == PAGE


def test_mirrored_torn_and_tiny_pictures_are_none_of_these_pages() -> None:
    paper = (filled() * 255).astype(np.uint8)
    pictures = (
        paper[:, ::-1],
        paper[:300],
        paper[:, :600],
        paper[100:210, 1020:1140],
        paper[:12, :12],
        np.tile(paper[:12], (1, 30)),
    )
    assert [find_form_page(np.ascontiguousarray(picture), [PAGE]).found for picture in pictures] == [None] * len(
        pictures
    )
