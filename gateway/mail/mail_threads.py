"""What a mail has to do with what we wrote before: the receipt it answers, and whether one is due at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from channels.base.values import Address
from channels.email.classify.automatic_mail import AUTOMATIC_SUBJECT
from channels.email.classify.forged_sender import is_called_forged
from channels.email.parse import Mail
from channels.email.repeated_mail import all_words_of_mail, are_nearly_identical, thread_subject
from channels.email.replied_to import answer_replied_to, receipt_answered, returned_receipt
from channels.intent.thanks import only_thanks
from config.enums import MessageState, NotContribution
from config.settings.loader import Settings
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import contributor_id
from gateway.mail import replies
from gateway.mail.quoted_words import compare_quotations, mails_sent_about
from gateway.receipts import compose_receipt
from inbox.consultations import contributors
from inbox.errors import Overtaken
from inbox.models import Contribution, Intake, Message, Part, ReceiptNote
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import history, intake_lookup, message_lookup, person_lookup, references
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session
from inbox.storage.upsert import insert_if_new

JUST_NOW = timedelta(minutes=1)
"""Two machines answer each other at once; a person who writes again needs longer."""
REMEMBERED = timedelta(days=30)
"""How far back a mail's subject and words are compared: who is absent longer says so again."""
_MOST_COMPARED = 20
_NAMED = re.compile(r"(?<!\d)[1-9]\d{2}[\s.\xa0\u202f-]?\d{3}[\s.\xa0\u202f-]?\d{3}(?!\d)")
_MOST_NAMED = 50
_MOST_JOINED = 30


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, compared with what was written before, and what is to be made of it."""

    mail: Mail
    parts: Sequence[NewPart]
    thread: str | None
    """The reference of the contribution whose receipt it answers."""
    replies_to: tuple[str, int] | None
    """The town's answer that it replies to."""
    is_somebodys: bool
    """Whether its sender is known, or becomes known by it."""
    no_receipt: str
    """Why no receipt is due; "" when one is."""
    seen: person_lookup.Latest
    """What was there when it was compared."""


def judge(session: Session, settings: Settings, intake_id: int, mail: Mail, parts: Sequence[NewPart]) -> Letter:
    """Compare a mail with all that its sender and we wrote before; for a read, before the write that stores it."""
    intake = session.get_one(Intake, intake_id)
    known = intake.contributor_id or _known(session, mail.sender)
    # What a machine sends is nobody's.
    writer = known if mail.machine is None else intake.contributor_id
    is_somebodys = writer is not None or (mail.machine is None and mail.sender is not None)
    replies_to = _answer_replied_to(session, known, mail)
    thread = replies_to[0] if replies_to else thread_reference(session, known, mail)
    if thread is not None and mail.machine is None and mail.never_answer == AUTOMATIC_SUBJECT:
        # That it answers ours is what its subject alone does not prove.
        mail = replace(mail, machine=NotContribution.AUTOMATIC_REPLY)
        parts = [replace(part, not_contribution=mail.machine, needs_person=None) for part in parts]
    if thread is not None and mail.machine is None:
        parts = [compare_quotations(part, mails_sent_about(session, thread)) for part in parts]
    placed = [_placed(session, writer, part, thread) for part in parts]
    if replies_to is not None:
        # What somebody says to an answer is another voice of theirs, not a part of what was answered.
        placed = [replace(part, continues=None) for part in placed]
    answered = None if replies_to is not None else thread
    why = _forged(settings, mail) or ("" if answered is None else "same_thread")
    if not why and is_somebodys:
        why = why_no_receipt(session, intake, writer, mail)
    return Letter(mail, placed, answered, replies_to, is_somebodys, why, _latest(session, writer, mail, thread))


def _latest(session: Session, writer: int | None, mail: Mail, thread: str | None) -> person_lookup.Latest:
    """How far that reaches with which a mail is compared."""
    whose = {one for one in (writer, _known(session, mail.answer_to)) if one is not None}
    return person_lookup.latest_of(session, whose, references.contribution_of(session, thread) if thread else None)


