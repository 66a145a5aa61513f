"""Text messages: what their doors understood becomes contributions, or answers to keywords."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.base.values import IncomingText
from gateway.ingest.text_intake import understand
from gateway.intake import text_facts
from inbox.errors import Destroyed
from inbox.jobs.steps import Lease
from inbox.models import Intake, Step
from workers.errors import WorkersError
from workers.runtime.worker_context import Workshop


class FactsMissing(WorkersError):
    """A step of a text message that does not say what its door understood."""

    retryable = False
    remedy = "Read the original of this intake, and type in what it says."


def prepare(here: Workshop, leases: Sequence[Lease]) -> list[Callable[[Session], None]]:
    """TAKE_IN_TEXT: how to save each text; nothing is saved of an intake that was erased."""
    facts = _facts(here, leases)
    return [_how_to_save(here, lease, facts.get(lease.step_id)) for lease in leases]


def _facts(here: Workshop, leases: Sequence[Lease]) -> dict[int, IncomingText | Exception]:
    found: dict[int, IncomingText | Exception] = {}
    with here.store.read() as session:
        rows = session.execute(
            select(Step.id, Step.sealed_facts, Intake.key_id)
            .join(Intake, Intake.id == Step.intake_id)
            .where(Step.id.in_([lease.step_id for lease in leases]))
        ).all()
        here.store.vault.open_keys(session, [row.key_id for row in rows])
        for row in rows:
            try:
                if row.sealed_facts is not None:
                    found[row.id] = text_facts.load(here.store.vault.open(session, row.key_id, row.sealed_facts))
            except Exception as error:  # noqa: BLE001 - it becomes the ending of this step alone
                found[row.id] = error
    return found


def _how_to_save(here: Workshop, lease: Lease, text: IncomingText | Exception | None) -> Callable[[Session], None]:
    def save(session: Session) -> None:
        if isinstance(text, Destroyed):
            return
        if isinstance(text, Exception):
            raise text
        if text is None:
            raise FactsMissing(f"step {lease.step_id} does not say what the text message was")
        assert lease.intake_id is not None
        understand(session, here.settings, lease.intake_id, text)

    return save
