"""Calls when something of ours fails, and the two addresses that hand out sound: what they never do."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels import voice
from config.call_length import LONGEST_CALL
from config.enums import StepKind
from config.settings.loader import Settings
from config.settings.sections.voicemail_section import Voicemail
from gateway.reading.readers import Readers
from gateway.receipts.prompt_recordings import misnamed_prompt_files, prompt_files
from gateway.web import telephone_hooks
from gateway.web.app import create_app
from inbox.erasure.erase import erase_contribution
from inbox.jobs.enqueue import add_step
from inbox.models import Contribution, Intake, Medium
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from tests.gateway.conftest import Provider, call_fields, text_fields
from tests.standins.twiml import parse
from transcription.base.values import Transcript
from workers.pools.step_runner import run_step_in
from workers.runtime.worker_context import WorkerContext

SID = "RE" + "a" * 32
URL = f"https://api.twilio.com/2010-04-01/Accounts/AC/Recordings/{SID}"
RECORDED = {"RecordingSid": SID, "RecordingUrl": URL, "RecordingDuration": "12"}
SOUND = b"RIFF of a resident"


def says_nothing_right(*_: object) -> str:
    """A dialogue that fails at every place."""
    raise KeyError("no such text")


def test_nobody_hears_an_error_when_nothing_can_be_said(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice, "answer_call", says_nothing_right)
    answer = provider.post("/hooks/voice", call_fields())
    said = [verb.text or "" for verb in parse(answer.text)]
    assert answer.status_code == 200
    assert said[0].startswith("Bonjour. Un problème de notre côté")
    assert ElementTree.fromstring(answer.text)[-1].tag == "Hangup"


def test_a_caller_does_not_wait_for_somebody_who_holds_the_database(
    provider: Provider, gateway_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider gives a caller up after 15 seconds (error 11205)."""
    assert telephone_hooks.CALLER_WAITS <= 5
    monkeypatch.setattr(telephone_hooks, "CALLER_WAITS", 0.3)
    other = sqlite3.connect(str(gateway_store.engine.url.database))
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    answer = provider.post("/hooks/voice", call_fields())
    other.close()
    assert time.monotonic() - started < 5
    assert answer.status_code == 200
    assert "<Record" in answer.text


def test_a_forged_request_is_refused_also_while_nothing_can_be_counted(
    provider: Provider, gateway_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telephone_hooks, "CALLER_WAITS", 0.3)
    other = sqlite3.connect(str(gateway_store.engine.url.database))
    other.execute("BEGIN IMMEDIATE")
    answer = provider.post("/hooks/sms", text_fields("forged"), signature="Zm9yZ2Vk")
    other.close()
    assert answer.status_code == 403


def test_unknown_parameters_change_nothing(provider: Provider) -> None:
    usual = provider.post("/hooks/voice", call_fields())
    more = {"StirVerstat": "TN-Validation-Passed-A", "CallToken": "%7B%22", "Ünbekannt": "ç", "Digits": "hang"}
    assert provider.post("/hooks/voice", call_fields(number=2, **more)).data == usual.data


# --- what was said, again


@pytest.fixture
def address(provider: Provider, gateway_store: Store) -> str:
    """Where a call's recording can be played from, once it is here."""
    provider.post("/hooks/voice/spoken?l=en", call_fields(**RECORDED))
    with gateway_store.write() as session:
        medium = session.scalars(select(Medium)).one()
        medium.locator = vault_of(session).put_file(session, medium.part.key_id, SOUND)
    answer = provider.post(f"/hooks/voice/again?l=en&r={SID}", call_fields())
    (play,) = ElementTree.fromstring(answer.text).iter("Play")
    assert provider.post(f"/hooks/voice/again?l=en&r={SID}", call_fields()).data == answer.data
    return (play.text or "").partition(".example")[2]


def test_a_recording_is_played_from_our_own_copy(client: FlaskClient, address: str) -> None:
    got = client.get(address)
    assert (got.status_code, got.data, got.mimetype) == (200, SOUND, "audio/wav")
    assert got.headers["Cache-Control"] == "no-store"


def test_another_call_is_not_told_where(provider: Provider, address: str) -> None:
    assert address
    answer = provider.post(f"/hooks/voice/again?l=en&n=4&r={SID}", call_fields(number=2))
    assert "<Play" not in answer.text


FORGED = {
    "another recording": ("m=1", "m=2"),
    "a longer time": ("u=", "u=9"),
    "another proof": ("p=", "p=0"),
    "no proof": ("&p=", "&q="),
    "no number": ("m=1", "m=x"),
    "a proof of other letters": ("p=", "p=é"),
}


@pytest.mark.parametrize(("said", "instead"), FORGED.values(), ids=FORGED)
def test_a_forged_address_opens_nothing(client: FlaskClient, address: str, said: str, instead: str) -> None:
    assert said in address
    assert client.get(address.replace(said, instead)).status_code == 404


def spoken_anew(session: Session) -> None:
    session.scalars(select(Medium)).one().discarded_at = utc_now()


def erased(session: Session) -> None:
    erase_contribution(session, session.scalars(select(Contribution.id)).one(), by=None, reason="test")


GONE = {"spoken anew": spoken_anew, "erased": erased}


@pytest.mark.parametrize("becomes", GONE.values(), ids=GONE)
def test_what_is_gone_is_not_played(client: FlaskClient, gateway_store: Store, address: str, becomes: Any) -> None:
    with gateway_store.write() as session:
        becomes(session)
    assert client.get(address).status_code == 404


