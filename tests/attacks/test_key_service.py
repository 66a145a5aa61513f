"""Who parses holds no master key: the key service opens what belongs to a step, while it is leased, on record."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from channels.base.values import Address
from config.enums import AddressKind, ArrivalKind, Channel, MediumKind, StepKind
from config.settings.loader import Settings
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.intake.part_media import NewMedium
from inbox.errors import KeysAway, KeysMissing, KeysRefused
from inbox.jobs import steps
from inbox.keys import key_service
from inbox.keys.key_service import OPENED_BESIDE, OPENED_FOR, KeyService, open_key_socket
from inbox.keys.service_keyring import KeyClient, ServiceKeyring, door_address
from inbox.models import DataKey, Intake, Part, Step
from inbox.models.column_types import utc_now
from inbox.storage import crypto
from inbox.storage.crypto import Keyring, WrappedKey, master_files, set_masters_apart
from inbox.storage.database import Store
from inbox.storage.opening_log import OpeningQuery
from tests.standins.web import free_port
from tests.workers.installation import Installation, until
from workers.processes.process_list import web_server_answers
from workers.runtime.watcher_context import open_watcher_context
from workers.watchers.watcher_threads import opens_what_came

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


class Served:
    """A store, the service of its keys, and a keyring without master keys that asks it."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.address = folder / "keys.sock"
        self.begin()
        self.keyring = ServiceKeyring(
            store.keyring.folder,
            bytes(32),
            KeyClient(self.address, patience=2.0),
        )

    def begin(self) -> None:
        self.listening = [open_key_socket(self.address), open_key_socket(door_address(self.address))]
        for line, is_for_doors in zip(self.listening, (False, True), strict=True):
            service = KeyService(self.store, line, frozenset({os.getuid()}), is_for_doors=is_for_doors)
            threading.Thread(target=service.serve, daemon=True).start()

    def end(self) -> None:
        for line in self.listening:
            line.shutdown(socket.SHUT_RDWR)
            line.close()

    def at_door(self) -> ServiceKeyring:
        client = KeyClient(door_address(self.address), patience=2.0)
        return ServiceKeyring(self.store.keyring.folder, bytes(32), client)

    def rows(self, *key_ids: int) -> dict[int, WrappedKey]:
        with self.store.read() as session:
            found = [session.get_one(DataKey, key_id) for key_id in key_ids]
            return {row.id: WrappedKey(row.master_id, row.wrapped or b"") for row in found}

    def keys(self, *key_ids: int) -> dict[int, bytes]:
        return self.keyring.unwrap_rows(self.rows(*key_ids))

    def noted(self, action: str) -> list[str]:
        return [one.subject for one in self.store.openings.find(OpeningQuery(action=action))]


@pytest.fixture
def served(sqlite_store: Store, tmp_path: Path) -> Iterator[Served]:
    found = Served(sqlite_store, tmp_path)
    yield found
    found.end()


_numbers = itertools.count(100)


def waiting_part(store: Store) -> int:
    """A part with a page to be read, from somebody of whom nothing else came."""
    number = next(_numbers)
    with store.write() as session:
        arrived = IncomingMessage(
            channel=Channel.EMAIL,
            account="avis@brest.example",
            external_id=f"{number}",
            kind=ArrivalKind.MAIL,
            raw=b"From: a",
            sender=Address(AddressKind.EMAIL, f"somebody{number}@a.example"),
        )
        intake = store_message(session, arrived).intake_id
        page = NewMedium(MediumKind.PAGE, "image/png", source=b"a page")
        create_contributions(session, intake, [NewPart("it", Channel.EMAIL, media=(page,))])
        return session.query(Part).filter_by(intake_id=intake).one().id


def leased(store: Store) -> tuple[steps.Lease, list[int]]:
    """A step of a part of its own, leased, and the keys of the part and its intake."""
    part_id = waiting_part(store)
    with store.read() as session:
        step_id = session.query(Step).filter_by(part_id=part_id, kind=StepKind.READ_PAGES).one().id
        part = session.get_one(Part, part_id)
        keys = [part.key_id, session.get_one(Intake, part.intake_id).key_id]
    lease = steps.claim_step(store, step_id, lease_seconds=60)
    assert lease is not None
    return lease, keys


