"""What of a text says who somebody is, as a page proposes it to be masked.

How it is found belongs to another room: whoever makes the application says how (``app.extensions``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from flask import current_app
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from config.enums import PersonalKind
from inbox.contributions.masks import Mask, mask_occurrences
from inbox.web.base.labels import Label

FINDER = "find_personal"
"""Under which the application keeps how personal words are found."""

KINDS: dict[PersonalKind, Label] = {
    PersonalKind.NAME: _l("Name"),
    PersonalKind.PHONE: _l("Telephone number"),
    PersonalKind.EMAIL: _l("Mail address"),
    PersonalKind.ADDRESS: _l("Address"),
    PersonalKind.OTHER: _l("Other words"),
}


class PersonalFinding(Protocol):
    """What a finder gives back; ``transcription.text.personal_data.PersonalWords`` fits."""

    @property
    def kind(self) -> PersonalKind:
        """What the words are."""

    @property
    def words(self) -> str:
        """As they stand in the text."""


Finder = Callable[[str], Sequence[PersonalFinding]]


@dataclass(frozen=True, slots=True)
class MaskProposal:
    """Words that could be masked."""

    mask: Mask
    times: int
    """How often they occur."""

    @property
    def value(self) -> str:
        """As a form sends it."""
        return f"{self.mask.kind}:{self.mask.words}"

    @property
    def label(self) -> Label:
        """What they are."""
        return KINDS[self.mask.kind]


def mask_proposals(text: str) -> tuple[MaskProposal, ...]:
    """What is found in a text, each once."""
    find = cast("Finder | None", current_app.extensions["portevoix"].get(FINDER))
    if find is None:
        return ()
    masks = dict.fromkeys(Mask(one.kind, " ".join(one.words.split())) for one in find(text))
    counted = (MaskProposal(mask, len(mask_occurrences(text, mask))) for mask in masks)
    return tuple(one for one in counted if one.times)


def mark_proposals(text: str, proposals: Iterable[MaskProposal]) -> Markup:
    """The text with every proposed place marked."""
    places: list[tuple[int, int, MaskProposal]] = []
    for one in sorted(proposals, key=lambda proposal: -len(proposal.mask.words)):
        for start, end in mask_occurrences(text, one.mask):
            if not any(start < stop and begin < end for begin, stop, _ in places):
                places.append((start, end, one))
    said, at = Markup(), 0
    for start, end, one in sorted(places, key=lambda place: place[0]):
        mark = Markup('<mark class="personal" data-mask="{}">{}</mark>').format(one.value, text[start:end])
        said += escape(text[at:start]) + mark
        at = end
    return said + escape(text[at:])
