"""What each door takes in: from a channel's value to intake, parts, contributions and receipts.

Each function runs in the caller's transaction and may be run again with the same message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from channels.base.values import IncomingCall, IncomingText, Recording
from config.enums import ArrivalKind, Channel, MediumKind, StepKind
from config.settings.loader import Settings
from gateway.intake import text_facts
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, StoredIntake, contributor_id, store_message, store_messages
from gateway.intake.numbered_store import store_numbered
from gateway.intake.part_media import NewMedium, add_to_part, medium_name, part_media_of
from gateway.intake.sealed_originals import SealedOriginal, seal_original
from gateway.intake.truncated_mail import TruncatedMail
from gateway.receipts import compose_receipt
from inbox.answers import answer_recordings
from inbox.consultations import consultation_versions
from inbox.contributions import text_versions
from inbox.jobs import steps
from inbox.models import Intake, Step
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import intake_lookup
from inbox.records.intake_numbers import IntakeNumbers, can_number, number_intakes, one_trip
from inbox.storage.envelope_encryption import LooseKey, Vault, vault_of
from inbox.storage.unit_of_work import Session

CALL_LOOKED_AT_AFTER = timedelta(minutes=15)
"""When the provider is asked what a call recorded, should no webhook have told."""

LATEST_WEBHOOK = timedelta(days=14)
"""A telephone tries to hand over a text for two days, and may have been off before that."""

LATEST_MAIL = timedelta(days=30)
"""A mailbox that could not be read for so long is caught up with the times at which its mails came."""

SPEECH = "speech"
"""The part key of a call: several recordings of one call are one voice."""


@dataclass(frozen=True, slots=True)
class PostedWebhook:
    """A webhook as it came, its body, and path, query and headers; or what was found instead of one that was lost."""

    body: bytes
    headers: Mapping[str, str]
    kind: ArrivalKind = ArrivalKind.WEBHOOK
    at: datetime | None = None
    """When it came to the provider or to the fallback door, where it is taken in later; None for now."""
    original: SealedOriginal | None = None
    """It as it will be stored; made by ``sealed`` before a transaction begins."""

    def sealed(self, vault: Vault) -> PostedWebhook:
        """The same, ready to be stored."""
        return replace(self, original=seal_original(vault, self.body, self.headers))


@dataclass(frozen=True, slots=True)
class PreparedText:
    """A text message ready to be stored: nothing but SQL is left to do."""

    arrived: IncomingMessage
    lane: str | None
    """Whose it is: one sender's texts are understood singly and in order. None where nobody can be told apart."""
    key: LooseKey = field(repr=False)
    """That of its intake, if it is the first of it."""
    facts: bytes = field(repr=False)
    """What the door understood, for the step."""


def prepare_text(vault: Vault, text: IncomingText, posted: PostedWebhook) -> PreparedText:
    """A text message and its webhook, made ready outside of any transaction."""
    original = posted.original or seal_original(vault, posted.body, posted.headers)
    assert original.fresh is not None, "a text makes an intake of its own"
    sender = f"{text.sender.kind}:{text.sender.value}".encode() if text.sender else None
    return PreparedText(
        IncomingMessage(
            channel=Channel.SMS,
            account=text.account,
            external_id=text.external_id,
            kind=posted.kind,
            raw=posted.body,
            headers=posted.headers,
            addressed_to=text.addressed_to or text.messaging_service,
            received_at=_came_at(text, posted) or utc_now(),
            understood_later=True,
            original=original,
        ),
        lane=vault.keyring.keyed_hash("lane", sender) if sender else None,
        key=original.fresh,
        facts=text_facts.dump_text_facts(text),
    )


def ingest_texts(session: Session, several: Sequence[PreparedText]) -> list[StoredIntake]:
    """Text messages, raw, with one answer each; what they say is understood in steps."""
    numbers = _numbers_of_new(session, several)
    if numbers:
        return _ingest_numbered(session, several, numbers)
    accepted = store_messages(session, [one.arrived for one in several])
    new = [(one, stored.intake_id) for one, stored in zip(several, accepted, strict=True) if stored.is_new]
    first = [steps.FirstStep(intake_id, one.lane, _sealed_facts(one, intake_id)) for one, intake_id in new]
    steps.add_steps(session, StepKind.TAKE_IN_TEXT, first)
    return accepted


