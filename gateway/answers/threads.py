"""The thread a mail began: what an answer to it needs to know, months later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.base.values import Address
from channels.email.compose import Answered, answerable
from channels.email.parse import parse_mail
from config.enums import AddressKind, ArrivalKind, Channel, Purpose
from config.settings.loader import Settings
from inbox.models import Arrival, Contribution, Message, Part
from inbox.storage.envelope_encryption import vault_of

_NOBODY = Address(AddressKind.EMAIL, "")
"""The address is opened by whoever sends."""
_LONGEST_HEAD = 256 * 1024


def threads_of(session: Session, settings: Settings, ids: Sequence[int]) -> Mapping[int, Answered | None]:
    """What each of these contributions' mails is answered by; None where nothing may ever be sent in reply."""
    receipts = session.scalars(
        select(Message).where(
            Message.contribution_id.in_(ids), Message.purpose == Purpose.RECEIPT, Message.channel == Channel.EMAIL
        )
    )
    found = {one.contribution_id: _of_receipt(session, one) for one in receipts if one.contribution_id is not None}
    return {one: found.get(one) or _of_original(session, settings, one) for one in ids}


def _of_receipt(session: Session, receipt: Message) -> Answered | None:
    """Our receipt stands in the thread already: its headers cite what it answers."""
    body = vault_of(session).json_if_kept(session, receipt.key_id, receipt.sealed_body)
    if body is None:
        return None
    headers = dict(body.get("headers", ()))
    answered = headers.get("In-Reply-To", "")
    cited = tuple(one for one in headers.get("References", "").split() if one != answered)
    return Answered(_NOBODY, body.get("subject", ""), answered, cited)


def _of_original(session: Session, settings: Settings, contribution_id: int) -> Answered | None:
    """The mail itself, where no receipt was due: only its head is read."""
    raw = session.scalar(
        select(Arrival)
        .join(Part, Part.intake_id == Arrival.intake_id)
        .join(Part.contributions)
        .where(Contribution.id == contribution_id, Arrival.kind == ArrivalKind.MAIL)
        .order_by(Arrival.id)
        .limit(1)
    )
    head = _head_of(session, raw) if raw is not None else b""
    own = [settings.smtp.sender, *(mailbox.name for mailbox in settings.mailboxes)]
    if not head:
        return Answered(_NOBODY)  # the original is gone, its time being over: they are answered outside of a thread
    return answerable(parse_mail(head), own, settings.mail_servers)


def _head_of(session: Session, arrival: Arrival) -> bytes:
    vault = vault_of(session)
    key_id = arrival.intake.key_id
    if arrival.sealed_raw is not None:
        raw = vault.open(session, key_id, arrival.sealed_raw)
    elif arrival.locator is not None:
        raw = b""
        for piece in vault.read_file(session, key_id, arrival.locator):
            raw += piece
            if len(raw) >= _LONGEST_HEAD:
                break
    else:
        return b""
    head, _, _body = raw[:_LONGEST_HEAD].replace(b"\r\n", b"\n").partition(b"\n\n")
    return head + b"\n\n"
