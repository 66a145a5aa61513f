"""Whatever happens on the line between a real mail server and the watcher, the intakes are exact."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox.store import Store
from tests.standins.dovecot import Dovecot
from tests.workers import mailbox_faults
from tests.workers.mailbox_faults import LINE, Script, fast_store, stage, users
from tests.workers.test_mailbox import pytestmark as pytestmark
from workers import mailbox_folder


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with Dovecot(users(len(LINE))) as running:
        yield running


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with fast_store() as made:
        yield made


@pytest.mark.parametrize(("number", "script"), list(enumerate(LINE)), ids=[script.label for script in LINE])
def test_the_intakes_are_exact(
    server: Dovecot, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, script: Script
) -> None:
    monkeypatch.setattr(mailbox_folder, "FIRST_REST", 0.0)
    with stage(server, store, tmp_path, script, number) as play:
        script.run(play)


def test_there_are_many_scripts_and_no_two_are_called_the_same() -> None:
    every = [script.label for table in (LINE, mailbox_faults.PEOPLE, mailbox_faults.SERVER) for script in table]
    assert len(set(every)) == len(every) >= 100
