"""What the tests of background work share: a part with a step to do, and runners that behave badly."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

from channels.base.values import Address
from config.enums import AddressKind, ArrivalKind, Channel, MediumKind, StepKind
from config.settings.schema import Settings
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.intake.part_media import NewMedium
from gateway.reading.readers import Readers
from inbox.migrations import migrate
from inbox.models import Part, Step
from inbox.storage.database import Store
from tests.fixtures_store import StoreFolders
from workers.processes.private_redis import prepare_redis, redis_answers, redis_process
from workers.runtime.worker_context import WorkerContext
from workers.watchers import imap_sync

# Scripts that compare for several test files: a comparison that fails there is shown in full, too.
pytest.register_assert_rewrite("tests.workers.mailbox_play")


@pytest.fixture
def workshop(sqlite_store: Store, tmp_path: Path) -> Iterator[WorkerContext]:
    settings = Settings(folder=tmp_path)
    with Readers(settings) as readers:
        yield WorkerContext(settings, sqlite_store, readers)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """A private Redis, as the gateway starts its own."""
    if shutil.which("redis-server") is None:
        pytest.skip("Redis is not installed (apt install redis-server)")
    # Directly under the temporary folder: a socket's path may not be longer than 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="pv-redis-"))
    settings = Settings(folder=folder)
    prepare_redis(settings)
    process = subprocess.Popen(redis_process(settings).argv, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while not redis_answers(settings.redis_address) and time.monotonic() < deadline:
            time.sleep(0.02)
        yield settings.redis_address
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def redis_address(redis_server: str) -> str:
    """An empty Redis."""
    Redis.from_url(redis_server).flushall()
    return redis_server


@pytest.fixture(scope="module")
def mail_store() -> Iterator[Store]:
    """A store in memory where there is such a folder: hundreds of commits need not reach a disk here."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        store = Store.open(StoreFolders(f"sqlite:///{folder / 'p.db'}", folder / "data", folder / "keys"))
        migrate(store.engine)
        yield store
        store.close()


@pytest.fixture
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail that could not be fetched is tried again at once."""
    monkeypatch.setattr(imap_sync, "FIRST_REST", 0.0)


@dataclass(frozen=True)
class Waiting:
    """A part whose recording is to be read."""

    part_id: int
    step_id: int


@pytest.fixture
def recording(workshop: WorkerContext) -> Waiting:
    return add_part(workshop.store, Channel.VOICEMAIL, MediumKind.RECORDING, b"RIFF, or so it says", "CA" + 32 * "1")


def add_part(store: Store, channel: Channel, kind: MediumKind, content: bytes, external_id: str) -> Waiting:
    """An intake with one part that has one file to be read."""
    with store.write() as session:
        arrived = IncomingMessage(
            channel=channel,
            account="AC" + 32 * "0",
            external_id=external_id,
            kind=ArrivalKind.WEBHOOK,
            raw=external_id.encode(),
            sender=Address(AddressKind.PHONE, "+33639981234"),
        )
        intake = store_message(session, arrived).intake_id
        create_contributions(session, intake, [NewPart("it", channel, media=(NewMedium(kind, "", source=content),))])
        part = session.query(Part).filter_by(intake_id=intake).one()
        reads = (StepKind.READ_SPEECH, StepKind.READ_PAGES)
        step = session.query(Step).filter(Step.part_id == part.id, Step.kind.in_(reads)).one()
        return Waiting(part.id, step.id)
