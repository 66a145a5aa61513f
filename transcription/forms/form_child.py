"""Opens hostile pictures and PDFs and reads the forms on them; runs only in a limited child process."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from transcription.forms.layout import FormPage
from transcription.forms.placing.finding import find_form_page
from transcription.forms.placing.two_sheets import split_two_sheets
from transcription.forms.reading import read_found
from transcription.pages import page_child
from transcription.pages.ink import Picture

_GREY = 2
"""Dimensions of a picture without colours."""


def open_file(asked: dict[str, Any]) -> dict[str, Any]:
    """``page_child.open_file``, asked for ``forms`` as well (``FormPage.as_json``).

    Each page also tells its ``codes``, the texts of what codes it has, ``form``, what is filled in on it or None, and
    whether it ``shows_marks`` of a form whose codes cannot be read. Two sheets in one picture are two pages. ``typed``
    has codes as a person read them.
    """
    cv2.setNumThreads(1)  # as many children as there are processors read at once
    forms = [FormPage.from_json(form) for form in asked["forms"]]
    behold = partial(_behold, workdir=Path(asked["workdir"]), forms=forms, typed=asked["typed"])
    return page_child.open_file(asked, behold)


def _behold(
    pixels: Picture, number: int, workdir: Path, forms: list[FormPage], typed: dict[str, str]
) -> dict[str, Any]:
    picture = np.ascontiguousarray(pixels[..., ::-1]) if pixels.ndim > _GREY else pixels
    looked = find_form_page(picture, forms, typed.get(str(number), ""))
    # A piece of a picture is no picture of several any more.
    pieces = split_two_sheets(picture, looked, forms) if number < page_child.PIECE else []
    if pieces:
        return {page_child.PIECES: pieces}
    reading = read_found(picture, looked.found, workdir, number) if looked.found else None
    return {
        "codes": [code.text for code in looked.codes],
        "form": reading.as_json() if reading else None,
        "shows_marks": looked.shows_marks,
        page_child.PRINTED: reading is not None,
    }
