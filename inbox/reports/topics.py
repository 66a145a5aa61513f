"""Topics: groups of published texts that a machine proposes by their words, and what people make of them.

A person names one, takes members out into another one, joins two, or throws one away. Members are counted once a
person kept them; what a topic's words find later waits for that. Of a topic that is a proposal each member may be
for it or against it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from config.enums import Channel
from config.sense_states import Stance, TopicState
from inbox.errors import InboxError
from inbox.listings import contribution_list
from inbox.models import Contribution, Topic, TopicMember
from inbox.models.column_types import utc_now
from inbox.records import history, references
from inbox.reports.published_scope import published_of
from inbox.reports.report_quotations import MODERATED
from inbox.storage.upsert import insert_if_new, insert_rows

LONGEST_NAME = 128
OVERLAP = 0.5
"""Of a proposal's words, the share that a named topic or one thrown away has, too, from which it is not news."""


class BadTopic(InboxError):
    """A topic that is not there any more, without a name, or without members."""

    remedy = "Give the topic a name, or tick the contributions that belong to it; look at the list again."


@dataclass(frozen=True, slots=True)
class Member:
    """One published contribution in a topic."""

    contribution_id: int
    reference: str
    channel: Channel
    language: str | None
    text: str
    confirmed: bool
    stance: Stance | None
    stance_confirmed: bool
    because: str


# --- what machines put --------------------------------------------------------------------------------


def put_proposals(
    session: Session, consultation_id: int, proposed: Sequence[tuple[Sequence[str], Sequence[int]]]
) -> None:
    """Replace what is proposed (words, members); what people named or threw away is not proposed again."""
    rows = session.scalars(select(Topic).where(Topic.consultation_id == consultation_id)).all()
    decided = [set(row.words) for row in rows if row.state is not TopicState.PROPOSED]
    before = {tuple(row.words): row for row in rows if row.state is TopicState.PROPOSED}
    wanted = {
        tuple(words): list(members)
        for words, members in proposed
        if all(len(known & set(words)) < OVERLAP * len(words) for known in decided)
    }
    for words, row in before.items():
        session.execute(delete(TopicMember).where(TopicMember.topic_id == row.id))
        if words not in wanted:
            session.delete(row)
    session.flush()
    for words, members in wanted.items():
        row = before.get(words) or Topic(consultation_id=consultation_id, words=list(words))
        session.add(row)
        session.flush()
        insert_rows(session, TopicMember, [_member(row.id, number) for number in members])


def _member(topic_id: int, contribution_id: int, *, confirmed: bool = False) -> dict[str, object]:
    return {
        "topic_id": topic_id,
        "contribution_id": contribution_id,
        "confirmed": confirmed,
        "removed": False,
        "stance": None,
        "because": "",
        "stance_confirmed": False,
    }


def named(session: Session, consultation_id: int) -> list[Topic]:
    """The topics that people named, the oldest first."""
    of = (Topic.consultation_id == consultation_id, Topic.state == TopicState.NAMED)
    return list(session.scalars(select(Topic).where(*of).order_by(Topic.id)))


def known_members(session: Session, topic_id: int) -> set[int]:
    """The contributions that are in a topic, or that a person took out of it."""
    return set(session.scalars(select(TopicMember.contribution_id).where(TopicMember.topic_id == topic_id)))


def put_members(session: Session, topic_id: int, found: Collection[int]) -> None:
    """What a named topic's words find beside what is in it: suggested."""
    new = set(found) - known_members(session, topic_id)
    insert_rows(session, TopicMember, [_member(topic_id, number) for number in sorted(new)])


def without_stance(session: Session, topic_id: int) -> list[int]:
    """The members whose stance nobody has said."""
    of = (TopicMember.topic_id == topic_id, TopicMember.removed.is_(False), TopicMember.stance_confirmed.is_(False))
    return list(session.scalars(select(TopicMember.contribution_id).where(*of)))


def put_stances(session: Session, topic_id: int, found: Mapping[int, tuple[Stance | None, str]]) -> None:
    """What a machine suggests of members; what a person said stays."""
    for number, (stance, because) in found.items():
        session.execute(
            update(TopicMember)
            .where(
                TopicMember.topic_id == topic_id,
                TopicMember.contribution_id == number,
                TopicMember.stance_confirmed.is_(False),
            )
            .values(stance=stance, because=because)
        )


# --- what is shown --------------------------------------------------------------------------------------