def test_an_address_is_good_for_a_call_only(
    client: FlaskClient, provider: Provider, gateway_store: Store, address: str
) -> None:
    assert client.get(address).status_code == 200
    with gateway_store.write() as session:
        session.scalars(select(Intake)).one().received_at -= LONGEST_CALL + timedelta(seconds=1)
    answer = provider.post(f"/hooks/voice/again?l=en&r={SID}", call_fields())
    (play,) = ElementTree.fromstring(answer.text).iter("Play")
    assert client.get((play.text or "").partition(".example")[2]).status_code == 404


# --- the town's own recordings


@pytest.fixture
def prompts(gateway_settings: Settings, tmp_path: Path) -> Path:
    folder = tmp_path / "prompts"
    for name in ("fr/voice_greeting.wav", "fr/digit-0.wav", "rues-et-places/fr/voice_question.wav"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"RIFF " + name.encode())
    (folder / "fr/voice_rights.mp3").write_bytes(b"ID3 rights")
    (folder / "fr/notes.wav").write_bytes(b"RIFF notes")
    (folder / "fr/voice_closed.wav").write_bytes(b"passwords")
    (folder / "fr/voice_thanks.txt").write_bytes(b"RIFF")
    (folder / "secret.wav").write_bytes(b"RIFF secret")
    (tmp_path / "outside.wav").write_bytes(b"RIFF outside")
    (folder / "fr/voice_goodbye.wav").symlink_to(tmp_path / "outside.wav")
    (folder / "en").symlink_to(tmp_path)
    (tmp_path / "voice_greeting.wav").write_bytes(b"RIFF outside too")
    return folder


@pytest.fixture
def listener(gateway_settings: Settings, gateway_store: Store, prompts: Path) -> FlaskClient:
    settings = gateway_settings.model_copy(update={"voicemail": Voicemail(prompts_dir=prompts)})
    return create_app(settings, gateway_store).test_client()


SERVED = {
    "all/fr/voice_greeting.wav": ("audio/wav", b"RIFF fr/voice_greeting.wav"),
    "all/fr/voice_rights.mp3": ("audio/mpeg", b"ID3 rights"),
    "all/fr/digit-0.wav": ("audio/wav", b"RIFF fr/digit-0.wav"),
    "rues-et-places/fr/voice_question.wav": ("audio/wav", b"RIFF rues-et-places/fr/voice_question.wav"),
}


@pytest.mark.parametrize("name", SERVED)
def test_a_prompt_is_served(listener: FlaskClient, name: str) -> None:
    got = listener.get(f"/hooks/voice/prompts/{name}?v=1")
    assert (got.status_code, got.mimetype, got.data) == (200, *SERVED[name])


NEVER_SERVED = [
    "all/fr/notes.wav",
    "all/fr/voice_closed.wav",
    "all/fr/voice_thanks.txt",
    "all/fr/voice_goodbye.wav",
    "all/en/voice_greeting.wav",
    "all/fr/voice_greeting.mp3",
    "all/fr/voice_greeting",
    "all/fr/voice_question.wav",
    "fr/secret.wav/x",
    "../fr/voice_greeting.wav",
    "%2e%2e/prompts/voice_greeting.wav",
    "all/..%2ffr/voice_greeting.wav",
    "all/fr/..%2f..%2foutside.wav",
    "rues-et-places%2f../fr/voice_greeting.wav",
    "/etc/passwd",
]


@pytest.mark.parametrize("name", NEVER_SERVED)
def test_nothing_else_can_be_read(listener: FlaskClient, name: str) -> None:
    got = listener.get(f"/hooks/voice/prompts/{name}")
    assert (got.status_code, b"RIFF" in got.data) == (404, False)


def test_without_a_folder_there_is_nothing(client: FlaskClient) -> None:
    assert client.get("/hooks/voice/prompts/all/fr/voice_greeting.wav").status_code == 404
    assert prompt_files(None, "all") == {}


def test_recordings_nobody_would_hear_are_named(prompts: Path) -> None:
    assert misnamed_prompt_files(prompts) == ["fr/notes.wav", "fr/voice_closed.wav", "secret.wav"]


# --- the language of a call


class Listening(Readers):
    """Readers that note in which language they were asked to listen."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.asked: list[str] = []

    def read_recording(self, path: Path, language: str, others: Sequence[str] = ()) -> Transcript:
        self.asked.append(language)
        return Transcript(engine="null", model="", language=language, words=(), took_seconds=0.0)


@pytest.mark.parametrize("first", ["/hooks/voice/spoken?l=en", "/hooks/voice/recording?l=en"])
def test_a_recording_is_listened_to_in_the_language_of_its_call(
    provider: Provider, gateway_settings: Settings, gateway_store: Store, first: str
) -> None:
    provider.post(first, call_fields(**RECORDED, RecordingStatus="completed"))
    with gateway_store.write() as session:
        medium = session.scalars(select(Medium)).one()
        medium.locator = vault_of(session).put_file(session, medium.part.key_id, SOUND)
        step_id = add_step(session, StepKind.READ_SPEECH, part=medium.part_id).id
    with Listening(gateway_settings) as readers:
        run_step_in(WorkerContext(gateway_settings, gateway_store, readers), step_id)
        assert readers.asked == ["en"]
