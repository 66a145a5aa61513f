"""The test sheet: printed with known marks, through several copiers, and what its batch says of each."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest

from channels.paper.form_kinds import FormVariant, SheetSize
from channels.paper.form_layout import form_number
from channels.paper.laying.form import lay_out
from channels.paper.laying.wording import FormWording
from channels.paper.printing.trial_sheet import print_trial_sheet
from channels.paper.stored_layout import layout_to_json
from config.enums import NotContribution, PageEnd
from config.settings.schema import Settings
from gateway.reading import copier_trial as told
from gateway.reading.readers import Readers, parts_of_scans
from tests.channels.paper.forms import CONSULTATIONS

ASKED = CONSULTATIONS["all there is"]
LAYOUT = lay_out(ASKED, 1, variant=FormVariant.STANDARD, size=SheetSize.A4, language="fr")
PDF = print_trial_sheet(LAYOUT, FormWording(ASKED, "fr"))
DPI = 200


def printed(page: int = 0) -> np.ndarray:
    return pypdfium2.PdfDocument(PDF)[page].render(scale=DPI / 72, grayscale=True).to_numpy().copy()


def coarser(page: np.ndarray) -> np.ndarray:
    return cv2.resize(page, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def bleached(page: np.ndarray) -> np.ndarray:
    """As with its background removed: what is paler than half is paper."""
    return np.where(page > 128, 255, page).astype(np.uint8)


COPIERS = {
    "one that is set well": (lambda page: page, 80, []),
    "one set to 100 dpi": (coarser, 80, [told.TOO_COARSE]),
    "one that cuts off an edge": (lambda page: page[:, round(16 / 25.4 * DPI) :], 80, [told.CROPPED]),
    "one set to text": (lambda page: np.where(page > 200, 255, 0).astype(np.uint8), 95, [told.TWO_LEVELS]),
    "one that removes the background": (bleached, 80, [told.TOO_PALE]),
    "one that compresses too much": (lambda page: page, 15, [told.TOO_SMALL_FILES]),
}


def trial(tmp_path: Path, pages: list[np.ndarray], quality: int) -> tuple[str, list[PageEnd]]:
    """What is said, and how the pages end."""
    paths = []
    for number, page in enumerate(pages):
        paths.append(tmp_path / f"scan-{number}.jpg")
        cv2.imwrite(str(paths[-1]), page, [cv2.IMWRITE_JPEG_QUALITY, quality])
    layouts = {form_number(layout_to_json(LAYOUT)): LAYOUT}
    with Readers(Settings()) as readers:
        parts = parts_of_scans(readers, paths, tmp_path, 1, [path.name for path in paths], layouts)
    assert {part.not_contribution for part in parts} == {NotContribution.TEST_SHEET}
    return parts[0].needs_person or "", [ending for part in parts for _page, ending in part.pages]


@pytest.mark.parametrize(("copier", "quality", "wrong"), COPIERS.values(), ids=COPIERS)
def test_what_is_wrong_with_a_copier_is_said(tmp_path: Path, copier, quality: int, wrong: list[str]) -> None:
    said, endings = trial(tmp_path, [copier(printed())], quality)
    assert endings == [PageEnd.TEST_SHEET]
    assert [one for one in wrong if one not in said] == []
    if not wrong:
        assert said == (told.ONE_SIDED if len(LAYOUT.pages) > 1 else "")
