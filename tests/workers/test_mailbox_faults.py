"""Whatever happens on the line between a real mail server and the watcher, the intakes are exact."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox.storage.database import Store
from tests.standins.dovecot import Dovecot
from tests.workers.mailbox_line import LINE
from tests.workers.mailbox_people import PEOPLE
from tests.workers.mailbox_play import Script, stage, users
from tests.workers.mailbox_server import SERVER
from tests.workers.test_mailbox import pytestmark as pytestmark


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with Dovecot(users(len(LINE))) as running:
        yield running


@pytest.mark.usefixtures("no_rest")
@pytest.mark.parametrize(("number", "script"), list(enumerate(LINE)), ids=[script.label for script in LINE])
def test_the_intakes_are_exact(server: Dovecot, mail_store: Store, tmp_path: Path, number: int, script: Script) -> None:
    with stage(server, mail_store, tmp_path, script, number) as play:
        script.run(play)


def test_there_are_many_scripts_and_no_two_are_called_the_same() -> None:
    every = [script.label for table in (LINE, PEOPLE, SERVER) for script in table]
    assert len(set(every)) == len(every) >= 100
