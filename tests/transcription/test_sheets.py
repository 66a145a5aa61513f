"""Sheets in pictures: their outlines, the order of their lines, ink that no word accounts for, and which way is up."""

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw

from tests.transcription import photographed
from tests.transcription.photographed import MARKS, TABLES, Picture, Random, answered, letter, on_table, sheets, ticked
from tests.transcription.scans import errors
from tests.transcription.sheets import drawing, sheet, turned
from tests.transcription.test_print import page_of
from transcription.base.values import Doubt
from transcription.ocr.print_lines import find_bend
from transcription.ocr.printed_text import read_print
from transcription.ocr.reading_order import WordOrder, check_word_order, turns_to_upright
from transcription.ocr.sheet_outline import find_sheets
from transcription.pages import tesseract
from transcription.pages.ink import measure_ink_marks
from transcription.pages.page_images import open_pages
from transcription.pages.tesseract import SeenWord

needs_engine = pytest.mark.skipif(
    not shutil.which("tesseract") or not {"fra", "eng", "osd"} <= tesseract.languages_installed(),
    reason="tesseract with fra, eng and osd is not installed",
)


def rng(seed: int) -> Random:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("tilt", [-11, 3, 8])
@pytest.mark.parametrize("table", TABLES, ids=[table.__name__ for table in TABLES])
def test_a_sheet_on_a_table_is_found(table: Callable[..., Picture], tilt: float):
    page = np.full((1754, 1240), 252, np.uint8)
    seen = on_table(page, rng(5), table=table, size=(1500, 1900), cover=0.75, tilt=tilt, depth=0.0)
    [corners] = find_sheets(cv2.cvtColor(seen, cv2.COLOR_RGB2BGR))
    angle = np.deg2rad(tilt)
    size = np.array([1240, 1754]) * 0.75 * min(1500 / 1240, 1900 / 1754)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    expected = (np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * size / 2) @ turn.T + (750, 950)
    # Taken a little smaller, so that no edge of the table is left.
    assert np.abs(corners - expected).max() < 20


NO_SHEET = {
    "a scan": lambda: np.asarray(sheet()),
    "a scan in the shade": lambda: photographed.lit(letter(rng(1))[0], rng(2), 0.5),
    "a drawing": lambda: np.asarray(drawing()),
    "nothing but a table": lambda: photographed.wood(rng(3), (900, 700)).clip(0, 255).astype(np.uint8),
}


@pytest.mark.parametrize("draw", NO_SHEET.values(), ids=NO_SHEET)
def test_no_outline_is_made_up(draw: Callable[[], Picture]):
    assert find_sheets(draw()) == []


def test_a_sheet_that_goes_beyond_the_picture_is_found():
    seen = on_table(np.full((1754, 1240), 252, np.uint8), rng(4), table=photographed.plain, size=(1500, 1900), tilt=10)
    [corners] = find_sheets(seen[120:, 90:])
    assert corners[:, 1].min() < 0 or corners[:, 0].min() < 0


@pytest.mark.parametrize("height", [-50, 40, 70])
def test_curled_lines_are_levelled(height: float):
    page = photographed.curled(letter(rng(6), (1654, 2339))[0], height)
    marks = measure_ink_marks(page)
    bend = find_bend(marks.boxes, marks.height, page.shape[::-1])
    assert bend is not None
    middle, edge = (bend.shift(np.array([[x, 600.0]]))[0] for x in (827, 60))
    assert abs((middle - edge) - height * 0.65) < 0.35 * abs(height)


def test_level_lines_are_left_alone():
    page = letter(rng(7), (1654, 2339))[0]
    marks = measure_ink_marks(page)
    assert find_bend(marks.boxes, marks.height, page.shape[::-1]) is None


def _words(*lines: str, column: int = 0, start: int = 0, line: int = 0) -> list[SeenWord]:
    """Words of ten pixels a letter, twenty high, lines forty apart."""
    found = []
    for number, words in enumerate(lines):
        x = column
        for word in words.split():
            box = (x, start + 40 * number, 10 * len(word), 20)
            found.append(SeenWord(word, 96.0, box, (1, 1, line + number)))
            x += 10 * len(word) + 8
    return found


LEFT, RIGHT = (
    ("Il faudrait des", "bancs et un abri", "devant la gare", "du bas quartier"),
    ("ou bien", "une halle", "ici"),
)


def _as_one_line(left: list[SeenWord], right: list[SeenWord]) -> list[SeenWord]:
    """Every line of two columns read across both."""
    numbers = sorted({word.line for word in left})
    return [
        SeenWord(word.text, word.confidence, word.box, (1, 1, row))
        for row, number in enumerate(numbers)
        for column in (left, right)
        for word in column
        if word.line[2] % 10 == number[2] % 10
    ]


ORDERS = {
    "a paragraph": (_words(*LEFT), (0, False)),
    "two columns": (_words(*LEFT) + _words(*RIGHT, column=300, line=10), (0, False)),
    "the right column first": (_words(*RIGHT, column=300, line=10) + _words(*LEFT), (1, False)),
    "lines torn apart": (
        [word for half in (0, 1) for word in _words(*LEFT, line=10 * half) if (word.box[0] > 60) == bool(half)],
        (4, False),
    ),
    "read across two columns": (
        _as_one_line(_words(*LEFT), _words("et il y a", "une salle de plus", "pour nous tous", "ici même", column=260)),
        (0, True),
    ),
    "a table": (
        _as_one_line(_words("Lundi", "Mardi", "Jeudi", "Samedi"), _words("8 h", "9 h", "10 h", "8 h", column=260)),
        (0, False),
    ),
}