def _numbers_of_new(session: Session, several: Sequence[PreparedText]) -> list[IntakeNumbers] | None:
    """Numbers for the rows of each, where the database gives them beforehand and none of these texts came before."""
    identities = [(one.arrived.account, one.arrived.external_id) for one in several]
    in_rows = all(one.arrived.original and one.arrived.original.raw is not None for one in several)
    if not can_number(session) or not in_rows or len(set(identities)) < len(identities):
        return None
    return number_intakes(session, Channel.SMS, identities)


def _ingest_numbered(
    session: Session, several: Sequence[PreparedText], numbers: Sequence[IntakeNumbers]
) -> list[StoredIntake]:
    first = {
        its.step_id: steps.FirstStep(its.intake_id, one.lane, _sealed_facts(one, its.intake_id))
        for one, its in zip(several, numbers, strict=True)
    }
    with one_trip(session):
        new = [(one.arrived, one.key, its) for one, its in zip(several, numbers, strict=True)]
        stored = store_numbered(session, new)
        steps.add_numbered_steps(session, StepKind.TAKE_IN_TEXT, first)
    return stored


def _sealed_facts(text: PreparedText, intake_id: int) -> bytes:
    row = {"intake_id": intake_id, "kind": StepKind.TAKE_IN_TEXT}
    return text.key.seal(text.facts, place_of(Step.sealed_facts, row))


def ingest_text(session: Session, text: IncomingText, posted: PostedWebhook) -> StoredIntake:
    """One text message."""
    return ingest_texts(session, [prepare_text(vault_of(session), text, posted)])[0]


def _came_at(text: IncomingText, posted: PostedWebhook) -> datetime | None:
    """When a text came in at its provider, where that is told: a telephone that was off hands over everything at once.

    Texts are joined, kept and obeyed by this time, so a telephone's clock that is wrong may not count for much.
    """
    now = utc_now()
    if posted.at is not None:
        return min(posted.at, now)
    if text.sent_at is None or not now - LATEST_WEBHOOK < text.sent_at < now:
        return None
    return text.sent_at


def ingest_call_request(
    session: Session, call: IncomingCall, posted: PostedWebhook, language: str | None = None
) -> StoredIntake:
    """One request of a call. The first makes the intake, and has it looked at later, whatever else is told."""
    accepted = store_message(
        session,
        IncomingMessage(
            channel=Channel.VOICEMAIL,
            account=call.account,
            external_id=call.external_id,
            kind=posted.kind,
            raw=posted.body,
            headers=posted.headers,
            addressed_to=call.addressed_to or None,
            sender=call.caller,
            language=language,
            received_at=min(posted.at or utc_now(), utc_now()),
            original=posted.original,
        ),
    )
    intake = session.get_one(Intake, accepted.intake_id)
    if accepted.is_new:
        steps.add_step(session, StepKind.LIST_RECORDINGS, intake=intake.id, not_before=utc_now() + CALL_LOOKED_AT_AFTER)
    if intake.erased_at is None:
        _complete(session, intake, call)
        intake.language = language or intake.language
    return accepted


def _complete(session: Session, intake: Intake, call: IncomingCall) -> None:
    """Tell a call, and what was made of it, who called whom: a recording's callback does not know, and may be first."""
    known = intake.contributor_id, intake.consultation_version_id
    if intake.contributor_id is None and call.caller is not None:
        intake.contributor_id = contributor_id(session, call.caller)
    if intake.consultation_version_id is None and call.addressed_to:
        intake.addressed_to = call.addressed_to
        intake.consultation_version = consultation_versions.version_for_address(
            session, Channel.VOICEMAIL, call.addressed_to
        )
    session.flush()
    if known == (intake.contributor_id, intake.consultation_version_id):
        return
    for part in intake.parts:
        part.contributor_id = part.contributor_id or intake.contributor_id
        part.consultation_version_id = part.consultation_version_id or intake.consultation_version_id
        for contribution in part.contributions:
            contribution.contributor_id = contribution.contributor_id or intake.contributor_id
            if contribution.consultation_id is None and intake.consultation_version is not None:
                contribution.consultation_id = intake.consultation_version.consultation_id


