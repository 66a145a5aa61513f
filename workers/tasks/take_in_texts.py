"""Text messages: they are understood here, and become contributions, or answers to keywords."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from channels.sms.text_message import understand_text
from gateway.ingest import plain_texts
from gateway.ingest.plain_texts import PendingText
from gateway.ingest.text_intake import process_text
from gateway.intake import text_facts
from inbox.errors import Destroyed
from inbox.jobs import step_batches
from inbox.jobs.steps import Lease
from inbox.models import Step
from inbox.models.sealed_places import place_of
from inbox.storage.unit_of_work import Session
from inbox.text_rows.plain_text import MeantConsultation, PlainText
from transcription.text.language import language_of
from workers.errors import WorkersError
from workers.runtime.worker_context import WorkerContext
from workers.tasks.prepared_steps import PreparedStep
from workers.tasks.suggest_themes import prepare_text_themes
from workers.tasks.text_language import is_foreign

log = logging.getLogger(__name__)


class FactsMissing(WorkersError):
    """A step of a text message that does not say what its door understood."""

    retryable = False
    remedy = "Read the original of this intake, and type in what it says."


@dataclass(slots=True)
class _Batch:
    """Texts taken together, and what is looked up once for all of them."""

    here: WorkerContext
    session: Session
    lanes: set[str] = field(default_factory=set)
    meant: dict[tuple[str, str], MeantConsultation | None] = field(default_factory=dict)


def prepare_texts(here: WorkerContext, leases: Sequence[Lease]) -> list[PreparedStep]:
    """TAKE_IN_TEXT: how to save each text; nothing is saved of an intake that was erased."""
    with here.store.read() as session:
        found = _waiting(here, session, leases)
        batch = _Batch(here, session)
        return [_prepared(batch, lease, found.get(lease.step_id)) for lease in leases]


def _waiting(here: WorkerContext, session: Session, leases: Sequence[Lease]) -> dict[int, PendingText | Exception]:
    found: dict[int, PendingText | Exception] = {}
    rows = step_batches.facts_of_received_texts(session, leases)
    here.store.vault.open_keys(session, [row.key_id for row in rows])
    for row in rows:
        try:
            if row.sealed_facts is not None:
                place = place_of(Step.sealed_facts, row)
                text = text_facts.load_text_facts(here.store.vault.open(session, row.key_id, row.sealed_facts, place))
                text = understand_text(text)
                found[row.id] = PendingText(row.intake_id, row.received_at, row.addressed_to, row.keep_until, text)
        except Exception as error:  # noqa: BLE001 - it becomes the ending of this step alone
            found[row.id] = error
    return found


def _prepared(batch: _Batch, lease: Lease, waiting: PendingText | Exception | None) -> PreparedStep:
    here = batch.here

    def save(session: Session) -> None:
        if isinstance(waiting, Destroyed):
            return
        if isinstance(waiting, Exception):
            raise waiting
        if waiting is None:
            raise FactsMissing(f"step {lease.step_id} does not say what the text message was")
        process_text(session, here.settings, waiting.intake_id, waiting.text)

    is_first = lease.lane is None or lease.lane not in batch.lanes
    if lease.lane is not None:
        batch.lanes.add(lease.lane)
    if not is_first or not isinstance(waiting, PendingText) or not plain_texts.is_plain(waiting.text):
        return PreparedStep(save)
    return PreparedStep(save, _plain(batch, lease, waiting))


def _plain(batch: _Batch, lease: Lease, waiting: PendingText) -> PlainText | None:
    here, text = batch.here, waiting.text
    try:
        named = text.addressed_to, text.messaging_service
        if named not in batch.meant:
            batch.meant[named] = plain_texts.consultation_of_number(batch.session, text)
        meant = batch.meant[named]
        consultation, said = meant.consultation if meant else None, text.body.strip()
        known = consultation.languages if consultation else here.settings.languages
        written_in = language_of(said, known)
        if is_foreign(said, written_in, known):
            return None
        themes = prepare_text_themes(here, consultation, said, written_in)
        return plain_texts.prepare_plain_text(batch.session, here.settings, waiting, meant, themes)
    except Exception as error:  # noqa: BLE001 - whoever does it by itself meets it again, and it is judged there
        log.info("step %d is not prepared (%s)", lease.step_id, type(error).__name__)
        return None
