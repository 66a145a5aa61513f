"""Our receipts meet fifty programs that answer mail: no loop goes on, and none that marks itself hears from us."""

from pathlib import Path

import pytest

from inbox.storage.database import Store
from tests.gateway.exchange import exchange, flaws
from tests.standins.answering_machines import MACHINES, MARKED, Machine

ROUNDS = 12
"""``make soak ONLY=loops`` does a thousand."""


def test_there_are_fifty_models() -> None:
    assert len({machine.label for machine in MACHINES}) == len(MACHINES) >= 50
    assert len(MARKED) >= 30


@pytest.mark.parametrize("machine", MACHINES, ids=[machine.label for machine in MACHINES])
def test_a_loop_ends(sqlite_store: Store, tmp_path: Path, machine: Machine) -> None:
    assert flaws(machine, ROUNDS, exchange(sqlite_store, machine, ROUNDS, tmp_path)) == []