def members_of(session: Session, topic_id: int, limit: int) -> list[Member]:
    """The published members of a topic, those first about whom nobody has decided."""
    topic = the_topic(session, topic_id)
    rows = session.execute(
        select(Contribution, TopicMember)
        .join(TopicMember, TopicMember.contribution_id == Contribution.id)
        .where(published_of(topic.consultation_id), TopicMember.topic_id == topic_id, TopicMember.removed.is_(False))
        .order_by(TopicMember.confirmed, TopicMember.stance_confirmed, Contribution.id.desc())
        .limit(limit)
    ).all()
    texts = contribution_list.current_texts_of(session, [one for one, _member in rows], MODERATED)
    numbers = references.references_of(session, [one.id for one, _member in rows])
    return [
        Member(
            one.id,
            numbers.get(one.id, ""),
            one.channel,
            one.language,
            texts[one.id].body,
            member.confirmed,
            member.stance,
            member.stance_confirmed,
            member.because,
        )
        for one, member in rows
        if one.id in texts
    ]


def the_topic(session: Session, topic_id: int) -> Topic:
    """One topic; raises ``BadTopic`` where it is gone."""
    found = session.get(Topic, topic_id, with_for_update=True)
    if found is None:
        raise BadTopic(f"topic {topic_id} is not there")
    return found


# --- what people decide ------------------------------------------------------------------------------------


def name(session: Session, topic_id: int, words: str, by: int, *, is_proposal: bool) -> None:
    """Name a topic: the members it was shown with are kept with it."""
    line = " ".join(words.split())
    if not 1 <= len(line) <= LONGEST_NAME:
        raise BadTopic(f"a name of {len(line)} characters")
    topic = the_topic(session, topic_id)
    if topic.state is TopicState.PROPOSED:
        mine = (TopicMember.topic_id == topic_id, TopicMember.removed.is_(False))
        session.execute(update(TopicMember).where(*mine).values(confirmed=True))
    topic.state, topic.name, topic.is_proposal = TopicState.NAMED, line, is_proposal
    _note(session, topic, "topic_named", by)


def throw_away(session: Session, topic_id: int, by: int) -> None:
    """Nobody wants this topic: it is neither shown nor proposed again."""
    topic = the_topic(session, topic_id)
    topic.state = TopicState.THROWN_AWAY
    _note(session, topic, "topic_thrown_away", by)


def split(session: Session, topic_id: int, numbers: Collection[int], words: str, by: int) -> int:
    """Take members out into a topic of their own, named at once; its number."""
    topic = the_topic(session, topic_id)
    taken = sorted(known_members(session, topic_id) & set(numbers))
    if not taken:
        raise BadTopic("no member was ticked")
    made = Topic(consultation_id=topic.consultation_id, words=[], is_proposal=topic.is_proposal)
    session.add(made)
    session.flush()
    insert_rows(session, TopicMember, [_member(made.id, number, confirmed=True) for number in taken])
    name(session, made.id, words, by, is_proposal=topic.is_proposal)
    decide(session, topic_id, taken, by, keep=False)
    return made.id


def join(session: Session, topic_id: int, other_id: int, by: int) -> None:
    """Put all of another topic into this one; the other is gone, its words find members for this one from now on."""
    topic, other = the_topic(session, topic_id), the_topic(session, other_id)
    if topic.id == other.id or topic.consultation_id != other.consultation_id:
        raise BadTopic("a topic joins another one of the same consultation")
    both = known_members(session, topic_id)
    moved = select(TopicMember.contribution_id).where(TopicMember.topic_id == other_id, TopicMember.removed.is_(False))
    new = [_member(topic_id, number, confirmed=True) for number in session.scalars(moved) if number not in both]
    insert_rows(session, TopicMember, new)
    topic.words = list(dict.fromkeys([*topic.words, *other.words]))
    session.execute(delete(TopicMember).where(TopicMember.topic_id == other_id))
    session.delete(other)
    _note(session, topic, "topics_joined", by)


def decide(session: Session, topic_id: int, numbers: Collection[int], by: int, *, keep: bool) -> None:
    """Keep members in a topic, or take them out of it for good."""
    topic = the_topic(session, topic_id)
    mine = (TopicMember.topic_id == topic_id, TopicMember.contribution_id.in_(numbers))
    session.execute(update(TopicMember).where(*mine).values(confirmed=keep, removed=not keep))
    _note(session, topic, "topic_members_kept" if keep else "topic_members_removed", by, len(numbers))


def say_stance(session: Session, topic_id: int, contribution_id: int, stance: Stance, by: int) -> None:
    """A person says how a contribution stands to a proposal; it is a member from then on."""
    topic = the_topic(session, topic_id)
    insert_if_new(session, TopicMember, **_member(topic_id, contribution_id))
    row = session.get_one(TopicMember, (topic_id, contribution_id), populate_existing=True)
    row.stance, row.stance_confirmed, row.confirmed, row.removed = stance, True, True, False
    history.record_event(
        session, f"contribution:{contribution_id}", "stance_said", by, {"topic": topic.id, "stance": stance}
    )


def _note(session: Session, topic: Topic, action: str, by: int, count: int | None = None) -> None:
    topic.person_id, topic.changed_at = by, utc_now()
    session.flush()
    details = {"topic": topic.id, **({"members": count} if count is not None else {})}
    history.record_event(session, f"consultation:{topic.consultation_id}", action, by, details)
