"""New messages whose rows have their numbers already: key, intake and arrival are written, no answer awaited."""

from __future__ import annotations

import time
from collections.abc import Sequence

from gateway.base.traces import trace_arrivals
from gateway.intake.intake_store import IncomingMessage, StoredIntake, intake_values
from inbox.models import Arrival, Intake
from inbox.models.sealed_places import place_of
from inbox.records.intake_numbers import IntakeNumbers
from inbox.storage.envelope_encryption import LooseKey, vault_of
from inbox.storage.unit_of_work import Session
from inbox.storage.upsert import insert_rows

NewMessage = tuple[IncomingMessage, LooseKey, IntakeNumbers]
"""What came, small enough to stand in a row; the key it is sealed with; and its numbers."""


def store_numbered(session: Session, several: Sequence[NewMessage]) -> list[StoredIntake]:
    """Store what is not known yet, as ``intake_store.store_messages`` does; raises where one is known after all."""
    began = time.time_ns()
    vault_of(session).adopt_numbered_keys(session, {numbers.key_id: key for _, key, numbers in several})
    intakes, arrivals = [], []
    for arrived, key, numbers in several:
        intakes.append({"id": numbers.intake_id, **intake_values(session, arrived, None, numbers.key_id)})
        arrivals.append(_arrival(arrived, key, numbers.intake_id))
    insert_rows(session, Intake, intakes)
    insert_rows(session, Arrival, arrivals)
    trace_arrivals(session, {numbers.intake_id: arrived.channel.value for arrived, _, numbers in several}, began)
    return [StoredIntake(numbers.intake_id, is_new=True, arrival_is_new=True) for _, _, numbers in several]


def _arrival(arrived: IncomingMessage, key: LooseKey, intake_id: int) -> dict[str, object]:
    original = arrived.original
    assert original is not None
    assert original.raw is not None
    row = {"intake_id": intake_id, "digest": original.digest}
    headers = original.headers
    return {
        **row,
        "kind": arrived.kind,
        "size": original.size,
        "sealed_raw": key.seal(original.raw, place_of(Arrival.sealed_raw, row)),
        "locator": None,
        "sealed_headers": key.seal_json(headers, place_of(Arrival.sealed_headers, row)) if headers else None,
        "arrived_at": arrived.received_at,
    }
