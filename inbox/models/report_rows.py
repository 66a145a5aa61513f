"""What machines make of many texts together, and the reports that officials make of them.

Nothing here holds a resident's words: a quotation is a place in a version of a text.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.enums import ContributionKind, QuotationRole
from config.sense_states import Stance, TopicState
from inbox.models.base import Base
from inbox.models.column_types import utc_now


class TextSense(Base):
    """How far a contribution's text has been compared with the others, and the campaign it belongs to."""

    __tablename__ = "text_sense"
    __table_args__ = (Index(None, "group_id", "own_words"),)

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    text_number: Mapped[int]
    """The version of the text that was looked at."""
    sketch: Mapped[bytes | None] = mapped_column(LargeBinary)
    """MinHash of the text's letter sequences under a secret permutation; NULL where it is too short to compare."""
    group_id: Mapped[int | None]
    """The lowest number among the contributions that say the same; NULL for one that stands alone."""
    own_words: Mapped[int] = mapped_column(default=0)
    """In a group: how many words it says beyond what the group says in common."""


class SuggestedKind(Base):
    """What a contribution may be, as a machine suggests it or a person put it; counted only once confirmed."""

    __tablename__ = "suggested_kind"
    __table_args__ = (Index(None, "kind", "contribution_id"),)

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    kind: Mapped[ContributionKind] = mapped_column(primary_key=True)
    because: Mapped[str] = mapped_column(String(255), default="")
    """The cues that were found, comma separated: words of our own list, never others of the text."""
    confirmed: Mapped[bool] = mapped_column(default=False)
    removed: Mapped[bool] = mapped_column(default=False)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class PlaceMention(Base):
    """A place of the town's own list that a text names."""

    __tablename__ = "place_mention"
    __table_args__ = (Index(None, "place", "contribution_id"),)

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(128), primary_key=True)
    """As the list spells it."""
    quarter: Mapped[str] = mapped_column(String(64), default="")
    exact: Mapped[bool] = mapped_column(default=True)
    """Whether the text spells it so too; else it was recognised through mishearing or misreading."""


class ThemeModel(Base):
    """What was learned of one theme from moderators' decisions: a weight for each word, and how often it is right."""

    __tablename__ = "theme_model"

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    theme: Mapped[str] = mapped_column(String(64), primary_key=True)
    weights: Mapped[dict[str, Any]]
    """JSON: of each word that stands in several contributions, its weight; ``bias`` and ``threshold`` beside them."""
    decisions: Mapped[int]
    kept: Mapped[int]
    """Of these decisions, how many kept the theme."""
    precision: Mapped[float | None]
    """On decisions it had not learned from: of what it would suggest, the share that people kept. NULL: none."""
    coverage: Mapped[float | None]
    """On decisions it had not learned from: of what people kept, the share that it would suggest."""
    trained_at: Mapped[datetime] = mapped_column(default=utc_now)


class Topic(Base):
    """A group of contributions that speak of one thing: proposed by its words, or named by a person."""

    __tablename__ = "topic"
    __table_args__ = (Index(None, "consultation_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    state: Mapped[TopicState] = mapped_column(default=TopicState.PROPOSED)
    name: Mapped[str] = mapped_column(String(128), default="")
    """A person's; empty while it is only proposed."""
    words: Mapped[list[str]] = mapped_column(JSON)
    """By which its texts are found, the most telling first."""
    is_proposal: Mapped[bool] = mapped_column(default=False)
    """Whether contributions can be for it or against it."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)


class TopicMember(Base):
    """A contribution in a topic; counted only once a person kept it there."""

    __tablename__ = "topic_member"
    __table_args__ = (Index(None, "contribution_id"),)

    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"), primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    confirmed: Mapped[bool] = mapped_column(default=False)
    removed: Mapped[bool] = mapped_column(default=False)
    stance: Mapped[Stance | None]
    """Where the topic is a proposal; NULL where neither a machine nor a person said so."""
    because: Mapped[str] = mapped_column(String(255), default="")
    """The cues of the stance: words of our own list."""
    stance_confirmed: Mapped[bool] = mapped_column(default=False)


class Quotation(Base):
    """A passage of a published text chosen for the report: from one character of a version to another."""

    __tablename__ = "quotation"
    __table_args__ = (
        UniqueConstraint("consultation_id", "theme", "role", "contribution_id"),
        Index(None, "contribution_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    theme: Mapped[str] = mapped_column(String(64), default="")
    """A theme's key; empty for what is quoted of a campaign."""
    role: Mapped[QuotationRole]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    text_number: Mapped[int]
    begin: Mapped[int]
    end: Mapped[int]
    chosen_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """NULL for what a machine chose; a person's choice is never replaced."""
    left_out: Mapped[bool] = mapped_column(default=False)
    """A person does not want it quoted: it is not chosen again."""


class ReportEdit(Base):
    """How an official arranged a consultation's report: what stands beside the living figures."""

    __tablename__ = "report_edit"

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    body: Mapped[dict[str, Any]]
    """JSON as ``inbox.reports.report_editing.ReportArrangement`` writes it."""
    revision: Mapped[int] = mapped_column(default=1)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)


class ReportVersion(Base):
    """A report as it stood when it was kept; never changed but for its signature, and who may read it."""

    __tablename__ = "report_version"
    __table_args__ = (UniqueConstraint("consultation_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    number: Mapped[int]
    figures: Mapped[dict[str, Any]]
    """Every figure, and every quotation as its place; no resident's words, so that erasing reaches old reports."""
    edit: Mapped[dict[str, Any]]
    comment: Mapped[str] = mapped_column(Text, default="")
    last_history_id: Mapped[int]
    """The newest line of history when it was kept: what was published later has a higher one."""
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    signed_at: Mapped[datetime | None]
    public_at: Mapped[datetime | None]
    """Since when everybody may read it; only a signed one."""


class OpenDataRow(Base):
    """A contribution that was released as open data, with the attributes it was released with; "" for generalised."""

    __tablename__ = "open_data_row"
    __table_args__ = (Index(None, "consultation_id", "cohort"),)

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    cohort: Mapped[int]
    """Released together; every combination of attributes occurs several times in one."""
    channel: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(8))
    centre: Mapped[str] = mapped_column(String(255))
    quarter: Mapped[str] = mapped_column(String(64), default="")
    """The one that it speaks of."""
    age: Mapped[str] = mapped_column(String(16), default="")
    """The group that was ticked on a form."""
    month: Mapped[str] = mapped_column(String(7))
    week: Mapped[str] = mapped_column(String(10))


class ReportComment(Base):
    """What a colleague remarks on a report; in no document."""

    __tablename__ = "report_comment"
    __table_args__ = (Index(None, "consultation_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    version: Mapped[int] = mapped_column(default=0)
    """The number of the version it is about; 0 for the living report."""
    section: Mapped[str] = mapped_column(String(64), default="")
    """The key of the section it is about; empty for the whole."""
    body: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]


class DataFetch(Base):
    """A file of data that somebody fetches, and how far it is written."""

    __tablename__ = "data_fetch"
    __table_args__ = (Index(None, "person_id", "consultation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    kind: Mapped[str] = mapped_column(String(16))
    """Of file: csv, xlsx …"""
    of_all: Mapped[int]
    """Rows it will have, as counted at its beginning."""
    done: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    """When it was last said how far it is."""
    ended_at: Mapped[datetime | None]