def ingest_letter(session: Session, settings: Settings, intake_id: int, letter: Letter) -> list[int | None]:
    """A mail's parts, its sender's contributor, its receipt if one is due, or what it returns or answers by itself.

    Raises ``Overtaken`` when something was written since it was judged with which it would have been compared.
    """
    mail, replies_to = letter.mail, letter.replies_to
    intake = session.get_one(Intake, intake_id)
    if intake.contributor_id is None and letter.is_somebodys:
        intake.contributor_id = contributor_id(session, mail.sender)
    thread = replies_to[0] if replies_to else letter.thread
    if _latest(session, intake.contributor_id, mail, thread) != letter.seen:
        raise Overtaken("Somebody wrote while a mail was compared with what was written before.")
    contributions = create_contributions(session, intake_id, letter.parts)
    if replies_to is not None:
        replies.link_reply(session, contributions, replies_to[0])
    if mail.machine in (NotContribution.BOUNCE, NotContribution.AUTOMATIC_REPLY):
        _note_returned(session, intake_id, mail, letter.thread)
    for contribution in dict.fromkeys(filter(None, contributions)):
        if letter.no_receipt:
            record_history_once(session, contribution, "no_receipt", {"because": letter.no_receipt})
            if mail.is_beginning:
                compose_receipt.send_mail_too_large_notice(session, settings, contribution, mail, intake)
        else:
            compose_receipt.queue_mail_receipt(session, settings, contribution, mail)
    return contributions


def _placed(session: Session, writer: int | None, part: NewPart, thread: str | None) -> NewPart:
    """A part that goes on with its thread, if its sender began it; what only thanks for a receipt is no voice."""
    if thread is None or not _is_by(session, thread, writer) or _is_full(session, thread):
        return replace(part, continues=None)
    if part.body and not part.media and not part.not_contribution and only_thanks(part.body):
        return replace(part, not_contribution=NotContribution.THANKS, needs_person=None)
    return replace(part, continues=thread)


def _answer_replied_to(session: Session, writer: int | None, mail: Mail) -> tuple[str, int] | None:
    """The town's answer that a mail replies to, if it was given to its writer; what machines return is no reply."""
    found = answer_replied_to(mail) if mail.machine is None else None
    return found if found is not None and _is_by(session, found[0], writer) else None


def _is_full(session: Session, number: str) -> bool:
    """Whether a contribution has so many parts that one more is rather a machine's than a person's afterthought."""
    return intake_lookup.count_parts(session, references.contribution_of(session, number)) >= _MOST_JOINED


def thread_reference(session: Session, contributor: int | None, mail: Mail) -> str | None:
    """The reference of the contribution whose receipt this mail answers: by its headers, or by the number it names.

    A number that stands somewhere in a mail counts only from the person it was given to: a neighbour may cite it,
    or answer what was forwarded. A direct answer counts from anybody: machines answer from other addresses.
    """
    direct = receipt_answered(Mail(in_reply_to=mail.in_reply_to))
    if direct and references.contribution_of(session, direct):
        return direct
    number = receipt_answered(mail)
    if number and _is_by(session, number, contributor):
        return number
    cited = {mail.in_reply_to, *mail.references} - {""}
    for message, headers in _receipts_to(session, {contributor}):
        if cited & set(headers.get("References", "").split()) and message.contribution_id is not None:
            return references.reference_of(session, message.contribution_id)
    for found in list(_NAMED.findall(all_words_of_mail(mail)))[:_MOST_NAMED]:
        named = references.parse_reference(found)
        if named and _is_by(session, named, contributor):
            return named
    return None


def _known(session: Session, address: Address | None) -> int | None:
    """The contributor behind an address, if there is one already."""
    if address is None:
        return None
    return contributors.find_contributor(session, address.kind, address.value)


def _is_by(session: Session, number: str, contributor: int | None) -> bool:
    """Whether this reference was given to this person."""
    known = references.contribution_of(session, number)
    contribution = session.get(Contribution, known) if known else None
    return contribution is not None and contributor is not None and contribution.contributor_id == contributor


