"""The data keys that answering a call needs, opened before a write begins: in it there is nothing but SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from channels.base.values import IncomingCall
from channels.voice import Place, demand_of_request
from inbox.keys.called_keys import keys_of_answer, keys_of_call
from inbox.records import references
from inbox.storage.database import Store


@contextmanager
def keys_at_hand(store: Store, place: Place, call: IncomingCall) -> Iterator[None]:
    """Within the block a request of this call can be stored and answered; of a new call there is nothing to open."""
    asked = demand_of_request(place, call)
    number = references.parse_reference(asked.state_of or asked.understood or "")
    with store.read() as session:
        about = references.contribution_of(session, number) if number else None
        known = keys_of_call(session, call.account, call.external_id, about)
    with store.keyring.for_call(known.intake_id, known.key_ids):
        yield


@contextmanager
def answers_key_at_hand(store: Store, message_id: int) -> Iterator[None]:
    """Within the block the answer can be told for whose sake this message has somebody called."""
    with store.read() as session:
        key_ids = keys_of_answer(session, message_id)
    with store.keyring.for_call(None, key_ids):
        yield
