"""What became of an answer, for each contribution and in total."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.answer_states import GivenState, Outcome, Unreachable, VoiceUse, Way
from config.enums import MessageState, Moderation
from inbox.answers import service_requests
from inbox.models import Answer, Contribution, ContributionLink, GivenAnswer, Message
from inbox.records import references
from inbox.records.answer_messages import REPLY
from inbox.votes import supported_contributions
from inbox.wishes import lent_voices

REPLIED_WITHIN = timedelta(days=30)
"""Who writes so soon after an answer may be replying to it."""

_ENDED = {
    MessageState.QUEUED: "sending",
    MessageState.SENT: "sent",
    MessageState.DELIVERED: "delivered",
    MessageState.FAILED: "failed",
    MessageState.WITHDRAWN: "withdrawn",
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """An answer to one contribution."""

    answer_id: int
    contribution_id: int
    reference: str
    way: Way | None
    state: str
    """A ``GivenState``; of what is sent: sending, sent, delivered or failed."""
    why: Unreachable | None
    at: datetime
    tried: Way | None = None
    """The way that was tried in vain before this one."""


@dataclass(frozen=True, slots=True)
class DeliveryTotals:
    """How far an answer has come with everybody."""

    by_way: Mapping[tuple[Way | None, str], int]
    unreachable: Mapping[Unreachable, int]
    segments: int

    def of_way(self, way: Way) -> Mapping[str, int]:
        """How many are in which state, of those answered by one way."""
        return {state: count for (one, state), count in self.by_way.items() if one is way}

    @property
    def everybody(self) -> int:
        """How many contributions it is for."""
        return sum(self.by_way.values())


def newest_answers(session: Session, before: int | None, most: int) -> Sequence[Answer]:
    """The answers there are, the newest first; with ``before`` those older than this one."""
    wanted = select(Answer).order_by(Answer.id.desc()).limit(most)
    return session.scalars(wanted if before is None else wanted.where(Answer.id < before)).all()


def recipient_counts(session: Session, answer_ids: Collection[int]) -> Mapping[int, int]:
    """To how many contributions each answer was given or is to be; those of none are left out."""
    rows = session.execute(
        select(GivenAnswer.answer_id, func.count())
        .where(GivenAnswer.answer_id.in_(answer_ids), GivenAnswer.state != GivenState.WITHDRAWN)
        .group_by(GivenAnswer.answer_id)
    )
    return dict(rows.tuples().all())


def delivery_totals(session: Session, answer_id: int) -> DeliveryTotals:
    """The totals of an answer."""
    rows = session.execute(
        select(GivenAnswer.way, GivenAnswer.state, Message.state, GivenAnswer.why, func.count())
        .outerjoin(Message, Message.id == GivenAnswer.message_id)
        .where(GivenAnswer.answer_id == answer_id)
        .group_by(GivenAnswer.way, GivenAnswer.state, Message.state, GivenAnswer.why)
    ).all()
    ways: Counter[tuple[Way | None, str]] = Counter()
    whys: Counter[Unreachable] = Counter()
    for way, state, sent, why, count in rows:
        ways[(way, _state(state, sent))] += count
        if why is not None:
            whys[why] += count
    spent = select(func.sum(GivenAnswer.segments)).where(GivenAnswer.answer_id == answer_id)
    return DeliveryTotals(dict(ways), dict(whys), session.scalar(spent) or 0)


def list_deliveries(
    session: Session, answer_id: int, *, only: GivenState | None = None, after: int = 0, limit: int = 100
) -> tuple[list[Delivery], int | None]:
    """A page of them, and where the next one begins."""
    wanted = select(GivenAnswer, Message.state).outerjoin(Message, Message.id == GivenAnswer.message_id)
    wanted = wanted.where(GivenAnswer.answer_id == answer_id, GivenAnswer.id > after)
    if only is not None:
        wanted = wanted.where(GivenAnswer.state == only)
    rows = session.execute(wanted.order_by(GivenAnswer.id).limit(limit + 1)).all()
    more = rows[limit - 1][0].id if len(rows) > limit else None
    return _deliveries(session, [(row[0], row[1]) for row in rows[:limit]]), more


def answers_of_contribution(session: Session, contribution_id: int) -> list[Delivery]:
    """The answers to one contribution, the newest first."""
    rows = session.execute(
        select(GivenAnswer, Message.state)
        .outerjoin(Message, Message.id == GivenAnswer.message_id)
        .join(Answer, Answer.id == GivenAnswer.answer_id)
        .where(GivenAnswer.contribution_id == contribution_id, Answer.tells)
        .order_by(GivenAnswer.id.desc())
    ).all()
    return _deliveries(session, [(row[0], row[1]) for row in rows])


def outcome_of(session: Session, contribution_id: int) -> Outcome | None:
    """What became of a contribution, if that was decided."""
    return service_requests.contribution_outcome(session, contribution_id)


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """What the town has answered to a contribution, and what it has to do with other answers."""

    deliveries: Sequence[Delivery]
    outcome: Outcome | None
    after: Delivery | None
    """The answer to an earlier contribution of the same person, to which this one may reply."""
    is_reply: bool
    """It replies to that answer beyond doubt: in its thread."""
    support: int | None = None
    """The number by which it can be supported."""
    can_be_supported: bool = False
    voice: tuple[VoiceUse, bool] | None = None
    """What its author lets others hear of the voice, and whether on the public pages, too."""
    voice_let: tuple[VoiceUse, bool] | None = None
    """What of it a moderator has let be heard after listening."""


def answer_context(session: Session, contribution: Contribution) -> AnswerContext:
    """All there is to show beside a contribution."""
    linked = session.scalar(
        select(ContributionLink.to_id).where(
            ContributionLink.from_id == contribution.id, ContributionLink.kind == REPLY
        )
    )
    earlier = answers_of_contribution(session, linked) if linked is not None else _told_before(session, contribution)
    return AnswerContext(
        answers_of_contribution(session, contribution.id),
        outcome_of(session, contribution.id),
        earlier[0] if earlier else None,
        linked is not None,
        supported_contributions.support_number(session, contribution),
        contribution.moderation is Moderation.PUBLISHED and contribution.consultation_id is not None,
        lent_voices.voice_wished(session, contribution.id),
        lent_voices.voice_let(session, contribution.id),
    )


def _told_before(session: Session, contribution: Contribution) -> list[Delivery]:
    """What its author was told within the month before it came."""
    if contribution.contributor_id is None:
        return []
    rows = session.execute(
        select(GivenAnswer, Message.state)
        .outerjoin(Message, Message.id == GivenAnswer.message_id)
        .where(
            GivenAnswer.contributor_id == contribution.contributor_id,
            GivenAnswer.contribution_id != contribution.id,
            GivenAnswer.state.in_((GivenState.SENDING, GivenState.HEARD)),
            GivenAnswer.at < contribution.created_at,
            GivenAnswer.at > contribution.created_at - REPLIED_WITHIN,
        )
        .order_by(GivenAnswer.id.desc())
        .limit(1)
    ).all()
    return _deliveries(session, [(row[0], row[1]) for row in rows])


def _deliveries(session: Session, rows: Sequence[tuple[GivenAnswer, MessageState | None]]) -> list[Delivery]:
    numbers = references.references_of(session, [given.contribution_id for given, _sent in rows])
    return [
        Delivery(
            given.answer_id,
            given.contribution_id,
            numbers.get(given.contribution_id, ""),
            given.way,
            _state(given.state, sent),
            given.why,
            given.at,
            given.tried if given.tried is not given.way else None,
        )
        for given, sent in rows
    ]


def _state(state: GivenState, sent: MessageState | None) -> str:
    """What was handed to a provider or a server goes on in the state of its message."""
    return _ENDED.get(sent, state.value) if state is GivenState.SENDING and sent is not None else state.value