def test_a_leased_steps_own_keys_are_opened_on_record(served: Served) -> None:
    lease, own = leased(served.store)
    with served.keyring.for_leases([(lease.step_id, lease.token)]):
        assert served.keys(*own) == served.store.keyring.unwrap_rows(served.rows(*own))
        served.keys(*own)
    assert served.noted(OPENED_FOR) == [f"step:{lease.step_id}"]
    assert served.store.openings.verify().broken_at is None


@pytest.mark.parametrize("case", ["no lease", "an old token", "another's step number", "ended", "run out and taken"])
def test_without_the_lease_nothing_opens(served: Served, case: str) -> None:
    lease, own = leased(served.store)
    said = {"no lease": [], "an old token": [(lease.step_id, lease.token - 1)]}.get(
        case, [(lease.step_id, lease.token)]
    )
    if case == "another's step number":
        said = [(lease.step_id + 1, lease.token)]
    if case == "ended":
        with served.store.write() as session:
            steps.end_step(session, lease, steps.Done())
    if case == "run out and taken":
        with served.store.write() as session:
            session.get_one(Step, lease.step_id).lease_until = utc_now() - timedelta(minutes=5)
        assert steps.claim_step(served.store, lease.step_id, lease_seconds=60) is not None
    with served.keyring.for_leases(said), pytest.raises(KeysRefused):
        served.keys(*own)
    assert served.noted(OPENED_FOR) == served.noted(OPENED_BESIDE) == []


def test_a_step_has_few_keys_of_others_and_each_is_on_record(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_service, "MOST_BESIDE", 4)
    lease, own = leased(served.store)
    others = [key for _ in range(4) for key in leased(served.store)[1]]
    with served.keyring.for_leases([(lease.step_id, lease.token)]):
        assert served.keys(*own, *others[:4]).keys() == {*own, *others[:4]}
        assert served.noted(OPENED_BESIDE) == [f"step:{lease.step_id}"]
        with pytest.raises(KeysRefused):
            served.keys(others[4])
        served.keys(*own)


def test_a_call_has_its_own_keys_while_it_goes_on(served: Served) -> None:
    calls = {}
    for hours in (1, 5):
        part_id = waiting_part(served.store)
        with served.store.write() as session:
            part = session.get_one(Part, part_id)
            intake = session.get_one(Intake, part.intake_id)
            intake.channel = Channel.VOICEMAIL
            intake.received_at = utc_now() - timedelta(hours=hours)
            calls[hours] = intake.id, part.key_id
    door = served.at_door()
    with door.for_call(calls[1][0]):
        assert door.unwrap_rows(served.rows(calls[1][1]))
        with pytest.raises(KeysRefused):
            door.unwrap_rows(served.rows(calls[5][1]))
    with door.for_call(calls[5][0]), pytest.raises(KeysRefused):
        door.unwrap_rows(served.rows(calls[5][1]))
    with served.keyring.for_call(calls[1][0]), pytest.raises(KeysRefused):
        served.keys(calls[1][1])  # a pool answers no calls
    assert served.noted(OPENED_FOR) == [f"call:{calls[1][0]}"]


def test_a_door_has_nothing_by_a_lease(served: Served) -> None:
    lease, own = leased(served.store)
    door = served.at_door()
    with door.for_leases([(lease.step_id, lease.token)]), pytest.raises(KeysRefused):
        door.unwrap_rows(served.rows(*own))
    assert served.noted(OPENED_FOR) == []


def test_a_calls_keys_are_at_hand_without_asking_again(served: Served) -> None:
    part_id = waiting_part(served.store)
    with served.store.write() as session:
        part = session.get_one(Part, part_id)
        intake = session.get_one(Intake, part.intake_id)
        intake.channel = Channel.VOICEMAIL
        call, own = intake.id, part.key_id
    other = leased(served.store)[1][0]
    door = served.at_door()
    with door.for_call(call, {own, other}):
        served.end()
        door._client._hang_up()  # as when its process was killed
        assert door.unwrap_rows(served.rows(own)) == served.store.keyring.unwrap_rows(served.rows(own))
        with pytest.raises(KeysAway):
            door.unwrap_rows(served.rows(other))
    served.begin()
    with pytest.raises(KeysRefused):
        door.unwrap_rows(served.rows(own))


