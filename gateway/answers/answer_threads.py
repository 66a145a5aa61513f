"""The thread a mail began: what an answer to it needs to know, months later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from channels.base.values import Address
from channels.email.compose import AnsweredMail, find_answerable
from channels.email.parse import parse_mail
from config.enums import AddressKind
from config.settings.loader import Settings
from inbox.models import Arrival, Message
from inbox.models.sealed_places import place_of
from inbox.records import intake_lookup, message_lookup
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session

_NOBODY = Address(AddressKind.EMAIL, "")
"""The address is opened by whoever sends."""
_LONGEST_HEAD = 256 * 1024


def mail_threads_of(session: Session, settings: Settings, ids: Sequence[int]) -> Mapping[int, AnsweredMail | None]:
    """What each of these contributions' mails is answered by; None where nothing may ever be sent in reply."""
    receipts = message_lookup.receipts_mailed(session, ids)
    found = {one.contribution_id: _of_receipt(session, one) for one in receipts if one.contribution_id is not None}
    return {one: found.get(one) or _of_original(session, settings, one) for one in ids}


def _of_receipt(session: Session, receipt: Message) -> AnsweredMail | None:
    """Our receipt stands in the thread already: its headers cite what it answers."""
    body = message_lookup.words_of(session, receipt)
    if body is None:
        return None
    headers = dict(body.get("headers", ()))
    answered = headers.get("In-Reply-To", "")
    cited = tuple(one for one in headers.get("References", "").split() if one != answered)
    return AnsweredMail(_NOBODY, body.get("subject", ""), answered, cited)


def _of_original(session: Session, settings: Settings, contribution_id: int) -> AnsweredMail | None:
    """The mail itself, where no receipt was due: only its head is read."""
    raw = intake_lookup.first_mail_of(session, contribution_id)
    head = _head_of(session, raw) if raw is not None else b""
    own = [settings.smtp.sender, *(mailbox.name for mailbox in settings.mailboxes)]
    if not head:
        return AnsweredMail(_NOBODY)  # the original is gone, its time being over: they are answered outside of a thread
    return find_answerable(parse_mail(head), own, settings.mail_servers)


def _head_of(session: Session, arrival: Arrival) -> bytes:
    vault = vault_of(session)
    key_id = arrival.intake.key_id
    if arrival.sealed_raw is not None:
        raw = vault.open(session, key_id, arrival.sealed_raw, place_of(Arrival.sealed_raw, arrival))
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
