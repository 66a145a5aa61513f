"""Whether voices are getting through, as numbers for whoever watches the machines; without anybody's words.

Everything is read from rows, so that each web process of each host tells the same. Only what is open, kept as a count,
or among the newest messages is looked at: the cost does not grow with what has been taken in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from config.enums import Channel, Queue, StepState
from inbox.jobs.retry_limits import MAX_ATTEMPTS
from inbox.listings import recount
from inbox.listings.kept_ledger import kept_ledger
from inbox.models import Heartbeat, Intake, MailCursor, Message, Part, Refusal, Step
from inbox.models.job_rows import FOR_PERSON
from inbox.records import tallies

NEWEST_MESSAGES = 20_000
"""Among how many messages those of the last hour are counted."""


@dataclass(frozen=True, slots=True)
class HealthMetric:
    """A number with a name, in the units the name ends with (Prometheus' naming rules)."""

    name: str
    meaning: str
    values: Mapping[tuple[str, ...], float]
    labels: tuple[str, ...] = ()
    rises: bool = False
    """Whether it only ever grows."""


@dataclass(slots=True)
class _Work:
    """What is open, by queue."""

    open: dict[tuple[str, ...], float] = field(default_factory=dict)
    due_age: dict[tuple[str, ...], float] = field(default_factory=dict)
    retried: dict[tuple[str, ...], float] = field(default_factory=dict)


def read_metrics(session: Session, now: datetime) -> Iterator[HealthMetric]:
    """Every signal at this moment."""
    yield HealthMetric(
        "oldest_unread_seconds", "Age of the oldest that came in and is not read", _unread(session, now), _BY_CHANNEL
    )
    work = _work(session, now)
    yield HealthMetric("steps_open", "Steps that are still to be done", work.open, _BY_QUEUE)
    yield HealthMetric("steps_oldest_due_seconds", "For how long the oldest due step waits", work.due_age, _BY_QUEUE)
    yield HealthMetric("steps_retrying", "Open steps that have failed before", work.retried, _BY_QUEUE)
    yield HealthMetric(
        "steps_quarantined", "Steps that failed for good and wait for a person", _quarantined(session), ("kind",)
    )
    yield HealthMetric("refused_total", "Requests that were refused", _refused(session), ("door", "reason"), rises=True)
    yield from _mailboxes(session, now)
    yield from _ledger(session, now)
    yield HealthMetric("process_silent_seconds", "How long ago a process was seen", _silent(session, now), ("process",))
    yield HealthMetric(
        "messages_last_hour",
        "Messages to residents, made within an hour",
        _messages(session, now),
        ("channel", "state"),
    )


_BY_CHANNEL = ("channel",)
_BY_QUEUE = ("queue",)


def _age(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0


def _unread(session: Session, now: datetime) -> dict[tuple[str, ...], float]:
    intake_id = func.coalesce(Step.intake_id, Part.intake_id)
    oldest = session.execute(
        select(Intake.channel, func.min(Intake.received_at))
        .select_from(Step)
        .join(Part, Part.id == Step.part_id, isouter=True)
        .join(Intake, Intake.id == intake_id)
        .where(Step.state == StepState.OPEN, Step.message_id.is_(None))
        .group_by(Intake.channel)
    )
    found: dict[tuple[str, ...], float] = {(channel.value,): 0.0 for channel in Channel}
    return found | {(channel.value,): _age(now, since) for channel, since in oldest}


def _work(session: Session, now: datetime) -> _Work:
    found = _Work()
    for queue in Queue:
        for kept in (found.open, found.due_age, found.retried):
            kept[queue.value,] = 0.0
    rows = session.execute(select(Step.queue, func.count()).where(Step.state == StepState.OPEN).group_by(Step.queue))
    for queue, count in rows:
        found.open[queue.value,] = count
    due = session.execute(
        select(Step.queue, func.min(Step.not_before))
        .where(Step.state == StepState.OPEN, Step.not_before <= now)
        .group_by(Step.queue)
    )
    for queue, since in due:
        found.due_age[queue.value,] = _age(now, since)
    again = session.execute(
        select(Step.queue, func.count())
        .where(Step.state == StepState.OPEN, Step.attempts.between(1, MAX_ATTEMPTS))
        .group_by(Step.queue)
    )
    for queue, count in again:
        found.retried[queue.value,] = count
    return found


def _quarantined(session: Session) -> dict[tuple[str, ...], float]:
    held = session.execute(
        select(Step.kind, func.count())
        .where(text(f"({FOR_PERSON})"), Step.state == StepState.QUARANTINED)
        .group_by(Step.kind)
    )
    return {(kind.value,): count for kind, count in held}


def _refused(session: Session) -> dict[tuple[str, ...], float]:
    sums = session.execute(
        select(Refusal.door, Refusal.reason, func.sum(Refusal.count)).group_by(Refusal.door, Refusal.reason)
    )
    return {(door, reason): float(total) for door, reason, total in sums}


def _mailboxes(session: Session, now: datetime) -> Iterator[HealthMetric]:
    rows = session.execute(
        select(MailCursor.account, func.sum(MailCursor.not_taken_in), func.min(MailCursor.looked_at)).group_by(
            MailCursor.account
        )
    ).all()
    left: dict[tuple[str, ...], float] = {(account,): float(count) for account, count, _ in rows}
    looked: dict[tuple[str, ...], float] = {(account,): _age(now, at) for account, _, at in rows if at is not None}
    yield HealthMetric("mailbox_not_taken_in", "Mails that lie in the mailbox and are not taken in", left, ("mailbox",))
    yield HealthMetric("mailbox_looked_seconds", "How long ago the mailbox was compared", looked, ("mailbox",))


def _ledger(session: Session, now: datetime) -> Iterator[HealthMetric]:
    units: dict[tuple[str, ...], float] = {
        (bucket, channel.value): count for (bucket, channel), count in tallies.unit_tallies(session).items()
    }
    yield HealthMetric("ledger_units", "Everything that arrived, in one bucket each", units, ("bucket", "channel"))
    book = kept_ledger(session)
    yield HealthMetric(
        "ledger_problems", "What the ledger finds nobody's or stuck; 0 is well", {(): float(len(book.problems))}
    )
    checked = recount.last_recount(session)
    if checked is not None:
        yield HealthMetric(
            "recount_differences", "Kept counts the last recount put right", {(): float(checked.differences)}
        )
        yield HealthMetric("recount_seconds", "How long ago everything was counted", {(): _age(now, checked.at)})


def _silent(session: Session, now: datetime) -> dict[tuple[str, ...], float]:
    return {(name,): _age(now, at) for name, at in session.execute(select(Heartbeat.process, Heartbeat.seen_at))}


def _messages(session: Session, now: datetime) -> dict[tuple[str, ...], float]:
    newest = session.execute(select(func.max(Message.id))).scalar() or 0
    rows = session.execute(
        select(Message.channel, Message.state, func.count())
        .where(Message.id > newest - NEWEST_MESSAGES, Message.created_at > now - timedelta(hours=1))
        .group_by(Message.channel, Message.state)
    )
    return {(channel.value, state.value): count for channel, state, count in rows}
