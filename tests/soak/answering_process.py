"""The process that a trial kills: gives answers and sends messages until nothing is left to do."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from sqlalchemy import select, update

from config.enums import StepState
from config.settings.loader import load_settings
from gateway.answers.answer_dispatch import dispatch_due_answers
from gateway.reading.readers import Readers
from inbox.models import Step
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from workers.pools.step_runner import run_step_in
from workers.runtime.worker_context import WorkerContext


def main(folder: Path) -> None:
    """Give and send, as the sweeper and the pool of senders do, in one process."""
    settings = load_settings(folder / "portevoix.toml", env={})
    store = Store.open(settings)
    with store.write() as session:
        # Whoever held a lease was killed; waiting for its end would take minutes.
        session.execute(update(Step).where(Step.state == StepState.OPEN).values(lease_until=None, not_before=utc_now()))
    with Readers(settings) as readers:
        here = WorkerContext(settings, store, readers)
        quiet = 0
        while quiet < 3:
            given = dispatch_due_answers(store, settings)
            with store.read() as session:
                due = session.scalars(
                    select(Step.id).where(Step.state == StepState.OPEN, Step.message_id.is_not(None)).limit(20)
                ).all()
            for one in due:
                run_step_in(here, one)
            quiet = 0 if given or due else quiet + 1
            time.sleep(0.01)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
