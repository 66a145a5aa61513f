"""The ledger of a gateway of real processes, asked from outside."""

from __future__ import annotations

from gateway.base.store_factory import open_store
from inbox.listings.ledger import Ledger, count_ledger
from tests.workers.installation import Installation


def ledger_of(gateway: Installation) -> Ledger:
    """Every unit it has taken in, counted now."""
    store = open_store(gateway.settings)
    try:
        with store.read() as session:
            return count_ledger(session)
    finally:
        store.close()
