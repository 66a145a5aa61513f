"""Printed pages to words: drawn pages, worn by copiers and telephones, through the real Tesseract."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.transcription.scans import errors
from tests.transcription.sheets import A4_200, LINES, TEXT, drawing, noise, noisy, shaded, sheet, skewed, turned
from transcription.base.values import Doubt, EngineCrashed, EngineMissing, PlacedWord, TooSlow, Transcript
from transcription.ocr.print_child import read_page
from transcription.ocr.printed_text import LANGUAGES, PrintLimits, read_print
from transcription.pages import tesseract
from transcription.pages.page_images import PageImage

pytestmark = pytest.mark.skipif(
    not shutil.which("tesseract") or not {"fra", "eng", "osd"} <= tesseract.languages_installed(),
    reason="tesseract with fra, eng and osd is not installed",
)


def page_of(picture: Image.Image, folder: Path, *, blank: bool = False) -> PageImage:
    path = folder / "page-0001.png"
    picture.save(path)
    return PageImage(path, 1, picture.width, picture.height, 200, blank)


LEGIBLE = {
    "as printed": sheet,
    "skewed a little": lambda: skewed(sheet(), 1.7),
    "skewed much": lambda: skewed(sheet(), -7.5),
    "on its left side": lambda: turned(sheet(), 90),
    "on its right side": lambda: turned(sheet(), 270),
    "on its head": lambda: turned(sheet(), 180),
    "on its head and skewed": lambda: skewed(turned(sheet(), 180), 4.0),
    "in the shade": lambda: shaded(sheet()),
    "noisy": lambda: noisy(sheet(), 25),
    "very noisy": lambda: noisy(sheet(), 60),
    "pale": lambda: sheet(ink=150),
    "white on black": lambda: Image.fromarray(255 - np.asarray(sheet())),
    "at 75 dpi": lambda: sheet().resize((620, 877), Image.Resampling.BOX),
    "at 600 dpi": lambda: sheet().resize((4962, 7017), Image.Resampling.BICUBIC).point(lambda value: value),
}


MAY_BE_DOUBTED = ("very noisy",)
"""Where a letter that stands alone cannot be told from a tick."""


@pytest.mark.parametrize("name", LEGIBLE)
def test_a_printed_page_is_read(name: str, tmp_path: Path):
    read = read_print(page_of(LEGIBLE[name](), tmp_path))
    assert errors(TEXT, read.text) < 0.03, read.text
    assert read.doubt is None or (name in MAY_BE_DOUBTED and read.doubt is Doubt.PARTLY_READ)
    assert read.confidence is not None
    assert read.confidence > 0.8


def test_lines_stay_lines(tmp_path: Path):
    read = read_print(page_of(sheet(), tmp_path))
    assert [line.replace("’", "'") for line in read.text.splitlines()] == list(LINES)
    assert read.engine == "tesseract"
    assert read.model.endswith("fra+eng")


def found(read: Transcript, text: str) -> PlacedWord:
    [word] = [word for word in read.words if isinstance(word, PlacedWord) and word.text == text]
    return word


PLACES: dict[str, tuple[Callable[[Image.Image], Image.Image], Callable[[float, float], tuple[float, float]]]] = {
    "as printed": (lambda page: page, lambda x, y: (x, y)),
    "on its head": (lambda page: turned(page, 180), lambda x, y: (A4_200[0] - x, A4_200[1] - y)),
    "on its left side": (lambda page: turned(page, 90), lambda x, y: (y, A4_200[0] - x)),
    "on its right side": (lambda page: turned(page, 270), lambda x, y: (A4_200[1] - y, x)),
    "smaller": (lambda page: page.resize((827, 1170), Image.Resampling.BOX), lambda x, y: (x / 2, y / 2)),
}


@pytest.mark.parametrize(("wear", "place"), PLACES.values(), ids=PLACES)
def test_a_word_is_where_it_stands_in_the_picture(wear, place, tmp_path: Path):
    before = Image.new("L", A4_200, 255)
    blot = sheet("Trottoirs\n\n\n\n\n\n\n\n\n\n\n\nLes bancs à l'ombre, près de l'école, et la piscine.")
    before.paste(blot)
    rows, columns = np.nonzero(np.asarray(before)[:300] < 128)
    x, y = place((columns.min() + columns.max()) / 2, (rows.min() + rows.max()) / 2)
    left, top, width, height = found(read_print(page_of(wear(before), tmp_path)), "Trottoirs").box
    assert left < x < left + width
    assert top < y < top + height
    # Around the word, not around the line or the page.
    assert width * height < 2.5 * np.ptp(columns) * np.ptp(rows)


def test_a_word_is_where_it_stands_in_a_skewed_picture(tmp_path: Path):
    picture = skewed(sheet(), 6.0)
    read = read_print(page_of(picture, tmp_path))
    values = np.asarray(picture)
    for word in read.words:
        assert isinstance(word, PlacedWord)
        left, top, width, height = word.box
        assert (values[top : top + height, left : left + width] < 128).mean() > 0.03, f"no ink under {word.text}"


NOTHING = {
    "specks": (noise, Doubt.NOISE_PAGE),
    "grey specks": (lambda: noisy(Image.new("L", A4_200, 128), 120), Doubt.NOISE_PAGE),
    "a drawing": (drawing, Doubt.NO_PRINT),
}


@pytest.mark.parametrize(("draw", "doubt"), NOTHING.values(), ids=NOTHING)
def test_no_text_is_made_of_what_is_none(draw: Callable[[], Image.Image], doubt: Doubt, tmp_path: Path):
    read = read_print(page_of(draw(), tmp_path))
    assert (read.words, read.text, read.confidence, read.doubt) == ((), "", None, doubt)


def test_a_blank_page_costs_nothing(tmp_path: Path):
    read = read_print(page_of(Image.new("L", A4_200, 255), tmp_path, blank=True))
    assert (read.words, read.doubt) == ((), Doubt.BLANK_PAGE)
    assert read.took_seconds < 1


def test_a_page_of_specks_is_not_given_to_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def engine_must_rest(*_: object, **__: object) -> None:
        raise AssertionError("a page of noise costs Tesseract 20 s")

    monkeypatch.setattr(tesseract, "recognise_words", engine_must_rest)
    read = read_page(page_of(noise(), tmp_path), LANGUAGES, PrintLimits(), "here, and in no child")
    assert read.doubt is Doubt.NOISE_PAGE


def test_the_print_above_a_scribble_is_read_and_the_rest_is_left_to_a_person(tmp_path: Path):
    page = drawing()
    page.paste(sheet(size=(1654, 620)), (0, 0))
    read = read_print(page_of(page, tmp_path))
    assert "trottoirs de la rue de Siam" in read.text
    assert errors(TEXT, read.text) < 0.1


def tesseract_hangs(folder: Path) -> None:
    _program(folder, "exec sleep 600")


def tesseract_crashes(folder: Path) -> None:
    _program(folder, "kill -SEGV $$")


def tesseract_gives_up(folder: Path) -> None:
    _program(folder, "echo 'Error during processing.' >&2; exit 1")


def tesseract_lacks_french(folder: Path) -> None:
    _program(folder, "echo 'Error opening data file /usr/share/tessdata/fra.traineddata' >&2; exit 1")


def _program(folder: Path, script: str) -> None:
    (folder / "tesseract").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "tesseract").chmod(0o755)


FAILURES = {
    "hangs": (tesseract_hangs, TooSlow),
    "crashes": (tesseract_crashes, EngineCrashed),
    "gives up": (tesseract_gives_up, EngineCrashed),
    "lacks French": (tesseract_lacks_french, EngineMissing),
    "is not installed": (lambda folder: None, EngineMissing),
}


@pytest.mark.parametrize(("stand_in", "error"), FAILURES.values(), ids=FAILURES)
def test_a_failing_engine_is_an_error_with_a_remedy(stand_in, error, tmp_path: Path, monkeypatch):
    tesseract.tesseract_version()  # known from before
    programs = tmp_path / "programs"
    programs.mkdir()
    stand_in(programs)
    monkeypatch.setenv("PATH", str(programs) if error is EngineMissing else f"{programs}:/usr/bin:/bin")
    if stand_in is tesseract_lacks_french:
        monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    began = time.monotonic()
    with pytest.raises(error) as caught:
        read_print(page_of(sheet(), tmp_path), limits=PrintLimits(page_seconds=2.0))
    assert caught.value.retryable
    assert caught.value.remedy
    assert time.monotonic() - began < 30


ZONE = "\n".join(LINES[1:5])


def in_a_shadow(edge: float, steep: float) -> Image.Image:
    """A zone cut out of a form at 150 dpi, with a shadow that takes 70 % of its light beyond an edge across it."""
    values = np.asarray(sheet(ZONE, size=(1005, 440), points=23), np.float32)
    away = np.linspace(0, 1, values.shape[1])[None, :] + 0.1 * np.linspace(0, 1, values.shape[0])[:, None] - edge
    return Image.fromarray((values * (1 - 0.7 / (1 + np.exp(-away / steep)))).astype(np.uint8))


ZONES = {
    "a sharp shadow at the left": lambda: in_a_shadow(0.35, 0.01),
    "a sharp shadow at the right": lambda: in_a_shadow(0.75, 0.015),
    "a soft shadow": lambda: in_a_shadow(0.5, 0.05),
    "heavy noise at 150 dpi": lambda: noisy(sheet(ZONE, size=(1005, 440), points=23), 80),
}


@pytest.mark.parametrize("name", ZONES)
def test_a_zone_cut_out_of_a_form_is_read_in_shadow_and_noise(name: str, tmp_path: Path):
    read = read_print(page_of(ZONES[name](), tmp_path), laid_flat=True)
    assert errors(ZONE, read.text) < 0.04, read.text