def test_another_users_process_is_not_answered(sqlite_store: Store, tmp_path: Path) -> None:
    address = tmp_path / "keys.sock"
    listening = open_key_socket(address)
    service = KeyService(sqlite_store, listening, frozenset({os.getuid() + 1}))
    threading.Thread(target=service.serve, daemon=True).start()
    lease, own = leased(sqlite_store)
    stranger = ServiceKeyring(sqlite_store.keyring.folder, bytes(32), KeyClient(address, patience=0.2))
    with stranger.for_leases([(lease.step_id, lease.token)]), pytest.raises(KeysAway):
        stranger.unwrap_rows({own[0]: WrappedKey("", b"")})
    listening.close()


@pytest.mark.parametrize(
    "said",
    [
        b"\xff\xff\xff\xff",
        b"\0\0\0\x02[]",
        b"\0\0\0\x05{}xyz",
        b"\0\0\0\x26" + b'{"keys":["1"],"leases":[],"call":null}',
    ],
)
def test_what_is_of_no_form_ends_its_line_alone(served: Served, said: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(served.address))
        line.sendall(said)
        line.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            assert line.recv(100) == b""
    lease, own = leased(served.store)
    with served.keyring.for_leases([(lease.step_id, lease.token)]):
        assert served.keys(*own)


def test_a_service_that_is_replaced_is_waited_for(served: Served) -> None:
    lease, own = leased(served.store)
    with served.keyring.for_leases([(lease.step_id, lease.token)]):
        served.keys(own[0])
        served.end()
        threading.Timer(0.3, served.begin).start()
        served.keyring._client._hang_up()  # as when its process was killed
        assert served.keys(own[1])


def test_who_has_the_open_half_alone_wraps_and_does_not_unwrap(served: Served) -> None:
    master_id, wrapped = served.keyring.wrap(bytes(range(32)))
    assert served.store.keyring.unwrap(master_id, wrapped) == bytes(range(32))
    again = Keyring.load_or_create(served.store.keyring.folder)
    assert again.unwrap(*served.keyring.wrap(bytes(32))) == bytes(32), "also by who never saw it before"
    with pytest.raises(KeysMissing):
        served.keyring.unwrap(master_id, wrapped)
    for path in served.store.keyring.folder.glob("master-*.pub"):
        assert not any(path.read_text() in file.read_text() for file in master_files(served.store.keyring.folder))


def test_keys_set_apart_are_found_rotated_and_wrapped_anew(sqlite_store: Store) -> None:
    folder = sqlite_store.keyring.folder
    set_masters_apart(folder)
    assert not list(folder.glob("master-*.key"))
    new = sqlite_store.rotate_keys()[0]
    assert (folder / "masters" / f"master-{new}.key").exists()
    assert Keyring.load_or_create(folder).current == new == ServiceKeyring(folder, b"", KeyClient(folder)).current


