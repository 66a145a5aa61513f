"""Consultations, their versions and their addresses; those who take part, and what they ask about their data."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from config.enums import AddressKind, Channel
from config.rights_states import IdentityCheck, RightsKind, RightsState, RightsWay
from inbox.models.base import Base
from inbox.models.column_types import sealed_column, utc_now


class Consultation(Base):
    """A question put to residents; everything that can change stands in its versions."""

    __tablename__ = "consultation"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)


class ConsultationVersion(Base):
    """One immutable version of a consultation, as ``config.wording.consultation`` parsed it."""

    __tablename__ = "consultation_version"
    __table_args__ = (UniqueConstraint("consultation_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of ``body`` in canonical JSON: importing what is current already makes no new version."""
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    consultation: Mapped[Consultation] = relationship()


class ConsultationArchive(Base):
    """A file of values that were moved out of the rows of a concluded consultation (``consultations.archives``)."""

    __tablename__ = "consultation_archive"

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    locator: Mapped[str] = mapped_column(String(255))
    """Of the file in the media store."""
    rows: Mapped[int]
    """How many rows' values it holds; more than say so of themselves once some of them were erased."""
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class PrintedForm(Base):
    """The layout of a form that was printed: it reads what comes back, years later too, and never changes."""

    __tablename__ = "printed_form"

    number: Mapped[str] = mapped_column(String(11), primary_key=True)
    """As its codes say it (``channels.paper.form_layout.form_number``)."""
    consultation_version_id: Mapped[int | None] = mapped_column(ForeignKey("consultation_version.id"))
    layout: Mapped[bytes] = mapped_column(LargeBinary)
    """As ``channels.paper.stored_layout`` wrote it."""
    printed_at: Mapped[datetime] = mapped_column(default=utc_now)


class ConsultationAddress(Base):
    """A number, mailbox, folder or centre, and to which consultation what comes by it belongs (current version's)."""

    __tablename__ = "consultation_address"
    __table_args__ = (UniqueConstraint("channel", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    channel: Mapped[Channel]
    value: Mapped[str] = mapped_column(String(255))


class Contributor(Base):
    """The person behind an address, known only by a keyed hash (32 bytes, hex)."""

    __tablename__ = "contributor"

    id: Mapped[int] = mapped_column(primary_key=True)
    address_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class ContributorAddress(Base):
    """The address itself, sealed, apart; deleted when the contributor is erased."""

    __tablename__ = "contributor_address"

    contributor_id: Mapped[int] = mapped_column(ForeignKey("contributor.id"), primary_key=True)
    kind: Mapped[AddressKind]
    key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    sealed_value: Mapped[bytes] = sealed_column("contributor_id")


class OptOut(Base):
    """No more messages to this address from this town; outlives the contributor, so it keeps the hash itself."""

    __tablename__ = "opt_out"
    __table_args__ = (UniqueConstraint("address_hash", "town"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    address_hash: Mapped[str] = mapped_column(String(64))
    town: Mapped[str] = mapped_column(String(64))
    active: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)


class RightsRequest(Base):
    """A request under articles 15 to 21 of the GDPR, and how far it is; what happened stands in the history."""

    __tablename__ = "rights_request"
    __table_args__ = (Index(None, "state", "due_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[RightsKind]
    way: Mapped[RightsWay]
    received_on: Mapped[date]
    due_on: Mapped[date]
    """The last day: a month after it came, three where it was extended."""
    extended_at: Mapped[datetime | None]
    key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    sealed_about: Mapped[bytes] = sealed_column("id")
    """JSON: who asks and where the answer goes, why it was extended, why it was refused."""
    address_hash: Mapped[str | None] = mapped_column(String(64))
    """The keyed hash of the address under which who asks was found, as in ``Contributor``."""
    identity: Mapped[IdentityCheck | None]
    state: Mapped[RightsState] = mapped_column(default=RightsState.OPEN)
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class RightsContribution(Base):
    """A contribution that a request is about."""

    __tablename__ = "rights_contribution"
    __table_args__ = (Index(None, "contribution_id"),)

    request_id: Mapped[int] = mapped_column(ForeignKey("rights_request.id"), primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
