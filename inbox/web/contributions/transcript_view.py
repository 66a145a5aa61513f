"""What machines read in a medium, word by word, for the pages: in lines, doubtful words marked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from config.enums import MediumKind
from inbox.contributions import transcripts
from inbox.desk import masked_copies
from inbox.desk.masked_copies import CopyProblem, CopyState
from inbox.desk.second_readings import differing_passages
from inbox.listings.filters import DOUBTFUL_BELOW
from inbox.models import Medium, Part, Transcript
from inbox.models.sealed_places import place_of
from inbox.storage.envelope_encryption import vault_of
from inbox.web.base.labels import MEDIA, Label

SHOWN_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
PLAYED_SOUNDS = frozenset(
    f"audio/{kind}" for kind in ("mpeg", "wav", "x-wav", "wave", "ogg", "mp4", "webm", "aac", "flac")
)


@dataclass(frozen=True, slots=True)
class ShownWord:
    """One word as a machine read it, and where: seconds in a recording, a box in a picture's own pixels."""

    index: int
    text: str
    confidence: float
    start: float | None = None
    box: tuple[float, float, float, float] | None = None
    other: str = ""
    """What a second engine heard instead of this word, or of the passage that begins with it."""
    disputed: int | None = None
    """The first word of the passage that two engines heard otherwise; None of a word that only one heard, or both."""

    @property
    def doubtful(self) -> bool:
        """Whether a person should look at this word first."""
        return self.confidence < DOUBTFUL_BELOW


@dataclass(frozen=True, slots=True)
class SheetView:
    """How a page lies in its picture: ``turns`` quarters against the clock to upright, and what was not read."""

    turns: int
    width: int
    height: int
    unread: tuple[tuple[float, float, float, float], ...]

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height of the upright picture."""
        return (self.height, self.width) if self.turns % 2 else (self.width, self.height)

    @property
    def matrix(self) -> str:
        """The transformation of an SVG that turns the picture upright."""
        width, height = self.width, self.height
        return {
            0: "1 0 0 1 0 0",
            1: f"0 -1 1 0 0 {width}",
            2: f"-1 0 0 -1 {width} {height}",
            3: f"0 1 -1 0 {height} 0",
        }[self.turns % 4]


@dataclass(frozen=True, slots=True)
class CopyView:
    """The copy of a medium in which what is masked can be neither heard nor read."""

    state: CopyState
    problem: Label
    """Why there is none; empty where there is, or will be."""
    places: int
    shared: bool
    """Whether officials may have it once the contribution is published."""
    areas: tuple[tuple[float, ...], ...] = ()
    """What is covered by hand: percent of a page's picture (left, top, width, height), or seconds (from, to)."""


_PROBLEMS: dict[str, Label] = {
    CopyProblem.NOT_FOUND: _l(
        "What you masked was heard or read nowhere here, so nothing tells where it is. Show the place by hand, or mask "
        "the words as the machine wrote them; the original stays with moderators."
    ),
    CopyProblem.STILL_THERE: _l(
        "The copy was read again, and what you masked is still in it. It is given to nobody; the original stays with "
        "moderators."
    ),
}


@dataclass(frozen=True, slots=True)
class MediumView:
    """A file of a part, and what was read in it."""

    id: int
    kind: MediumKind
    show: str
    """How a page shows it: ``audio``, ``image``, ``file`` to download, or ``none`` when it is not there."""
    content_type: str
    size: int
    name: str
    seconds: float | None
    language: str | None
    lines: tuple[tuple[ShownWord, ...], ...] = ()
    engine: str = ""
    model: str = ""
    confidence: float | None = None
    sheet: SheetView | None = None
    """Of a page that was read."""
    copy: CopyView | None = None
    """None where nothing in it is masked."""

    @property
    def label(self) -> Label:
        """What kind of file it is, in words."""
        return MEDIA[self.kind]

    @property
    def words(self) -> tuple[ShownWord, ...]:
        """All words in order."""
        return tuple(word for line in self.lines for word in line)

    @property
    def boxes(self) -> tuple[ShownWord, ...]:
        """The words that have a place in the picture."""
        return tuple(word for word in self.words if word.box is not None)

    @property
    def doubtful(self) -> int:
        """How many words are doubtful."""
        return sum(word.doubtful for word in self.words)

    @property
    def disputed(self) -> int:
        """In how many places two engines heard different words."""
        return sum(bool(word.other) for word in self.words)


