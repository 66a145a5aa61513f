"""Faults that the example alerts are for, put into the rows of a town where all is well."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from pydantic import SecretStr
from sqlalchemy import update

from config.enums import Channel, MessageState, Purpose, StepState
from config.settings.loader import Settings
from config.settings.sections.mail_section import Mailbox
from config.settings.sections.upkeep_sections import Monitoring
from inbox.models import Contribution, Heartbeat, Intake, MailCursor, Message, Recount, Step
from inbox.models.column_types import utc_now
from inbox.records import rejections
from inbox.storage.database import Store
from tests.inbox import makers

TOKEN = "read-only"
AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}
ADDRESS = "avis@ville.example"
MAILBOX = Mailbox(name=ADDRESS, host="imap.ville.example", user=ADDRESS, password=SecretStr("not-secret"))


def monitored(settings: Settings, token: str = TOKEN) -> Settings:
    """Settings of a town that is watched, with a mailbox."""
    return settings.model_copy(update={"monitoring": Monitoring(token=SecretStr(token)), "mailboxes": (MAILBOX,)})


def fill_quiet_town(store: Store) -> None:
    """A text that is read and answered, a mailbox that is looked into, a process that lives."""
    made = makers.text_message(store, "Plus de bancs à la Boissière")
    with store.write() as session:
        session.execute(update(Step).values(state=StepState.DONE))
        session.add(Heartbeat(process="web"))
        session.add(_cursor(left=0))
        session.add(_message(session.get_one(Contribution, made), MessageState.DELIVERED))


def _cursor(left: int, looked: timedelta = timedelta(0)) -> MailCursor:
    return MailCursor(
        account=MAILBOX.name, folder="INBOX", uidvalidity=1, not_taken_in=left, looked_at=utc_now() - looked
    )


def _message(contribution: Contribution, state: MessageState, purpose: Purpose = Purpose.RECEIPT) -> Message:
    return Message(
        purpose=purpose, channel=Channel.SMS, contribution_id=contribution.id, key_id=contribution.key_id, state=state
    )


def _age_steps(store: Store, by: timedelta) -> None:
    with store.write() as session:
        session.execute(update(Step).values(state=StepState.OPEN, not_before=utc_now() - by))


def _unread(store: Store) -> None:
    makers.voicemail(store)
    with store.write() as session:
        session.execute(update(Intake).values(received_at=utc_now() - timedelta(hours=2)))
        session.execute(update(Step).values(not_before=utc_now() + timedelta(hours=1)))


def refuse_senders(store: Store) -> None:
    with store.write() as session:
        rejections.count_refusal(session, "sms", "signature", times=500)


def _cursor_with(**columns: object) -> Callable[[Store], None]:
    def fault(store: Store) -> None:
        with store.write() as session:
            session.execute(update(MailCursor).values(**columns))

    return fault


def quarantine_all(store: Store) -> None:
    with store.write() as session:
        session.execute(update(Step).values(state=StepState.QUARANTINED, ended_at=utc_now(), attempts=3))


def unbalance(store: Store) -> None:
    with store.write() as session:
        session.add(Recount(id=1, at=utc_now(), differences=3, problems=[]))


def _silent(store: Store) -> None:
    with store.write() as session:
        session.execute(update(Heartbeat).values(seen_at=utc_now() - timedelta(minutes=6)))


def _retried(store: Store) -> None:
    for _ in range(12):
        makers.voicemail(store)
    with store.write() as session:
        session.execute(update(Step).values(attempts=1, not_before=utc_now() + timedelta(minutes=5)))


def _failed(store: Store) -> None:
    for _ in range(6):
        made = makers.text_message(store, "Une piste cyclable")
        with store.write() as session:
            session.execute(update(Step).values(state=StepState.DONE))
            session.add(_message(session.get_one(Contribution, made), MessageState.FAILED))


FAULTS: dict[str, Callable[[Store], None]] = {
    "VoicesUnread": _unread,
    "WorkWaits": lambda store: _age_steps(store, timedelta(minutes=11)),
    "SendersRefused": refuse_senders,
    "MailLeftBehind": _cursor_with(not_taken_in=4),
    "MailboxNotLookedAt": lambda store: _cursor_with(looked_at=utc_now() - timedelta(hours=1))(store),
    "Quarantine": quarantine_all,
    "LedgerDoesNotBalance": unbalance,
    "ProcessSilent": _silent,
    "MuchIsRetried": _retried,
    "AnswersFail": _failed,
}
