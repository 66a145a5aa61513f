"""Copies of printed forms."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from inbox.models.base import Base


class FormCopy(Base):
    """The reference on a copy's slip, and the form that it was printed on."""

    __tablename__ = "form_copy"

    reference: Mapped[str] = mapped_column(String(9), ForeignKey("reference.number"), primary_key=True)
    form_number: Mapped[str] = mapped_column(String(11), ForeignKey("printed_form.number"), index=True)
