"""The fallback door keeps what it can prove, sealed and durably, answers kindly, and loses nothing on the way in."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.exc import DataError, InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from werkzeug.test import Client, TestResponse

from channels.providers.twilio.calls import parse_call
from channels.providers.twilio.provider import EMPTY_TWIML
from channels.providers.twilio.section import Twilio
from config.enums import AddressKind, ArrivalKind
from config.probe import Unavailable
from config.settings.schema import Settings
from config.settings.sections.web_section import Fallback
from config.wording.consultation import read_consultation
from gateway.base import door_keys, settings_snapshot
from gateway.base.door_keys import DoorKeys
from gateway.cli import portevoix
from gateway.ingest.ingest import PostedWebhook, ingest_call_request, store_recording
from gateway.probes.telephone_probes import telephone_probes
from gateway.spool.fallback_app import FallbackDoor
from gateway.spool.spool_files import Spool, SpooledWebhook
from inbox.backup.backups import create_backup, restore_from_backup
from inbox.consultations import consultation_versions, contributors
from inbox.erasure.erase import erase_intake
from inbox.errors import Damaged, KeysMissing
from inbox.jobs import reconciliation
from inbox.listings.ledger import count_ledger
from inbox.models import Arrival, Contribution, Intake, Medium, Part, Refusal
from inbox.models.column_types import utc_now
from inbox.storage.crypto import MASTERS, Keyring, new_key, seal, set_masters_apart
from inbox.storage.database import Store
from inbox.storage.media_store import FolderMedia
from tests.at_once import understand_at_once
from tests.opened import bytes_in, json_in
from tests.standins.telephone import Fields, sign
from tests.standins.twiml import listen
from workers.runtime.watcher_context import WatcherContext
from workers.watchers import spool_import
from workers.watchers.spool_import import import_spool, open_spool, tidy_spool

TOKEN, ACCOUNT = "token-of-the-tests", "AC" + "0123456789abcdef" * 2
MAIN, URL = "https://avis.ville.example", "https://secours.ville.example"
NUMBER, RESIDENT = "+33298000000", "+33639980001"
SAID = "Plus de bancs rue de Siam"


@dataclass
class Door:
    """The fallback door of a town, and its gateway for later."""

    here: WatcherContext
    client: Client

    @property
    def spool(self) -> Spool:
        return open_spool(self.here)

    def post(self, path: str, fields: Fields, *, url: str = URL, signature: str | None = None) -> TestResponse:
        stated = sign(url + path, fields, TOKEN) if signature is None else signature
        headers = {"X-Twilio-Signature": stated, "I-Twilio-Idempotency-Token": "once"}
        plain, _, query = path.partition("?")
        return self.client.post(
            plain,
            query_string=query,
            data=urlencode(fields),
            content_type="application/x-www-form-urlencoded",
            headers=headers,
            environ_overrides={"RAW_URI": path},
        )

    def text(self, body: str = SAID, number: int = 1, **more: str) -> TestResponse:
        return self.post("/hooks/sms", text_fields(body, number, **more))

    def count(self, model: type) -> int:
        with self.here.store.read() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0


def text_fields(body: str = SAID, number: int = 1, **more: str) -> Fields:
    facts = {"MessageSid": f"SM{number:032x}", "AccountSid": ACCOUNT, "From": RESIDENT, "To": NUMBER, "Body": body}
    failed = {"NumMedia": "0", "ErrorCode": "11200", "ErrorUrl": f"{MAIN}/hooks/sms"}
    return list((facts | failed | more).items())


def call_fields(**more: str) -> Fields:
    facts = {"CallSid": "CA" + "1" * 32, "AccountSid": ACCOUNT, "From": RESIDENT, "To": NUMBER}
    return list((facts | {"CallStatus": "in-progress"} | more).items())


RECORDED = {"RecordingSid": "RE" + "2" * 32, "RecordingUrl": "https://api.twilio.com/x", "RecordingDuration": "4"}


@pytest.fixture
def door(sqlite_store: Store, tmp_path: Path) -> Door:
    settings = Settings(
        folder=tmp_path,
        keys_dir=sqlite_store.keyring.folder,
        town_name="Brest",
        public_url=MAIN,
        twilio=Twilio(account_sid=ACCOUNT, auth_tokens=(SecretStr(TOKEN),), receives=NUMBER, sender=NUMBER),
        fallback=Fallback(public_url=URL),
    )
    with sqlite_store.write() as session:
        consultation_versions.import_consultation(session, read_consultation(settings.consultation_files[0]))
    understand_at_once(sqlite_store, settings)
    return Door(WatcherContext(settings, sqlite_store), Client(FallbackDoor(settings)))


# --- what the caller hears


def test_a_text_is_acknowledged_with_nothing_to_say(door: Door) -> None:
    answer = door.text()
    assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/xml", EMPTY_TWIML)


HEARD: dict[str, tuple[str, dict[str, str], list[str], str, bool]] = {
    # label: path, fields, words said (their beginnings), language, records
    "greeting": ("/hooks/voice", {}, ["Bonjour, ici Brest"], "fr-FR", True),
    "greeting in the language chosen before": (
        "/hooks/voice",
        {"ErrorUrl": f"{MAIN}/hooks/voice/key?l=en"},
        ["Hello, this is Brest"],
        "en-GB",
        True,
    ),
    "second tone": ("/hooks/voice/speak?l=fr&n=2", {}, ["Nous n'avons rien entendu"], "fr-FR", True),
    "goodbye": ("/hooks/voice/speak?l=fr&n=3", {}, ["Nous n'avons toujours rien entendu"], "fr-FR", False),
    "thanks": ("/hooks/voice/spoken?l=en", RECORDED, ["Thank you, your message is recorded"], "en-GB", False),
    "the gateway fell silent after the recording": (
        "/hooks/voice",
        {"ErrorUrl": f"{MAIN}/hooks/voice/thanks?l=fr&r=RE{'2' * 32}"},
        ["Merci, votre message est bien enregistré"],
        "fr-FR",
        False,
    ),
    "hung up": ("/hooks/voice/spoken", {"CallStatus": "completed"}, [], "", False),
}


@pytest.mark.parametrize(("path", "more", "said", "language", "records"), HEARD.values(), ids=HEARD.keys())
def test_heard(door: Door, path: str, more: dict[str, str], said: list[str], language: str, records: bool) -> None:
    answer = door.post(path, call_fields(**more))
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    heard = listen(answer.text, keys="", speaks=True)
    assert [one[: len(begins)] for one, begins in zip(heard.said, said, strict=True)] == said
    assert heard.languages == ([language] if language else [])
    assert (heard.record is not None) == records
    if heard.record is not None:
        assert heard.record["action"].startswith(f"{URL}/hooks/voice/spoken")
        assert heard.record["recordingStatusCallback"].startswith(f"{URL}/hooks/voice/recording")
        assert heard.record["recordingStatusCallbackEvent"] == "completed absent"
    assert len(door.spool.waiting()) == 1


# --- what is refused


def _unsigned(door: Door) -> TestResponse:
    return door.post("/hooks/sms", text_fields(), signature="")


def _signed_for_the_main_door(door: Door) -> TestResponse:
    return door.post("/hooks/sms", text_fields(), url=MAIN)


def _forged(door: Door) -> TestResponse:
    return door.post("/hooks/voice", call_fields(), signature="bm90aGluZw==")


def _another_account(door: Door) -> TestResponse:
    return door.text(AccountSid="AC" + "9" * 32)


def _no_text(door: Door) -> TestResponse:
    return door.text(MessageSid="SM1")


def _no_call(door: Door) -> TestResponse:
    return door.post("/hooks/voice/recording", [("AccountSid", ACCOUNT), *RECORDED.items()])


def _huge(door: Door) -> TestResponse:
    return door.text("x" * 300_000)


REFUSED: dict[str, tuple[Callable[[Door], TestResponse], str, str]] = {
    "no signature": (_unsigned, "fallback-texts", "missing_signature"),
    "signed for the main door": (_signed_for_the_main_door, "fallback-texts", "wrong_signature"),
    "forged": (_forged, "fallback-calls", "wrong_signature"),
    "another account": (_another_account, "fallback-texts", "wrong_account"),
    "no text message": (_no_text, "fallback-texts", "malformed"),
    "no call": (_no_call, "fallback-calls", "malformed"),
    "huge": (_huge, "fallback-texts", "malformed"),
}


@pytest.mark.parametrize(("asked", "named", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_and_counted(door: Door, asked: Callable[[Door], TestResponse], named: str, reason: str) -> None:
    assert [asked(door).status_code, asked(door).status_code] == [403, 403]
    assert door.spool.waiting() == []
    import_spool(door.here)
    import_spool(door.here)
    with door.here.store.read() as session:
        rows = session.execute(select(Refusal.door, Refusal.day, Refusal.count, Refusal.reason)).all()
    assert rows == [(named, datetime.now(UTC).date(), 2, reason)]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/hooks/sms"), ("POST", "/"), ("POST", "/hooks/sms/status"), ("POST", "/hooks/voicex")]
)
def test_nothing_else_is_there(door: Door, method: str, path: str) -> None:
    assert door.client.open(path, method=method).status_code == 404


def test_a_full_disk_is_said_but_not_to_callers_and_leaves_nothing_half_written(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", disk_full)
        assert door.text().status_code == 503
        called = door.post("/hooks/voice", call_fields())
        assert (called.status_code, listen(called.text, keys="", speaks=True).record is not None) == (200, True)
    assert [file for file in door.here.settings.spool_dir.iterdir() if file.is_file()] == []
    assert door.text().status_code == 200


# --- how it is kept


def test_nothing_lies_in_the_clear_and_twice_is_once(door: Door) -> None:
    assert [door.text().status_code for _ in range(3)] == [200] * 3
    (file,) = door.spool.waiting()
    kept = file.read_bytes() + file.name.encode()
    assert not [word for word in (SAID, RESIDENT, NUMBER, ACCOUNT, "Siam") if word.encode() in kept]
    assert oct(file.parent.stat().st_mode)[-3:] == "700"


def test_the_process_needs_neither_database_nor_redis() -> None:
    names = "sqlalchemy redis rq flask alembic"
    code = f"import sys, workers.processes.fallback; print([m for m in '{names}'.split() if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- how it is taken in


def test_texts_are_taken_in_in_the_order_in_which_they_came(door: Door) -> None:
    for number, body in enumerate(("STOP", "REPRENDRE", SAID, "et des arbres"), start=1):
        door.text(body, number)
    came = datetime.now(UTC)
    assert import_spool(door.here) == 4
    assert (door.spool.waiting(), door.spool.held(), import_spool(door.here)) == ([], [], 0)
    with door.here.store.read() as session:
        intakes = session.scalars(select(Intake).order_by(Intake.id)).all()
        assert [intake.external_id for intake in intakes] == [f"SM{number:032x}" for number in (1, 2, 3, 4)]
        assert all(intake.received_at < came for intake in intakes)
        assert not contributors.has_opted_out(session, AddressKind.PHONE, RESIDENT, door.here.settings.town)
        arrival = session.scalars(select(Arrival).order_by(Arrival.id)).all()[2]
        raw = bytes_in(arrival, "sealed_raw")
        headers = json_in(arrival, "sealed_headers")
        assert (arrival.kind, raw) == (ArrivalKind.WEBHOOK, urlencode(text_fields(number=3)).encode())
        assert headers["path"] == "/hooks/sms"
        assert count_ledger(session).balanced
    assert door.count(Contribution) == 1, "two texts of one thought"


def test_a_call_and_its_recording_are_one_contribution(door: Door) -> None:
    door.post("/hooks/voice", call_fields())
    door.post("/hooks/voice/spoken?l=fr", call_fields(**RECORDED))
    door.post("/hooks/voice/recording?l=fr", call_fields(**RECORDED, RecordingStatus="completed"))
    door.post("/hooks/voice/status", call_fields(CallStatus="completed"))
    assert import_spool(door.here) == 4
    assert [door.count(model) for model in (Intake, Part, Contribution, Medium)] == [1, 1, 1, 1]


FELL_SILENT: dict[str, tuple[str, str, list[bool]]] = {
    # label: where in the dialogue the gateway did not answer, the call's language, which recordings count
    "after the recording": ("/spoken?l=en", "en", [True]),
    "after another one, to start again": (f"/spoken?l=en&r=RE{'1' * 32}", "en", [False, True]),
    "at the greeting": ("", "", []),
    "before anything was said": ("/speak?l=en", "en", []),
}


@pytest.mark.parametrize(("at", "language", "counts"), FELL_SILENT.values(), ids=FELL_SILENT.keys())
def test_a_call_during_which_the_gateway_fell_silent(door: Door, at: str, language: str, counts: list[bool]) -> None:
    first, second = ("RE" + digit * 32 for digit in "12")
    if len(counts) == 2:
        recorded = parse_call(dict(call_fields(**RECORDED | {"RecordingSid": first})))
        assert recorded.recording is not None
        with door.here.store.write() as session:
            intake = ingest_call_request(session, recorded, PostedWebhook(b"before", {})).intake_id
            store_recording(session, door.here.settings, intake, recorded.recording)
    more = RECORDED | {"RecordingSid": second} if counts else {}
    door.post("/hooks/voice", call_fields(**more, ErrorUrl=f"{MAIN}/hooks/voice{at}", ErrorCode="11200"))
    assert import_spool(door.here) == 1
    with door.here.store.read() as session:
        assert session.scalars(select(Intake.language)).one() == (language or None)
        media = session.scalars(select(Medium).order_by(Medium.position)).all()
        assert [medium.discarded_at is None for medium in media] == counts


def test_what_the_main_door_took_as_well_is_the_same(door: Door) -> None:
    door.text()
    with door.here.store.write() as session:
        (file,) = door.spool.waiting()
        kept = door.spool.read(file)
        spool_import.parse_spooled_webhook(door.here.settings, kept, spool_import.posted_webhook(kept))(session)
    assert import_spool(door.here) == 1
    assert [door.count(model) for model in (Intake, Contribution, Arrival)] == [1, 1, 1]


def test_a_file_that_cannot_be_taken_in_is_held_and_keeps_nothing_back(door: Door) -> None:
    door.text(number=1)
    (damaged,) = door.spool.waiting()
    sealed = damaged.read_bytes()
    damaged.write_bytes(sealed[:-1])
    door.text(number=2)
    assert import_spool(door.here) == 1
    (held,) = door.spool.held()
    assert (held.file.name, held.reason[:30]) == (damaged.name, "a sealed value does not open; ")
    held.file.write_bytes(sealed)
    assert (door.spool.release(), door.spool.held()) == (1, [])
    assert import_spool(door.here) == 1
    assert door.count(Intake) == 2


TROUBLES: dict[str, tuple[Exception, bool]] = {
    # label: what storing raises, whether the file is tried again
    "gone": (OperationalError("SELECT", None, Exception("gone")), True),
    "no connection left": (NoConnectionLeft("QueuePool limit"), True),
    "connection closed": (InterfaceError("SELECT", None, Exception("closed")), True),
    "no room on the disk": (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), True),
    "a value the database does not take": (DataError("INSERT", None, Exception("too long")), False),
    "a value that never reached it": (StatementError("naive", "INSERT", None, Exception("naive")), False),
    "a mistake of ours": (KeyError("x"), False),
}


@pytest.mark.parametrize(("error", "is_tried_again"), TROUBLES.values(), ids=TROUBLES.keys())
def test_trouble_of_the_database_costs_no_file(
    door: Door, monkeypatch: pytest.MonkeyPatch, error: Exception, is_tried_again: bool
) -> None:
    def fails(*_: object) -> None:
        raise error

    door.text()
    with monkeypatch.context() as patch:
        patch.setattr(spool_import, "ingest_text", fails)
        with pytest.raises(type(error)) if is_tried_again else nullcontext():
            import_spool(door.here)
    assert (len(door.spool.waiting()), len(door.spool.held())) == ((1, 0) if is_tried_again else (0, 1))
    assert (door.spool.release(), import_spool(door.here)) == (0 if is_tried_again else 1, 1)


# --- erasing reaches it


@pytest.mark.parametrize("is_call", [False, True], ids=["text", "call"])
def test_what_is_held_goes_with_the_intake_it_belongs_to(door: Door, is_call: bool) -> None:
    for number in (1, 2):
        if is_call:
            door.post("/hooks/voice", call_fields(CallSid=f"CA{number:032x}"))
        else:
            door.text(number=number)
    files = door.spool.waiting()
    sealed = [file.read_bytes() for file in files]
    assert import_spool(door.here) == 2
    for file, content in zip(files, sealed, strict=True):
        file.write_bytes(content)
        door.spool.hold(file, "for a reason of its own")
    assert tidy_spool(door.here) == 0
    with door.here.store.write() as session:
        erase_intake(session, 1, None, "test")
    assert [tidy_spool(door.here), tidy_spool(door.here)] == [1, 0]
    assert [one.file.name for one in door.spool.held()] == [files[1].name]
    assert len(list((door.here.settings.spool_dir / "held").iterdir())) == 2, "the other one and its reason"


def test_what_was_erased_after_the_backup_that_was_restored_stays_away(door: Door, tmp_path: Path) -> None:
    door.text(number=1)
    (file,) = door.spool.waiting()
    sealed = file.read_bytes()
    create_backup(door.here.store, tmp_path / "before.backup")
    import_spool(door.here)
    with door.here.store.write() as session:
        erase_intake(session, 1, None, "test")
    restored, keyring = tmp_path / "restored", door.here.store.keyring
    restored.mkdir()
    url = f"sqlite:///{restored / 'new.sqlite'}"
    restore_from_backup(tmp_path / "before.backup", url=url, keyring=keyring, media=FolderMedia(restored))
    store = Store(url, keyring, FolderMedia(restored))
    again = Door(WatcherContext(door.here.settings, store), door.client)
    file.write_bytes(sealed)
    again.text(number=2)
    assert import_spool(again.here) == 1
    assert (again.spool.waiting(), again.spool.held(), again.count(Intake)) == ([], [], 1)
    store.close()


# --- what else lies there


def test_what_others_put_there_keeps_nothing_back(door: Door) -> None:
    counts = door.here.settings.spool_dir / "refused"
    for name in ("notes.txt", "2027-02-31.fallback-texts.malformed", ".nfs0001", "2027-01-01.x"):
        (counts / name).write_bytes(b"...")
    _unsigned(door)
    door.text()
    assert [import_spool(door.here) for _ in range(3)] == [1, 0, 0]
    with door.here.store.read() as session:
        assert session.execute(select(Refusal.door, Refusal.count)).all() == [("fallback-texts", 1)]
    assert len(list(counts.iterdir())) == 4


def test_a_refusal_counted_while_others_are_taken_in_is_not_lost(door: Door) -> None:
    _unsigned(door)
    with next((door.here.settings.spool_dir / "refused").iterdir()).open("ab") as still_open:
        import_spool(door.here)
        still_open.write(b".")
    _unsigned(door)
    for _ in range(3):
        import_spool(door.here)
    with door.here.store.read() as session:
        assert session.scalars(select(Refusal.count)).all() == [3]


def test_what_a_killed_process_left_half_written_is_removed_in_time(door: Door) -> None:
    old, young, foreign = (door.here.settings.spool_dir / name for name in (f".{'0' * 16}", f".{'1' * 16}", ".other"))
    for file in (old, young, foreign):
        file.write_bytes(b"half")
    for file in (old, foreign):
        os.utime(file, (time.time() - 7200,) * 2)
    tidy_spool(door.here)
    assert [file.exists() for file in (old, young, foreign)] == [False, True, True]


def test_what_is_kept_after_a_rotation_is_sealed_for_the_new_half(door: Door) -> None:
    door.text(number=1)
    keys_dir, time_ago = door.here.settings.keys_dir, time.time() - 7200
    for file in keys_dir.glob("*.key"):
        os.utime(file, (time_ago, time_ago))
    Keyring.load_or_create(keys_dir).rotate()
    door_keys.follow_generation(keys_dir, door.spool.halves())
    door.text(number=2)
    assert len(door.spool.halves()) == 2
    for file in keys_dir.glob("*.key"):
        os.utime(file, (time_ago, time_ago))
    door_keys.follow_generation(keys_dir, door.spool.halves())
    assert import_spool(door.here) == 2, "what waits is still needed"
    door_keys.follow_generation(keys_dir, door.spool.halves())
    assert len(list(keys_dir.glob("spool-*.key"))) == 1


def test_what_opens_the_spool_lies_with_the_master_keys_where_they_are_apart(door: Door) -> None:
    keys_dir = door.here.settings.keys_dir
    door.text(number=1)
    set_masters_apart(keys_dir)
    assert not list(keys_dir.glob("spool-*.key"))
    door.text(number=2)
    assert import_spool(door.here) == 2
    for file in (keys_dir / MASTERS).glob("*.key"):
        os.utime(file, (time.time() - 7200,) * 2)
    Keyring.load_or_create(keys_dir).rotate()
    door_keys.follow_generation(keys_dir, set())
    door.text(number=3)
    assert import_spool(door.here) == 1, "and so does one that was made since"
    assert not list(keys_dir.glob("spool-*.key"))


def test_a_half_that_was_just_replaced_is_kept(door: Door) -> None:
    """The door may have read its open half, and be about to write."""
    door.text(number=1)
    keys_dir = door.here.settings.keys_dir
    for file in keys_dir.glob("*.key"):
        os.utime(file, (time.time() - 7200,) * 2)
    Keyring.load_or_create(keys_dir).rotate()
    door_keys.follow_generation(keys_dir, ())
    assert import_spool(door.here) == 1


def test_what_an_earlier_version_kept_is_taken_in(door: Door) -> None:
    """Under a key of its own, wrapped by the master key."""
    door.text()
    (file,) = door.spool.waiting()
    said = DoorKeys.of_gateway(door.here.settings.keys_dir).open_webhook(file.read_bytes().partition(b"\n")[2])
    key = new_key()
    master_id, wrapped = door.here.store.keyring.wrap(key)
    head = json.dumps({"master": master_id, "key": wrapped.hex()}).encode()
    file.write_bytes(head + b"\n" + seal(key, said))
    assert (door.spool.masters(), door.spool.halves()) == ({master_id}, set())
    assert import_spool(door.here) == 1


# --- what the door can read --------------------------------------------------------------------------


def test_it_runs_on_its_own_keys_alone_and_opens_nothing(door: Door, tmp_path: Path) -> None:
    """As where systemd shows it no other folder: it answers, keeps, and cannot read back what it kept."""
    settings_snapshot.write_snapshot(door.here.settings, {"town": "Ville"})
    shutil.copytree(door.here.settings.keys_dir / "door", tmp_path / "shown" / "door")
    shown = door.here.settings.model_copy(update={"keys_dir": tmp_path / "shown"})
    alone = FallbackDoor(shown)
    alone._spool.put(SpooledWebhook("/hooks/sms", b"Body=un+banc", {}, utc_now()))
    assert settings_snapshot.read_snapshot(shown) == {"town": "Ville"}
    (file,) = door.spool.waiting()
    with pytest.raises(KeysMissing):
        alone._spool.read(file)
    assert [one.name for one in (tmp_path / "shown").iterdir()] == ["door"]
    assert door.spool.read(file).body == b"Body=un+banc"


def test_who_has_not_the_doors_keys_makes_nothing_that_is_taken_in(door: Door) -> None:
    """The open half alone, which is no secret to whoever sees the folder's names, is not enough."""
    keys = DoorKeys.of_gateway(door.here.settings.keys_dir)
    said = keys.seal_webhook(b"{}")
    assert keys.open_webhook(said) == b"{}"
    forged = replace(keys, shared=b"?" * 32).seal_webhook(b"{}")
    others = [forged, said[:-1], said[:20] + b"?" + said[21:], keys.seal_settings(b"{}"), b"", b"?" * 200]
    for one in others:
        with pytest.raises((Damaged, KeysMissing)):
            keys.open_webhook(one)
    with pytest.raises(Damaged):
        keys.open_settings(said)


def test_looking_makes_nothing(tmp_path: Path) -> None:
    settings = tmp_path / "portevoix.toml"
    settings.touch()
    done = CliRunner().invoke(portevoix, ["--settings", str(settings), "spool"])
    assert (done.exit_code, done.output) == (0, "0 wait to be taken in\n")
    assert list(tmp_path.iterdir()) == [settings]


def test_the_doctor_says_what_is_held_and_what_was_found_late(door: Door) -> None:
    probes = {probe.name: probe for probe in telephone_probes(door.here.settings, lambda: door.here.store)}
    assert [probes[name].check() for name in ("lost webhooks", "fallback spool")] == ["none in 7 days", "empty"]
    door.text()
    assert probes["fallback spool"].check() == "1 wait to be taken in"
    (file,) = door.spool.waiting()
    door.spool.hold(file, "damaged")
    with door.here.store.write() as session:
        reconciliation.count_caught_up(session, "sms")
        reconciliation.count_caught_up(session, "sms")
    with pytest.raises(Unavailable, match="1 cannot be taken in: damaged"):
        probes["fallback spool"].check()
    with pytest.raises(Unavailable, match="found late in 7 days: 2 × sms"):
        probes["lost webhooks"].check()
