"""A town that takes in texts, for tests of what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from channels.base.values import Fields
from channels.providers.twilio.section import Twilio
from channels.providers.twilio.texts import TEXTS
from channels.sms import text_message
from config.enums import Queue, StepState
from config.settings.loader import Settings
from config.wording.consultation import read_consultation
from gateway.ingest.ingest import PostedWebhook, ingest_texts, prepare_text
from gateway.reading.readers import Readers
from inbox.consultations import consultation_versions
from inbox.models import Step
from inbox.storage.crypto import Keyring
from inbox.storage.database import Store
from inbox.storage.media_store import FolderMedia
from tests.fixtures_store import StoreFolders, store_folders
from workers.pools import light_steps
from workers.runtime.worker_context import WorkerContext

ACCOUNT, NUMBER = "AC" + "0" * 32, "+33298000000"


@dataclass(frozen=True)
class Text:
    """A text as it is posted: by the resident of this number, None for a withheld one."""

    by: int | None
    body: str
    more: tuple[tuple[str, str], ...] = ()

    def fields(self, number: int) -> Fields:
        sender = "anonymous" if self.by is None else f"+33639980{self.by:03}"
        posted = {
            "MessageSid": f"SM{number:032x}",
            "AccountSid": ACCOUNT,
            "From": sender,
            "To": NUMBER,
            "Body": self.body,
            "NumMedia": "0",
        }
        return Fields(posted | dict(self.more))


@dataclass
class Town:
    """A gateway that takes in texts, whose urgent pool works when it is told to."""

    here: WorkerContext

    @property
    def store(self) -> Store:
        return self.here.store

    def take_in(self, texts: Sequence[Text], first: int = 1) -> None:
        """What the web server does."""
        for number, text in enumerate(texts, first):
            posted = text.fields(number)
            [parsed] = text_message.parse_text_message(posted, TEXTS, region="FR")
            at_door = prepare_text(self.store.vault, parsed, PostedWebhook(b"%d" % number, {"path": "/hooks/sms"}))
            with self.store.write() as session:
                ingest_texts(session, [at_door])

    def work(self) -> None:
        """What the pools of light steps do."""
        for queue in (Queue.URGENT, Queue.THEMES):
            light_steps.drain_light_queue(self.here, queue)

    def open_steps(self) -> int:
        with self.store.read() as session:
            waiting = (Step.state != StepState.DONE, Step.queue.in_((Queue.URGENT, Queue.THEMES)))
            return session.scalar(select(func.count(Step.id)).where(*waiting)) or 0


class Paused:
    """The store of a town, where something else can happen before each of its writes."""

    def __init__(self, store: Store, before: Callable[[], None]) -> None:
        self._store, self._before = store, before

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A write of the store."""
        self._before()
        with self._store.write() as session:
            yield session


def paused(town: Town, before: Callable[[], None]) -> Town:
    """Somebody else who works in this town."""
    return Town(replace(town.here, store=Paused(town.store, before)))  # type: ignore[arg-type] # all it is asked for


Build = Callable[[], Town]


@pytest.fixture
def build(server: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Build]:
    """Makes towns alike: with the same keys, so that the same person is known by the same hash."""
    yield from _builds(server, tmp_path, request)


@pytest.fixture
def sqlite_build(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Build]:
    """``build`` on SQLite, for what has nothing to do with the server."""
    yield from _builds("sqlite", tmp_path, request)


def _builds(server: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Build]:
    made: list[tuple[Town, Iterator[StoreFolders]]] = []

    def town() -> Town:
        folder = tmp_path / f"town{len(made)}"
        lent = store_folders(server, folder, request, template=True)
        town = town_of(next(lent), tmp_path / "keys")
        made.append((town, lent))
        return town

    yield town
    for town, lent in made:
        town.store.close()
        next(lent, None)


def town_of(folders: StoreFolders, keys: Path) -> Town:
    """A town with an example consultation, whose database has all tables."""
    settings = Settings(
        folder=folders.data_dir,
        twilio=Twilio(account_sid=ACCOUNT, auth_tokens=(SecretStr("t"),), receives=NUMBER, sender=NUMBER),
    )
    store = Store(folders.database_url, Keyring.load_or_create(keys), FolderMedia(folders.media_dir))
    with store.write() as session:
        consultation_versions.import_consultation(session, read_consultation(settings.consultation_files[0]))
    return Town(WorkerContext(settings, store, Readers(settings)))
