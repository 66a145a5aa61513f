"""Rows written as of another moment, with nothing left to be done: what an invented sample needs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import event, update
from sqlalchemy.orm import Session

from config.enums import StepState
from inbox.models import Contribution, History, Part, Step, TextVersion


@dataclass
class BackdatedMoment:
    """When what is written now is said to have happened."""

    at: datetime


def date_rows(session: Session, moment: BackdatedMoment) -> None:
    """Give the history, parts, contributions and texts that are made in this transaction the moment of their making."""

    @event.listens_for(session, "before_flush")
    def date(of: Session, _context: object, _instances: object) -> None:
        for row in of.new:
            if isinstance(row, History):
                row.at = moment.at
            elif isinstance(row, TextVersion | Part | Contribution):
                row.created_at = moment.at


def close_steps(session: Session, part_ids: Collection[int], at: datetime) -> None:
    """Write that what was still to be done to these parts has been done."""
    session.flush()
    session.execute(
        update(Step)
        .where(Step.part_id.in_(part_ids), Step.state == StepState.OPEN)
        .values(state=StepState.DONE, ended_at=at)
        .execution_options(synchronize_session=False)
    )