def store_recording(session: Session, settings: Settings, intake_id: int, recording: Recording) -> bool:
    """A recording the provider told of, for the call's one part, and whether it was new; none where it was erased.

    The file may not exist yet: fetching it is a step. The same recording is told of twice, by
    the call and by its own callback.
    """
    intake = session.get_one(Intake, intake_id, with_for_update=True, populate_existing=True)
    if intake.erased_at is not None or recording.absent or not recording.url:
        return False
    if answer_recordings.is_dictating(session, intake_id):  # an official's, which is kept with the answer
        return False
    intake.not_contribution = None
    medium = NewMedium(MediumKind.RECORDING, "audio/wav", remote_url=recording.url, name=recording.external_id)
    known = intake_lookup.part_with_key(session, intake_id, SPEECH)
    if known is not None:
        return add_to_part(session, known.id, medium)
    part = NewPart(SPEECH, Channel.VOICEMAIL, media=(medium,))
    contribution_id = create_contributions(session, intake_id, [part])[0]
    if contribution_id is not None:
        compose_receipt.queue_call_receipt(session, settings, contribution_id)
    return True


def discard_recording(session: Session, intake_id: int, recording_sid: str) -> None:
    """The caller wants to speak anew: what was recorded before is neither read nor shown."""
    part = intake_lookup.part_with_key(session, intake_id, SPEECH)
    if part is None or part.erased_at is not None:
        return
    for medium in part_media_of(session, part):
        if medium_name(session, part, medium) == recording_sid:
            medium.discarded_at = utc_now()
    text_versions.settle_part(session, part.id)


@dataclass(frozen=True, slots=True)
class RawMail:
    """A mail as a mailbox handed it over."""

    account: str
    raw: Path | bytes
    """The whole mail, or with ``cut`` its beginning."""
    digest: str
    """SHA-256 of the whole mail, its identity; with ``cut`` that of its beginning and size."""
    addressed_to: str
    consultation_slug: str | None = None
    cut: TruncatedMail | None = None
    """Set for a mail over the size limit."""
    came_at: datetime | None = None
    """When it came in at its server, if that is known."""
    original: SealedOriginal | None = None
    """It as it will be stored; made by ``sealed`` before a transaction begins."""

    def sealed(self, vault: Vault) -> RawMail:
        """The same, ready to be stored."""
        return replace(self, original=seal_original(vault, self.raw, self.headers))

    @property
    def headers(self) -> Mapping[str, str]:
        """What is kept of a mail beside its bytes."""
        return self.cut.headers if self.cut else {}


def ingest_mails(session: Session, mails: Sequence[RawMail]) -> list[StoredIntake]:
    """Mails, raw, with one answer each; they are parsed after they are stored, in steps."""
    accepted = store_messages(
        session,
        [
            IncomingMessage(
                channel=Channel.EMAIL,
                account=mail.account,
                external_id=mail.digest,
                kind=ArrivalKind.MAIL,
                raw=mail.raw,
                headers=mail.headers,
                original=mail.original,
                addressed_to=mail.addressed_to,
                consultation_slug=mail.consultation_slug,
                received_at=_in_the_mailbox_since(mail),
            )
            for mail in mails
        ],
    )
    first = [steps.FirstStep(one.intake_id) for one in accepted if one.is_new]
    steps.add_steps(session, StepKind.TAKE_APART, first)
    return accepted


def _in_the_mailbox_since(mail: RawMail) -> datetime:
    """When a mail came in at its server, which is long before we see it where that could not be read.

    It is kept by this time, so a server's clock that is wrong, or an old mail moved here, may not count for much.
    """
    now = utc_now()
    return mail.came_at if mail.came_at is not None and now - LATEST_MAIL < mail.came_at < now else now
