"""How many speak of a topic, kept by people and only suggested apart; for and against it where it is a proposal."""

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from config.sense_states import Stance, TopicState
from inbox.models import Contribution, Topic, TopicMember
from inbox.reports.figure_values import TopicFigures
from inbox.reports.published_scope import published_of


def topics_of(session: Session, consultation_id: int, *states: TopicState) -> tuple[TopicFigures, ...]:
    """The topics in one of these states, those with most members first; counted are published members."""
    confirmed = and_(TopicMember.confirmed, TopicMember.stance_confirmed)

    def number(of: ColumnElement[bool] | InstrumentedAttribute[bool]) -> ColumnElement[int]:
        return func.sum(case((of, 1), else_=0))

    rows = session.execute(
        select(
            Topic,
            number(TopicMember.confirmed),
            number(TopicMember.confirmed.is_(False)),
            number(and_(confirmed, TopicMember.stance == Stance.FOR)),
            number(and_(confirmed, TopicMember.stance == Stance.AGAINST)),
            number(and_(confirmed, TopicMember.stance == Stance.NEITHER)),
        )
        .join(TopicMember, TopicMember.topic_id == Topic.id)
        .join(Contribution, Contribution.id == TopicMember.contribution_id)
        .where(published_of(consultation_id), Topic.consultation_id == consultation_id, Topic.state.in_(states))
        .where(TopicMember.removed.is_(False))
        .group_by(Topic.id)
    ).all()
    found = [
        TopicFigures(
            topic_id=topic.id,
            name=topic.name,
            words=tuple(topic.words),
            state=topic.state,
            is_proposal=topic.is_proposal,
            confirmed=int(sure),
            suggested=int(open_),
            in_favour=int(for_),
            against=int(against),
            neither=int(neither),
        )
        for topic, sure, open_, for_, against, neither in rows
    ]
    return tuple(sorted(found, key=lambda one: (-(one.confirmed + one.suggested), one.topic_id)))
