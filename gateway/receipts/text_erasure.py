"""Erasing at a resident's wish, by text: asked by keyword, or wished in other words; confirmed, or taken back."""

from __future__ import annotations

from datetime import timedelta

from channels.base.values import Command, CommandKind
from config.enums import Moderation
from config.settings.loader import Settings
from inbox.contributions import erasure_wishes
from inbox.erasure import erasure_requests
from inbox.models import Contribution, Intake, Part
from inbox.models.column_types import utc_now
from inbox.records import intake_lookup, person_lookup, references
from inbox.storage.unit_of_work import Session

Answer = tuple[str, dict[str, object]]
"""The key of the text that answers, and its facts."""


def erase_or_keep_reference(session: Session, settings: Settings, intake: Intake, command: Command) -> Answer:
    """EFFACER or GARDER with a reference; an empty key asks for the state of what is erased already."""
    number = references.parse_reference(command.reference or "")
    contribution_id = references.contribution_of(session, number) if number else None
    if contribution_id is None or number is None:
        return "sms_state_unknown", {}
    if erasure_requests.is_erased(session, contribution_id):
        return "", {}
    if not erasure_requests.is_sole_author(session, contribution_id, intake.contributor_id):
        if command.kind is CommandKind.ERASE:
            erasure_requests.quarantine_request(session, contribution_id, intake.id)
        return "sms_erase_by_person", {"reference": number}
    if command.kind is CommandKind.KEEP:
        erasure_requests.cancel_erasure(session, contribution_id)
        erasure_wishes.settle_wishes(session, contribution_id)
        return "sms_erase_kept", {"reference": number}
    if erasure_requests.is_confirmed(session, contribution_id):
        return _will_be_erased(settings, number)
    erasure_requests.ask_for_confirmation(session, contribution_id, intake.id)
    return "sms_erase_confirm", {"reference": number, "minutes": settings.texting.confirm_minutes}


def answer_erasure_wish(session: Session, settings: Settings, intake: Intake, command: Command) -> Answer:
    """A wish in other words than the keyword: how it is done. What it is about is not published before it is settled.

    Without a reference it is about the only thing its author has said; where there are several, nobody knows.
    """
    part_id = intake_lookup.only_part(session, intake.id)
    number = references.parse_reference(command.reference or "")
    contribution_id = references.contribution_of(session, number) if number else None
    if number is None or contribution_id is None:
        contribution_id = _only_one_of(session, intake.contributor_id, part_id)
        if contribution_id is None:
            return "sms_erase_how_unknown", {}
        number = references.reference_of(session, contribution_id)
    if erasure_requests.is_erased(session, contribution_id):
        return "", {}
    if not erasure_requests.is_sole_author(session, contribution_id, intake.contributor_id):
        erasure_requests.quarantine_request(session, contribution_id, intake.id)
        return "sms_erase_by_person", {"reference": number}
    if erasure_requests.is_confirmed(session, contribution_id):
        return _will_be_erased(settings, number)
    besides = command.kind is not CommandKind.ERASE_WISH or session.get_one(Part, part_id).not_contribution is None
    erasure_wishes.record_wish(session, part_id, contribution_id, besides=besides)
    published = session.get_one(Contribution, contribution_id).moderation is Moderation.PUBLISHED
    return "sms_erase_how_published" if published else "sms_erase_how", {"reference": number}


def _only_one_of(session: Session, contributor_id: int | None, but_of_part: int) -> int | None:
    """The one contribution of a person that is left, should it be one; not the one that speaks of the others."""
    return None if contributor_id is None else person_lookup.only_contribution(session, contributor_id, but_of_part)


def answer_erasure_question(
    session: Session, settings: Settings, intake: Intake, command: Command, contribution_id: int
) -> Answer:
    """OUI or NON to our question about a contribution; the reference is the one we asked about."""
    number = references.reference_of(session, contribution_id)
    if erasure_requests.is_erased(session, contribution_id):
        erasure_requests.decline_erasure(session, contribution_id, intake.id)
        return "sms_state_erased", {"reference": number}
    if command.kind is CommandKind.NO:
        erasure_requests.decline_erasure(session, contribution_id, intake.id)
        erasure_wishes.settle_wishes(session, contribution_id)
        return "sms_erase_kept", {"reference": number}
    not_before = utc_now() + timedelta(hours=settings.texting.undo_hours)
    erasure_requests.confirm_erasure(session, contribution_id, intake.id, not_before)
    return _will_be_erased(settings, number)


def _will_be_erased(settings: Settings, number: str) -> Answer:
    return "sms_erased", {"reference": number, "hours": settings.texting.undo_hours or ""}
