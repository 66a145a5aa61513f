"""Parts before they have rows: plain values, which children that read hostile files make without knowing the inbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from config.enums import Channel, MediumKind, NotContribution, PageEnd

if TYPE_CHECKING:  # what reads a hostile file is not to have the keys' code, nor the database's
    from inbox.storage.envelope_encryption import LooseKey, StoredFile
    from transcription.base.values import Transcript

NOTHING_MORE: Mapping[str, object] = {}
QUOTES_MORE = "What is quoted says more than we wrote: some of it may be an answer."
"""Why a person looks at a mail that may answer between the lines of ours."""


@dataclass(frozen=True, slots=True)
class NewMedium:
    """A file of a part: here already (``source``, then ``stored``), or still to be fetched (``remote_url``)."""

    kind: MediumKind
    content_type: str
    source: Path | bytes | None = None
    remote_url: str | None = None
    name: str | None = None
    transcript: Transcript | None = None
    """What was read in it before it came into its part: the boxes of a form."""
    more: Mapping[str, object] = field(default_factory=dict)
    """What else is kept with that transcript, JSON-able."""
    field: str = ""
    """The box, row or zone of a form that it shows, as the form calls it."""
    settles: str = ""
    """The sentences of the part's reason that hold until a person has said what it shows."""
    stored: StoredFile | None = None
    """The source, sealed before the transaction began."""


class SetApart(NamedTuple):
    """What is shown beside a text: quoted mail, signature, footer; and what proves that it is none of it."""

    kind: str
    text: str
    evidence: str = ""


class Passage(NamedTuple):
    """What of a body, from character ``start`` to before ``end``, is forwarded, or perhaps not meant."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class NewPart:
    """What in an intake may be a contribution."""

    key: str
    channel: Channel
    body: str | None = None
    """What the resident typed; None where it has to be read from the media."""
    aside: tuple[SetApart, ...] = ()
    passages: tuple[Passage, ...] = ()
    media: tuple[NewMedium, ...] = ()
    not_contribution: NotContribution | None = None
    needs_person: str | None = None
    """Why a person has to look, when the door knows it already; without personal data."""
    continues: str | None = None
    """The reference of the contribution this goes on with, when its sender answers our receipt."""
    reference: str | None = None
    """The reference that its sender holds already: that of the slip they tore off a form."""
    pages: tuple[tuple[int, PageEnd], ...] = ()
    """Which pages of its scanned file it is made of, from 1, and what became of each."""
    missing_sides: tuple[int, ...] = ()
    """Of a form's copy, the pages that should have been handed in with it."""
    goes_with: tuple[int, int] | None = None
    """The part and the contribution of which it is another side, which came in another file."""
    fresh: LooseKey | None = None
    """The key it gets, where its files were sealed with it before the transaction began."""