def _forged(settings: Settings, mail: Mail) -> str:
    """Why nobody is answered where our own mail server disowns the sender; "" where it does not."""
    return "forged" if is_called_forged(mail.authentication, settings.mail_servers) else ""


def why_no_receipt(session: Session, intake: Intake, writer: int | None, mail: Mail) -> str:
    """Why no receipt is due for a mail that begins something and could be answered; "" when one is.

    One per thread (RFC 3834 §2 asks a responder for no more). A machine that does not say it is
    one shows itself by answering at once, under our subject, or with the same words again. ``writer`` is its sender,
    None before the first mail.
    """
    known_parts = _earlier_parts(session, intake, writer)
    # By the times they came in: after a mailbox could not be read, mails of hours are taken apart in one moment.
    came = intake.received_at
    in_a_row = any(abs(part.intake.received_at - came) <= JUST_NOW for part in known_parts)
    subject = thread_subject(mail.subject)
    is_reply = subject != " ".join(mail.subject.casefold().split())
    own = intake_lookup.made_of(session, intake.id)  # where the step runs again
    for message, headers in _receipts_to(session, {writer, _known(session, mail.answer_to)}):
        if message.contribution_id in own:
            continue
        if in_a_row or timedelta() <= came - message.created_at <= JUST_NOW:
            return "just_sent"
        known = thread_subject(headers.get("Subject", ""))
        if is_reply and subject == known and message.created_at >= utc_now() - REMEMBERED:
            return "same_thread"
    return "same_words" if _said_before(session, known_parts, mail) else ""


def _receipts_to(session: Session, whose: set[int | None]) -> Iterator[tuple[Message, dict[str, str]]]:
    """The latest receipts by mail for what these contributors wrote, or to their addresses, with their headers.

    Those of what was erased are left out.
    """
    wanted = {one for one in whose if one is not None}
    if not wanted:
        return
    for message in message_lookup.receipts_by_mail(session, wanted, _MOST_COMPARED):
        body = message_lookup.words_of(session, message)
        if body is not None:
            yield message, {**dict(body.get("headers", ())), "Subject": body.get("subject", "")}


def _earlier_parts(session: Session, intake: Intake, writer: int | None) -> Sequence[Part]:
    """What the sender of a mail wrote by mail lately, the latest first."""
    if writer is None:
        return []
    return intake_lookup.earlier_mails(session, writer, intake.id, utc_now() - REMEMBERED, _MOST_COMPARED)


def _said_before(session: Session, parts: Sequence[Part], mail: Mail) -> bool:
    """Whether one of these parts says the same words as a mail."""
    for part in parts:
        body = vault_of(session).text_if_kept(session, part.key_id, part.sealed_body, place_of(Part.sealed_body, part))
        if body is not None and are_nearly_identical(body, mail.body or mail.subject):
            return True
    return False


def _note_returned(session: Session, intake_id: int, mail: Mail, thread: str | None) -> None:
    """Put what came back, or what a machine answered, into the history of the contribution it is about."""
    if mail.machine is NotContribution.BOUNCE and (answer := answer_replied_to(mail)) is not None:
        replies.record_bounce(session, *answer)
        return
    number, again = returned_receipt(mail) or (thread, 0)
    contribution = references.contribution_of(session, number) if number else None
    if contribution is None:
        return
    if mail.machine is NotContribution.BOUNCE:
        # Of the answers to a contribution only one came back: the receipt, or a later one to one of its mails.
        for message in message_lookup.returned_mails(session, contribution, again):
            message.state = MessageState.FAILED
    action = "receipt_returned" if mail.machine is NotContribution.BOUNCE else "answered_by_machine"
    record_history_once(session, contribution, action, {"intake": intake_id})


def record_history_once(session: Session, contribution: int, action: str, details: dict[str, object]) -> None:
    """A line of history, unless the same is there: the step may run again. ``details`` say one thing."""
    (about,) = details.values()
    note = {"contribution_id": contribution, "action": action, "about": str(about), "at": utc_now()}
    if insert_if_new(session, ReceiptNote, **note):
        history.record_event(session, f"contribution:{contribution}", action, details=details)
