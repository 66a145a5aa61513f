"""A forged sender: the mail is kept as a contribution, and nobody gets a receipt they have not asked for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from channels.email.classify.forged_sender import is_called_forged
from channels.email.compose import find_answerable
from channels.email.parse import parse_mail
from config.settings.loader import Settings
from config.settings.sections.mail_section import Mailbox as MailboxSettings
from config.settings.sections.mail_section import Smtp
from inbox.models import Message
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.storage.database import Store
from tests.gateway.test_correspondence import TOWN, Mailbox
from workers.tasks.rate_limits import next_sending_time

OURS = "mx.ville.example"

RESULTS: dict[str, tuple[tuple[str, ...], bool]] = {
    "nothing": ((), False),
    "all well": ((f"{OURS}; spf=pass smtp.mailfrom=a@b.example; dkim=pass; dmarc=pass",), False),
    "DMARC failed": ((f"{OURS}; spf=pass; dkim=none; dmarc=fail (p=none dis=none) header.from=b.example",), True),
    "with a version": ((f"{OURS} 1; dmarc=fail",), True),
    "in capitals, over lines": ((f"{OURS.upper()};\r\n\tDMARC = FAIL",), True),
    "SPF alone failed": ((f"{OURS}; spf=fail smtp.mailfrom=a@b.example",), True),
    "SPF failed, signed all the same": ((f"{OURS}; spf=fail; dkim=pass header.d=b.example",), False),
    "SPF failed softly": ((f"{OURS}; spf=softfail; dmarc=none",), False),
    "SPF failed, but DMARC holds": ((f"{OURS}; spf=fail; dkim=pass; dmarc=pass",), False),
    "in several lines": ((f"{OURS}; dkim=none", f"{OURS}; dmarc=fail"), True),
    "a later line of the sender's own takes nothing back": ((f"{OURS}; dmarc=fail", f"{OURS}; dmarc=pass"), True),
    "of another server": (("mx.elsewhere.example; dmarc=fail",), False),
    "of a server called nearly so": ((f"{OURS}.elsewhere.example; dmarc=fail",), False),
    "our name as a word": ((f"mx.elsewhere.example; reason={OURS}; dmarc=fail",), False),
    "pass in a comment": ((f"{OURS}; (dmarc=pass) dmarc=fail (spf=pass (dkim=pass))",), True),
    "fail in a comment": ((f"{OURS}; dmarc=pass (dmarc=fail)",), False),
    "fail in quotes": ((f'{OURS}; dmarc=pass reason="dmarc=fail"',), False),
    "brackets without end": ((f"{OURS}; dmarc=fail " + "(" * 900,), True),
}


def mail(results: tuple[str, ...]) -> bytes:
    lines = "".join(f"Authentication-Results: {one}\r\n" for one in results)
    return f"{lines}From: Anne <anne@poste.example>\r\nMessage-ID: <1@poste.example>\r\n\r\nPlus de bancs".encode()


@pytest.mark.parametrize(("results", "forged"), RESULTS.values(), ids=RESULTS)
def test_what_our_own_server_says_counts_and_nothing_else(results: tuple[str, ...], forged: bool) -> None:
    parsed = parse_mail(mail(results))
    assert is_called_forged(parsed.authentication, {OURS}) is forged
    assert (find_answerable(parsed, servers={OURS}) is None) is forged
    assert find_answerable(parsed) is not None, "where no server is named, none is believed"


@pytest.fixture
def mailbox(sqlite_store: Store, tmp_path: Path) -> Mailbox:
    box = MailboxSettings(name=TOWN, host="imap.ville.example", user="avis", password="x", results_from=OURS)
    smtp = Smtp(host="127.0.0.1", tls="none", sender=TOWN, receipts_per_hour=3)
    return Mailbox(sqlite_store, Settings(folder=tmp_path, smtp=smtp, mailboxes=(box,)), tmp_path)


@pytest.mark.parametrize(("said", "receipts"), [("dmarc=fail", 0), ("dmarc=pass", 1)])
def test_a_forged_mail_is_a_contribution_without_a_receipt(mailbox: Mailbox, said: str, receipts: int) -> None:
    head = f"Authentication-Results: {OURS}; {said}\nFrom: anne@poste.example\nSubject: Bancs"
    made = mailbox.receive(head, "Il faut des bancs.")
    assert made is not None
    assert len(mailbox.receipts()) == receipts
    with mailbox.store.read() as session:
        lines = history.history_of(session, f"contribution:{made}")
        told = [line.details for line in lines if line.action == "no_receipt"]
    assert told == ([] if receipts else [{"because": "forged"}])


def test_a_flood_under_many_names_gets_no_more_receipts_an_hour_than_allowed(mailbox: Mailbox) -> None:
    for number in range(5):
        head = f"From: someone{number}@poste.example\nMessage-ID: <{number}@poste.example>\nSubject: x{number}"
        mailbox.receive(head, f"Il faut {number} bancs.")
    sent: list[int] = []
    for hours in (0, 0, 2):
        with mailbox.store.write() as session:
            if hours:
                earlier = utc_now() - timedelta(hours=hours)
                session.execute(update(Message).where(Message.sent_at.is_not(None)).values(sent_at=earlier))
            for message in session.scalars(select(Message).where(Message.sent_at.is_(None)).order_by(Message.id)):
                if next_sending_time(session, mailbox.settings, message) is None:
                    message.sent_at = utc_now()
                    session.flush()
                    sent.append(message.id)
        if hours == 0:
            assert len(sent) == 3
    assert len(sent) == 5, "the others go out an hour later"
