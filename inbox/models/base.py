"""The declarative base: how names, times and enumerations are stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Enum,
    Index,
    MetaData,
    TextClause,
    text,
)
from sqlalchemy.orm import DeclarativeBase

from config.answer_states import (
    AnswerKind,
    AnswerState,
    FollowUpKind,
    GivenState,
    Outcome,
    ReportReason,
    Unreachable,
    VoiceUse,
    Way,
)
from config.enums import (
    AddressKind,
    ArrivalKind,
    BatchTick,
    Channel,
    ContributionKind,
    DeskKind,
    DeskSaid,
    ErasureState,
    MediumKind,
    MessageState,
    Moderation,
    NotContribution,
    PageEnd,
    Purpose,
    Queue,
    QuotationRole,
    Reading,
    Role,
    SetAsideReason,
    StepKind,
    StepState,
    TagSource,
    TextOrigin,
)
from config.rights_states import IdentityCheck, RightsKind, RightsState, RightsWay
from config.sense_states import Stance, TopicState
from inbox.models.column_types import UtcDateTime


def _names(enum: type) -> Enum:
    """A StrEnum stored as its value, without a native type, so that a new member needs no migration."""
    return Enum(
        enum, native_enum=False, length=32, values_callable=lambda e: [m.value for m in e], create_constraint=False
    )


def some_of(name: str, where: str, *columns: str | TextClause) -> Index:
    """An index over the rows of which ``where`` is true: a query has to repeat it word by word to use the index."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Base(DeclarativeBase):
    """The declarative base; constraint names are fixed so that migrations can undo them on both servers."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        Channel: _names(Channel),
        ArrivalKind: _names(ArrivalKind),
        Reading: _names(Reading),
        Moderation: _names(Moderation),
        SetAsideReason: _names(SetAsideReason),
        NotContribution: _names(NotContribution),
        StepKind: _names(StepKind),
        StepState: _names(StepState),
        Queue: _names(Queue),
        MediumKind: _names(MediumKind),
        TextOrigin: _names(TextOrigin),
        TagSource: _names(TagSource),
        ContributionKind: _names(ContributionKind),
        QuotationRole: _names(QuotationRole),
        Purpose: _names(Purpose),
        MessageState: _names(MessageState),
        ErasureState: _names(ErasureState),
        AddressKind: _names(AddressKind),
        Role: _names(Role),
        AnswerState: _names(AnswerState),
        AnswerKind: _names(AnswerKind),
        Way: _names(Way),
        GivenState: _names(GivenState),
        Unreachable: _names(Unreachable),
        VoiceUse: _names(VoiceUse),
        Outcome: _names(Outcome),
        FollowUpKind: _names(FollowUpKind),
        ReportReason: _names(ReportReason),
        PageEnd: _names(PageEnd),
        DeskKind: _names(DeskKind),
        DeskSaid: _names(DeskSaid),
        BatchTick: _names(BatchTick),
        RightsKind: _names(RightsKind),
        RightsWay: _names(RightsWay),
        RightsState: _names(RightsState),
        IdentityCheck: _names(IdentityCheck),
        TopicState: _names(TopicState),
        Stance: _names(Stance),
        list[str]: JSON,
    }
