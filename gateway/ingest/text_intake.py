"""What a text message says, understood in a step: its contribution, or the answer to its keyword."""

from __future__ import annotations

from dataclasses import replace

from channels.base.values import CommandKind, IncomingText
from config.enums import Channel, MediumKind, NotContribution
from config.settings.loader import Settings
from gateway.ingest import vote_intake
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import contributor_id
from gateway.intake.part_media import NewMedium
from gateway.receipts import compose_receipt, contesting, text_commands
from inbox.consultations import consultation_versions
from inbox.models import ConsultationVersion, Intake
from inbox.storage.unit_of_work import Session
from inbox.text_rows.plain_text import PART_KEY

WISHES_BESIDES = "Besides, it asks for something to be erased: a person decides."

_NO_CONTRIBUTIONS = {
    CommandKind.THANKS: NotContribution.THANKS,
    CommandKind.ERASE_WISH: NotContribution.ERASURE_WISH,
}


def process_text(session: Session, settings: Settings, intake_id: int, text: IncomingText) -> None:
    """Make of a text what it is; nothing where its intake was erased. Safe to repeat: a part is made once."""
    intake = session.get_one(Intake, intake_id, with_for_update=True, populate_existing=True)
    if intake.erased_at is not None:
        return
    _tell_whose(session, intake, text)
    if (said := vote_intake.vote_in_text(intake, text)) is not None:
        vote_intake.ingest_text_vote(session, settings, intake, text, said)
        return
    text = text_commands.recognise_command(session, settings, intake_id, text, intake.received_at)
    # What also asks for something to be erased stands alone: what it is joined to could be what is meant.
    minutes = 0 if text.besides else settings.join_minutes
    contributions = create_contributions(session, intake_id, [_part_of(text)], join_minutes=minutes)
    if contributions[0] is not None:
        compose_receipt.queue_text_receipt(session, settings, contributions[0], text.sender)
        contesting.note_text(session, intake, text, contributions[0])
        text = replace(text, command=text.besides)
    text_commands.execute_command(session, settings, intake_id, text, intake.received_at)


def _tell_whose(session: Session, intake: Intake, text: IncomingText) -> None:
    """Note who sent it, and which consultation is meant."""
    intake.contributor_id = intake.contributor_id or contributor_id(session, text.sender)
    meant = consultation_version_of_text(session, text)
    if meant is not None:
        intake.addressed_to, intake.consultation_version = meant
        day = intake.received_at.date()
        intake.keep_until = consultation_versions.retention_of(meant[1]).keep_original_until(day)
    session.flush()


def consultation_version_of_text(session: Session, text: IncomingText) -> tuple[str, ConsultationVersion] | None:
    """The address by which a text's consultation is known, and its version: the number, else the service it is of."""
    for named in (text.addressed_to, text.messaging_service):
        version = consultation_versions.version_for_address(session, Channel.SMS, named) if named else None
        if named and version is not None:
            return named, version
    return None


def _part_of(text: IncomingText) -> NewPart:
    kind = NotContribution.REACTION if text.reaction is not None else None
    if text.command is not None:
        kind = _NO_CONTRIBUTIONS.get(text.command.kind, NotContribution.KEYWORD)
    media = tuple(NewMedium(MediumKind.PHOTO, m.content_type, remote_url=m.url) for m in text.media)
    empty = "the text message is empty" if not text.body and not media else None
    kept_back = "The pictures of this message stay on the telephone that received it." if text.kept_back else None
    return NewPart(
        key=PART_KEY,
        channel=Channel.SMS,
        body=text.body,
        media=media,
        not_contribution=kind,
        needs_person=" ".join(filter(None, (kept_back or empty, WISHES_BESIDES if text.besides else None))) or None,
    )
