"""Published words that somebody listens to on the public pages: read when first asked for, and never other words."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from config.enums import Channel, Moderation
from config.settings.loader import Settings
from config.settings.sections.voicemail_section import Voicemail
from gateway.web.app import create_app
from inbox.answers import read_aloud
from inbox.contributions import text_versions
from inbox.erasure.erase import erase_contribution
from inbox.models import Contribution, ReadAloud
from inbox.storage.database import Store
from tests.fixtures_store import StoreFolders
from tests.workers.answered_town import SLUG, Town, mobile
from workers.caretaking.spoken_files import forget_read_texts, prepare_read_texts
from workers.runtime.watcher_context import WatcherContext

needs_voice = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="no synthetic voice (espeak-ng)")


@dataclass
class Listener:
    """Somebody at a public page, and whoever reads."""

    town: Town
    browser: FlaskClient

    def asks(self, number: int) -> str:
        page = self.browser.get(f"/consultations/{SLUG}/published/{number}/listen?lang=en")
        return page.text if page.status_code == 200 else ""

    def hears(self, number: int, **headers: str) -> bytes | None:
        sound = self.browser.get(f"/consultations/{SLUG}/published/{number}/read.mp3", headers=headers)
        return sound.data if sound.status_code in (200, 206) else None

    def reads(self) -> None:
        prepare_read_texts(WatcherContext(self.town.settings, self.town.store))

    def changes(self, number: int, how: str) -> None:
        with self.town.store.write() as session:
            if how == "other words":
                text_versions.correct_text(session, number, "Deux bancs", self.town.official, None)
            elif how == "set aside":
                session.execute(update(Contribution).values(moderation=Moderation.IN_REVIEW))
            else:
                erase_contribution(session, number, self.town.official, "error")


@pytest.fixture
def listener(sqlite_store: Store, sqlite_settings: StoreFolders) -> Listener:
    settings = Settings(data_dir=sqlite_settings.data_dir, keys_dir=sqlite_settings.keys_dir)
    town = Town(sqlite_store, settings)
    town.open()
    return Listener(town, create_app(settings, sqlite_store).test_client())


@needs_voice
def test_it_is_read_when_asked_for(listener: Listener) -> None:
    number = listener.town.comes(Channel.SMS, mobile(1))
    listener.reads()
    assert listener.hears(number) is None
    assert "gets ready" in listener.asks(number)
    listener.reads()
    assert "<audio" in listener.asks(number)
    sound = listener.hears(number)
    assert sound is not None
    assert sound.startswith((b"ID3", b"\xff"))
    assert listener.hears(number, Range="bytes=5-8") == sound[5:9]
    with listener.town.store.read() as session:
        assert sound not in session.scalars(select(ReadAloud.sealed_sound)).all()


@needs_voice
@pytest.mark.parametrize("how", ["other words", "set aside", "erased"])
@pytest.mark.parametrize("is_read_before", [True, False])
def test_what_is_no_longer_said_is_not_heard(how: str, is_read_before: bool, listener: Listener) -> None:
    number = listener.town.comes(Channel.SMS, mobile(1))
    listener.asks(number)
    if is_read_before:
        listener.reads()
    listener.changes(number, how)
    listener.reads()
    assert listener.hears(number) is None
    assert ("gets ready" in listener.asks(number)) == (how == "other words")


def test_a_language_without_a_voice_fails_and_is_tried_again_later(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = listener.town.comes(Channel.SMS, mobile(1))
    with listener.town.store.write() as session:
        session.execute(update(Contribution).values(language="zz"))
    listener.asks(number)
    listener.reads()
    assert "cannot be read aloud" in listener.asks(number)
    monkeypatch.setattr(read_aloud, "TRIED_AGAIN_AFTER", -read_aloud.TRIED_AGAIN_AFTER)
    forget_read_texts(WatcherContext(listener.town.settings, listener.town.store))
    assert "gets ready" in listener.asks(number)


def test_many_who_ask_are_asked_to_come_back(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_aloud, "MOST_WAITING", 2)
    first, second, third = (listener.town.comes(Channel.SMS, mobile(one)) for one in range(3))
    assert ["gets ready" in listener.asks(one) for one in (first, second, third, first)] == [True, True, False, True]


def test_a_town_without_a_voice(sqlite_store: Store, listener: Listener) -> None:
    quiet = listener.town.settings.model_copy(update={"voicemail": Voicemail(reads_aloud=False)})
    silent = Listener(listener.town, create_app(quiet, sqlite_store).test_client())
    number = listener.town.comes(Channel.SMS, mobile(1))
    assert "/listen" not in silent.browser.get(f"/consultations/{SLUG}/published").text
    assert "gets ready" not in silent.asks(number)
    with sqlite_store.read() as session:
        assert session.scalars(select(ReadAloud)).all() == []
