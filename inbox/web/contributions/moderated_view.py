"""What the page of one contribution shows below moderator: only what ``visibility`` lets through.

Another page than the moderators', made of other values, so that no branch of a template can forget to hide something.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from config.enums import Channel, MediumKind, Moderation, SetAsideReason, TextOrigin
from inbox.consultations import consultation_versions
from inbox.desk import masked_copies
from inbox.erasure import erasure_requests
from inbox.listings import contribution_list
from inbox.listings.visibility import Visibility
from inbox.models import Contribution
from inbox.records import references
from inbox.web.base.labels import MEDIA, Label
from inbox.web.contributions.history_view import HistoryPage, history_page_of
from inbox.web.contributions.theme_labels import ShownTheme, names_behind, shown_themes, title_of


@dataclass(frozen=True, slots=True)
class SharedCopy:
    """A masked copy of a recording or page."""

    medium_id: int
    """Of the original, which is not given out."""
    label: Label
    is_sound: bool


@dataclass(frozen=True, slots=True)
class ModeratedContribution:
    """One contribution."""

    id: int
    reference: str
    channel: Channel
    moderation: Moderation
    set_aside_reason: SetAsideReason | None
    received_at: datetime
    voices: int
    consultation: str
    text: str
    """Empty where it may not be read."""
    origin: TextOrigin | None
    language: str | None
    themes: tuple[ShownTheme, ...]
    past: HistoryPage
    erased_at: datetime | None
    """When it will be erased, as its author has asked."""
    copies: tuple[SharedCopy, ...]
    """Of its recordings and pages, where a moderator lets officials have them."""


def moderated_contribution(
    session: Session, contribution_id: int, language: str, sight: Visibility, past_before: int | None = None
) -> ModeratedContribution | None:
    """The moderated contribution; None when there is none for somebody who sees so much, or it was erased."""
    found = session.get(Contribution, contribution_id)
    if found is None or found.erased_at is not None or not sight.may_open(found.moderation):
        return None
    said = contribution_list.current_texts_of(session, [found], sight).get(found.id)
    at, voices = contribution_list.received_times(session, [found.id]).get(found.id, (found.created_at, 0))
    version = consultation_versions.current_version_by_id(session, found.consultation_id)
    consultation = consultation_versions.as_consultation(version) if version else None
    tags = contribution_list.visible_tags_of(session, [found], sight)[found.id]
    return ModeratedContribution(
        id=found.id,
        reference=references.reference_of(session, found.id),
        channel=found.channel,
        moderation=found.moderation,
        set_aside_reason=found.set_aside_reason,
        received_at=at,
        voices=voices,
        consultation=title_of(version, language) if version else "",
        text=said.body if said else "",
        origin=said.origin if said else None,
        language=found.language if said else None,
        themes=shown_themes(tags, consultation, language, names_behind(session, tags)),
        past=history_page_of(session, f"contribution:{found.id}", before=past_before, told=sight.is_told),
        erased_at=erasure_requests.erasure_due(session, found.id),
        copies=tuple(
            SharedCopy(original.id, MEDIA[original.kind], original.kind is MediumKind.RECORDING)
            for original, _copy in masked_copies.shared_copies(session, found)
        ),
    )