@pytest.mark.parametrize(("words", "expected"), ORDERS.values(), ids=ORDERS)
def test_the_order_is_told_from_the_places(words: list[SeenWord], expected: tuple[int, bool]):
    least, across = expected
    found: WordOrder = check_word_order(words)
    assert (min(found.broken, least), bool(found.across)) == (least, across)
    assert bool(found.broken) == bool(least)


@needs_engine
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_which_way_is_up_is_noted(turns: int, tmp_path: Path):
    picture = sheet() if not turns else turned(sheet(), 360 - 90 * turns)
    read = read_print(page_of(picture, tmp_path))
    assert (read.turns, read.size) == (turns, picture.size)
    assert turns_to_upright(read.words) == turns  # type: ignore[arg-type]


def _told(picture: Picture, folder: Path) -> tuple[Doubt | None, tuple[tuple[int, int, int, int], ...]]:
    read = read_print(page_of(Image.fromarray(picture), folder))
    return read.doubt, read.unread


@needs_engine
@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_on_a_form_is_told(mark: str, tmp_path: Path):
    doubt, places = _told(ticked(rng(8), mark), tmp_path)
    assert doubt is Doubt.PARTLY_READ
    assert places


@needs_engine
@pytest.mark.parametrize("answers", [1, 4])
def test_answers_by_hand_are_told_and_where(answers: int, tmp_path: Path):
    doubt, places = _told(answered(rng(9), answers), tmp_path)
    assert doubt is Doubt.PARTLY_READ
    for number in range(answers):
        below = 150 + 220 * number + 100
        assert any(top < below < top + height + 40 for _, top, _, height in places), f"answer {number + 1}"


def _with(draw: Callable[[ImageDraw.ImageDraw], None]) -> Picture:
    page = sheet()
    draw(ImageDraw.Draw(page))
    return np.asarray(page)


def _struck(draw: ImageDraw.ImageDraw) -> None:
    draw.line([(140, 285), (820, 287)], fill=60, width=5)


ADDED = {
    "a word in pencil in the margin": lambda draw: photographed.pen(draw, rng(1), (1200, 1700), 260, 34),
    "a circle around a word": lambda draw: draw.ellipse((140, 250, 420, 340), outline=70, width=5),
    "a sentence struck out": _struck,
    "an arrow": lambda draw: draw.line([(300, 900), (800, 1300), (760, 1300)], fill=80, width=6),
    "a tick in the margin": lambda draw: draw.line([(60, 215), (78, 240), (120, 190)], fill=60, width=6),
    "an answer in pale pencil": lambda draw: draw.text((500, 900), "oui, bien sûr", fill=205, font_size=48),
    "an exclamation mark by hand": lambda draw: draw.line([(1500, 240), (1490, 330)], fill=70, width=7),
}


@needs_engine
@pytest.mark.parametrize("draw", ADDED.values(), ids=ADDED)
def test_what_was_added_by_hand_to_a_printed_page_is_told(draw: Callable[[ImageDraw.ImageDraw], None], tmp_path: Path):
    doubt, _ = _told(_with(draw), tmp_path)
    assert doubt is not None


@needs_engine
def test_a_word_that_a_felt_pen_ran_over_is_told(tmp_path: Path):
    page = sheet().convert("RGB")
    felt = Image.new("RGB", page.size, "white")
    ImageDraw.Draw(felt).rectangle((140, 255, 440, 315), fill=(255, 255, 60))
    ImageChops.multiply(page, felt).save(tmp_path / "page.jpg")
    [opened] = open_pages(tmp_path / "page.jpg", tmp_path)
    assert read_print(opened).doubts == (Doubt.PARTLY_READ,)


PRINTED = {
    "underlined": lambda draw: draw.line([(150, 252), (430, 252)], fill=20, width=3),
    "in a frame": lambda draw: draw.rectangle((110, 160, 1560, 760), outline=20, width=3),
    "specks and a staple's shadow": lambda draw: [
        draw.ellipse((x, y, x + 4, y + 4), fill=90) for x, y in ((300, 1200), (900, 1500), (1300, 2000))
    ],
    "a copier's dark edge": lambda draw: draw.rectangle((0, 0, 22, 2339), fill=40),
}


@needs_engine
@pytest.mark.parametrize("draw", PRINTED.values(), ids=PRINTED)
def test_rules_dust_and_edges_are_no_writing(draw: Callable[[ImageDraw.ImageDraw], None], tmp_path: Path):
    assert _told(_with(draw), tmp_path) == (None, ())


@needs_engine
def test_letters_too_small_to_read_are_said_to_be(tmp_path: Path):
    page = Image.fromarray(letter(rng(2))[0])
    read = read_print(page_of(page.resize((page.width // 6, page.height // 6), Image.Resampling.BOX), tmp_path))
    assert read.doubt is Doubt.TOO_SMALL


SOME = ("photo on a table, landscape", "photo, two sheets", "photo, curled", "scanned, two columns")


@needs_engine
@pytest.mark.parametrize("photo", sheets(1, first_seed=60, kinds=SOME), ids=lambda photo: photo.name)
def test_what_is_read_wrong_is_doubted(photo: photographed.Sheet, tmp_path: Path):
    """The small version of ``make soak ONLY=pages``."""
    reads = [read_print(page) for page in open_pages(photo.write(tmp_path), tmp_path)]
    wrong = errors(photo.says, "\n".join(read.text for read in reads))
    assert wrong <= 0.1 or any(read.doubt for read in reads), f"{wrong:.2f} wrong and no doubt"
