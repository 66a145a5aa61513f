"""Scans from the upload page to what a person sees: upright, and told where a machine saw more than it could read."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from config.enums import MediumKind, NotContribution, Reading
from inbox.contributions import transcripts
from inbox.models import Medium, Part, Transcript
from tests.transcription.photographed import answered
from tests.transcription.sheets import sheet, turned
from tests.workers.test_batches import CENTRE, hand_in, read_all, signed_in, town
from transcription.base.values import Doubt
from workers.runtime.worker_context import WorkerContext

__all__ = ["town"]


def _saved(picture: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, resolution=200) if kind == "PDF" else picture.save(buffer, kind, dpi=(200, 200))
    return buffer.getvalue()


@dataclass(frozen=True)
class Came:
    """What became of the one sheet that came."""

    reading: Reading
    reason: str | None
    not_contribution: NotContribution | None
    sheet: transcripts.Sheet | None


def came(here: WorkerContext) -> Came:
    with here.store.read() as session:
        part = session.scalars(select(Part)).one()
        newest = session.scalar(
            select(Transcript).join(Medium).where(Medium.kind == MediumKind.PAGE).order_by(Transcript.id.desc())
        )
        sheet = transcripts.sheet_geometry(session, newest) if newest else None
        return Came(part.reading, part.reading_reason, part.not_contribution, sheet)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_scan_is_known_to_be_turned(town: WorkerContext, turns: int) -> None:
    hand_in(signed_in(town, CENTRE), [("scan.tif", _saved(turned(sheet(), 360 - 90 * turns), "TIFF"))])
    read_all(town)
    found = came(town)
    assert found.reading is Reading.READ
    assert found.sheet is not None
    assert found.sheet["turns"] == turns


PALE: dict[str, Callable[[], bytes]] = {
    "hard pencil, PNG": lambda: _saved(sheet("On veut un terrain\nde boules", ink=212), "PNG"),
    "hard pencil, PDF": lambda: _saved(sheet("On veut un terrain\nde boules", ink=212), "PDF"),
    "hard pencil, TIFF": lambda: _saved(sheet("On veut un terrain\nde boules", ink=212), "TIFF"),
    "hard pencil, JPEG": lambda: _saved(sheet("On veut un terrain\nde boules", ink=212), "JPEG"),
}


@pytest.mark.parametrize("content", PALE.values(), ids=PALE)
def test_a_doubtful_blank_goes_to_a_person(town: WorkerContext, content: Callable[[], bytes]) -> None:
    hand_in(signed_in(town, CENTRE), [("scan", content())])
    read_all(town)
    found = came(town)
    assert (found.not_contribution, found.reading) == (None, Reading.NEEDS_PERSON)
    assert found.reason == Doubt.FAINT_PAGE.value


def test_a_blank_sheet_stays_one(town: WorkerContext) -> None:
    hand_in(signed_in(town, CENTRE), [("scan.png", _saved(sheet(""), "PNG"))])
    read_all(town)
    assert came(town).not_contribution is NotContribution.BLANK_PAGE


def test_answers_by_hand_are_told_with_their_places(town: WorkerContext) -> None:
    form = Image.fromarray(answered(np.random.default_rng(9), 2))
    hand_in(signed_in(town, CENTRE), [("form.png", _saved(form, "PNG"))])
    read_all(town)
    found = came(town)
    assert found.reading is Reading.NEEDS_PERSON
    assert Doubt.PARTLY_READ.value in (found.reason or "")
    assert found.sheet is not None
    assert len(found.sheet["unread"]) >= 2