def medium_view(session: Session, part: Part, medium: Medium, transcript: Transcript | None) -> MediumView:
    """A medium for a page; what was erased shows as not there."""
    view = MediumView(
        id=medium.id,
        kind=medium.kind,
        show=_how_shown(medium),
        content_type=medium.content_type,
        size=medium.size,
        name=_name_of(session, part, medium),
        seconds=medium.seconds,
        language=part.language,
    )
    view = replace(view, copy=_copy(session, medium))
    if transcript is None:
        return view
    return replace(
        view,
        language=transcript.language or part.language,
        lines=_lines(transcripts.transcript_words(session, transcript)),
        engine=transcript.engine,
        model=transcript.model,
        confidence=transcript.confidence,
        sheet=_sheet(transcripts.sheet_geometry(session, transcript)),
    )


def _copy(session: Session, medium: Medium) -> CopyView | None:
    row = masked_copies.copies_of(session, [medium.id]).get(medium.id)
    if row is None:
        return None
    by_hand = masked_copies.areas_of(session, row)
    share = 1 if medium.kind is MediumKind.RECORDING else 100
    return CopyView(
        CopyState(row.state),
        _PROBLEMS.get(row.problem or "", ""),
        row.places,
        row.shared_by_id is not None,
        tuple(tuple(round(share * one, 1) for one in area) for area in by_hand),
    )


def _sheet(noted: transcripts.Sheet | None) -> SheetView | None:
    if noted is None:
        return None
    unread = tuple((float(x), float(y), float(w), float(h)) for x, y, w, h in noted["unread"])
    return SheetView(int(noted["turns"]), int(noted["size"][0]), int(noted["size"][1]), unread)


def _how_shown(medium: Medium) -> str:
    if medium.locator is None:
        return "none"
    kind = medium.content_type.partition(";")[0].strip().lower()
    if kind in PLAYED_SOUNDS:
        return "audio"
    return "image" if kind in SHOWN_PICTURES else "file"


def _name_of(session: Session, part: Part, medium: Medium) -> str:
    return vault_of(session).text_left(session, part.key_id, medium.sealed_name, place_of(Medium.sealed_name, medium))


def _lines(words: transcripts.Words) -> tuple[tuple[ShownWord, ...], ...]:
    """A page's words by its lines; a recording's in one."""
    inside = {at: one.start for one in differing_passages(words) for at in range(one.start, one.end)}
    lines: list[list[ShownWord]] = []
    last: tuple[Any, Any] | None = None
    for index, word in enumerate(words):
        place = (word.get("page"), word.get("line"))
        if place != last:
            lines.append([])
            last = place
        lines[-1].append(replace(_word(index, word), disputed=inside.get(index)))
    return tuple(tuple(line) for line in lines)


def _word(index: int, word: dict[str, Any]) -> ShownWord:
    text, box = str(word["text"]), word.get("box")
    if index == 0 and "start" in word:
        text = (
            text[:1].upper() + text[1:]
        )  # as the text itself is written, see inbox.contributions.transcripts.transcript_text
    return ShownWord(
        index=index,
        text=text,
        confidence=float(word["confidence"]),
        start=float(word["start"]) if "start" in word else None,
        box=(float(box[0]), float(box[1]), float(box[2]), float(box[3])) if box else None,
        other=str(word.get("other", "")),
    )