def test_keys_are_found_while_they_are_being_set_apart(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process sets them apart after this one has looked where they are, and before it reads them."""
    folder, looked = sqlite_store.keyring.folder, crypto.master_files

    def set_apart_meanwhile(place: Path) -> list[Path]:
        found = looked(place)
        monkeypatch.setattr(crypto, "master_files", looked)
        set_masters_apart(place)
        return found

    monkeypatch.setattr(crypto, "master_files", set_apart_meanwhile)
    assert Keyring.load_or_create(folder).current == sqlite_store.keyring.current
    assert [path.parent.name for path in master_files(folder)] == ["masters"]


def test_two_that_set_keys_apart_at_once_leave_them_there(sqlite_store: Store) -> None:
    folder = sqlite_store.keyring.folder
    sqlite_store.keyring.rotate()
    before = [path.read_text() for path in master_files(folder)]
    at_once = threading.Barrier(4)

    def set_apart() -> None:
        at_once.wait()
        set_masters_apart(folder)

    movers = [threading.Thread(target=set_apart) for _ in range(4)]
    for one in movers:
        one.start()
    for one in movers:
        one.join()
    assert [path.read_text() for path in master_files(folder)] == before
    assert not list(folder.glob("master-*.key"))


def test_who_may_not_read_the_master_keys_makes_none(sqlite_store: Store, tmp_path: Path) -> None:
    folder = sqlite_store.keyring.folder
    set_masters_apart(folder)
    (folder / "masters").rename(tmp_path / "elsewhere")
    (folder / "masters").mkdir()
    with pytest.raises(KeysMissing):
        Keyring.load_or_create(folder)
    assert not master_files(folder)


@pytest.mark.parametrize(
    ("name", "opens"),
    [("mailbox-1", False), ("mailbox-12", False), ("poller", False), ("sweeper", True), ("reconciler", True)],
)
def test_a_watcher_that_only_takes_in_holds_no_master_key(
    sqlite_store: Store, tmp_path: Path, name: str, opens: bool
) -> None:
    keys_dir = sqlite_store.keyring.folder
    settings = Settings(folder=tmp_path, keys_dir=keys_dir, keys_socket=tmp_path / "keys.sock")
    assert opens_what_came(name) is opens
    here = open_watcher_context(settings, holds_masters=opens_what_came(name))
    assert isinstance(here.store.keyring, ServiceKeyring) is not opens
    assert bool(here.store.keyring._masters) is opens
    here.store.close()


# --- the real processes ---------------------------------------------------------------------------


def holds(pid: int, secrets: list[bytes]) -> bool:
    """Whether one of these stands anywhere in a process's memory."""
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb") as memory:
        for line in maps:
            place, rights = line.split()[:2]
            if not rights.startswith("rw"):
                continue
            start, end = (int(one, 16) for one in place.split("-"))
            try:
                memory.seek(start)
                there = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
            if any(secret in there for secret in secrets):
                return True
    return False


@pytest.mark.processes
@LINUX
@pytest.mark.skipif(not shutil.which("redis-server"), reason="Redis is not installed")
@pytest.mark.skipif(not shutil.which("tesseract"), reason="Tesseract is not installed")
def test_neither_pool_nor_door_holds_a_master_key_and_a_killed_service_loses_no_step(tmp_path: Path) -> None:
    gateway = Installation(tmp_path / "gateway", free_port())
    try:
        gateway.start("redis", "keys", "web", "urgent", "pages", "sweeper", "folders")
        for number in range(2):
            gateway.scan(number)
        assert until(lambda: gateway.held("split_pages") or gateway.held("read_pages"), 60), gateway.logs
        gateway.kill("workers.processes.key_holder")
        done = "step WHERE state IN ('done', 'needs_person') AND kind = 'read_pages'"
        assert until(lambda: gateway.count(done) == 2, 120), gateway.output + gateway.logs
        assert gateway.count("step WHERE attempts > 0") == 0, "a killed key service fails no step"
        masters = [bytes.fromhex(path.read_text()) for path in master_files(gateway.settings.keys_dir)]
        assert masters
        secrets = [*masters, *(one.hex().encode() for one in masters)]
        assert holds(gateway.pids_of("workers.processes.key_holder")[0], secrets), "the search finds what is there"
        web = gateway.settings.web
        for path in ("/sign-in", "/hooks/"):
            assert until(lambda path=path: web_server_answers(web.host, web.port, path), 60), gateway.logs  # type: ignore[misc]  # its default
        walled = ("pool urgent", "pool pages", "workers.processes.doors")
        pools = [pid for words in walled for pid in gateway.pids_of(words)]
        assert len(pools) >= len(walled)
        bare = [gateway.pids_of(f"workers.processes.{name}")[0] for name in ("supervisor", "front")]
        for pid in [*pools, *bare]:
            assert not holds(pid, secrets), gateway.processes()[pid]
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            assert not any(secret in environment for secret in secrets)
        hidden = [
            list(Path(f"/proc/{pid}/root{gateway.settings.keys_dir.resolve()}/masters").iterdir()) for pid in pools
        ]
        if "is not hidden" not in gateway.logs:
            assert hidden == [[]] * len(pools)
    finally:
        gateway.destroy()
