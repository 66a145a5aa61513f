"""A copy to practise on: nothing set in it reaches outside, and beginning afresh, there alone, puts all back."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.enums import Role
from config.settings.loader import ExternalSettings, Settings, load_settings
from config.settings.providers import provider_sections
from gateway.sample.practice_copy import PracticeCopy, clean_environment
from gateway.web.app import create_app
from inbox.accounts.passwords import NO_PASSWORD
from inbox.accounts.staff import create_person
from inbox.migrations import migrate
from inbox.storage.database import Store
from tests.inbox.pages.conftest import post
from tests.signed_in import sign_in_as

OUTWARD: dict[str, dict[str, object]] = {
    "an outgoing mail server": {"smtp": {"host": "mail.example.org", "sender": "ville@example.org"}},
    "who is told of troubles": {"alerts": {"mail": ["maire@example.org"]}},
    "a Redis that others use": {"redis_url": "redis://127.0.0.1:6379/0"},
    "the fallback door": {"fallback": {"public_url": "https://secours.example.org"}},
}


@pytest.mark.parametrize("said", OUTWARD.values(), ids=OUTWARD)
def test_what_reaches_outside_is_not_in_force(said: dict[str, object]) -> None:
    settings, _dropped = ExternalSettings(Path(), from_file={"practice": True}).usable(said)
    [name] = said
    assert getattr(settings, name) == Settings.model_fields[name].get_default()


def test_no_provider_is_configured_in_it() -> None:
    account = {"account_sid": "AC" + 32 * "1", "auth_tokens": ["secret"], "sender": "+33639981234"}
    real = Settings(twilio=account)
    assert real.has_provider
    copy = Settings(practice=True, twilio=account)
    assert not copy.has_provider
    assert not any(copy.section(name).configured for name in provider_sections())


def test_its_settings_take_over_nothing_secret(tmp_path: Path) -> None:
    town = Settings(
        folder=tmp_path, town_name="L'Île « d'Yeu »", smtp={"host": "mail.example.org", "sender": "ville@example.org"}
    )
    copy = PracticeCopy(tmp_path / "practice")
    copy.prepare(town, 8123)
    settings = load_settings(copy.settings_file, env={})
    assert settings.practice
    assert (settings.town_name, settings.web.port) == ("L'Île « d'Yeu »", 8123)
    assert settings.data_dir == tmp_path / "practice" / "now" / "data"
    assert "mail.example.org" not in copy.settings_file.read_text(encoding="utf-8")
    assert clean_environment({"PORTEVOIX_SMTP__PASSWORD": "x", "PATH": "/bin"}) == {"PATH": "/bin"}


def test_beginning_afresh_puts_back_what_was_kept(tmp_path: Path) -> None:
    copy = PracticeCopy(tmp_path)
    (tmp_path / "now").mkdir()
    (tmp_path / "now" / "one").write_text("as filled")
    copy.keep()
    assert copy.is_filled
    (tmp_path / "now" / "one").write_text("broken")
    (tmp_path / "now" / "two").write_text("more")
    copy.begin_afresh()
    assert {one.name: one.read_text() for one in (tmp_path / "now").iterdir()} == {"one": "as filled"}


@pytest.mark.parametrize(("practice", "code"), [(True, 200), (False, 404)])
def test_the_button_is_there_only_where_one_practises(tmp_path: Path, practice: bool, code: int) -> None:
    settings = Settings(folder=tmp_path, practice=practice)
    store = Store.open(settings)
    migrate(store.engine)
    with store.write() as session:
        person = create_person(session, "elu", "Dominique", NO_PASSWORD, [Role.OFFICIAL]).id
    client = create_app(settings, store).test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
    sign_in_as(client, person)
    shown = client.get("/contributions").text
    assert ("Copie d’entraînement" in shown) is practice
    assert ("Recommencer à neuf" in shown) is practice
    assert post(client, "/practice/afresh", {}).status_code == code
    assert settings.afresh_mark.exists() is practice
