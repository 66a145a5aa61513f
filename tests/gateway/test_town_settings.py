"""A town's settings on its pages: kept, sealed, locked, refused; mailboxes, logo, themes tried, backups, the watch."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from config.enums import ArrivalKind, Channel, Role
from config.settings.loader import ExternalSettings
from gateway.base import settings_in_force, settings_snapshot
from gateway.base.settings_in_force import LiveSettings
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.web.app import create_app
from gateway.web.town import update_pages
from inbox.accounts.passwords import hash_password
from inbox.accounts.staff import create_person
from inbox.administration import alerts, errands, stored_settings
from inbox.administration.alerts import AlertKind
from inbox.administration.errands import ErrandKind
from inbox.backup import restored_place
from inbox.migrations import migrate
from inbox.models import Alert, Contribution, Heartbeat, History, StoredSetting
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from inbox.web.administration.settings_home import PLACES
from tests.inbox.pages.conftest import post, token_of
from tests.signed_in import sign_in_as
from tests.transcription.sounds import needs_voice
from transcription.audio.model_catalogue import KnownModel
from transcription.audio.speech_models import PACKAGED, SpeechModel, install_model
from transcription.base.model_download import Progress
from workers.caretaking import alert_watch, errand_runners
from workers.caretaking.errand_runners import run_errand
from workers.runtime.watcher_context import WatcherContext

SECRET = "0123456789abcdef0123456789abcdef"
ACCOUNT = f"AC{SECRET}"


class Town:
    """A fresh installation whose settings file says the town's name, with one administrator."""

    def __init__(self, folder: Path) -> None:
        self.outside = ExternalSettings(
            folder, from_file={"town": "essai", "town_name": "Kerouzel", "smtp": {"port": 2525}}
        )
        self.store = Store.open(self.outside.settings())
        migrate(self.store.engine)
        password = hash_password("une-phrase-de-passe-longue")
        with self.store.write() as session:
            self.clerk_id = create_person(session, "clerk", "Inès Abiven", password, [Role.ADMINISTRATOR]).id
        self.app = create_app(self.outside.settings(), self.store, LiveSettings(self.outside))
        self.clerk: FlaskClient = self.app.test_client()
        self.clerk.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        sign_in_as(self.clerk, self.clerk_id)

    @property
    def settings(self):  # type: ignore[no-untyped-def]
        return self.app.extensions["portevoix"]["settings"]

    @property
    def context(self) -> WatcherContext:
        return WatcherContext(self.settings, self.store)

    def do_errands(self) -> None:
        """What the caretaker does."""
        while True:
            with self.store.write() as session:
                taken = errands.claim_errand(session)
            if taken is None:
                return
            run_errand(self.context, taken)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    made.store.close()


def test_what_is_set_holds_at_once_and_for_every_process(town: Town) -> None:
    typed = {"twilio.receives": "02 98 44 55 66", "twilio.account_sid": ACCOUNT, "twilio.auth_tokens": SECRET}
    typed |= {"twilio.erases": "yes", "texting.not_before": "09:30", "texting.not_after": "19:00"}
    typed |= {"texting.segment_price": "0,075"}
    assert post(town.clerk, "/settings/telephone", typed).status_code == 302
    assert town.settings.twilio.receives == "+33298445566"
    assert town.settings.twilio.auth_tokens[0].get_secret_value() == SECRET
    assert (town.settings.texting.not_before.hour, town.settings.texting.segment_price) == (9, 0.075)
    file = town.outside.folder / "portevoix.toml"
    file.write_text('town = "essai"\ntown_name = "Kerouzel"\n')
    assert settings_in_force.load_settings_in_force(file, env={}).twilio.receives == "+33298445566"
    # The environment comes first, and a secret left alone stays.
    assert settings_in_force.load_settings_in_force(
        file, env={"PORTEVOIX_TWILIO__RECEIVES": "+33298000001"}
    ).twilio.receives.endswith("01")
    post(town.clerk, "/settings/telephone", {**typed, "twilio.auth_tokens": "", "twilio.receives": "02 98 44 55 67"})
    assert town.settings.twilio.auth_tokens[0].get_secret_value() == SECRET


def test_who_follows_them_reads_them_again_only_when_they_change(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    file, reads = town.outside.folder / "portevoix.toml", []
    monkeypatch.setenv("PORTEVOIX_SETTINGS_FILE", str(file))
    load = settings_in_force.load_settings_in_force
    monkeypatch.setattr(settings_in_force, "load_settings_in_force", lambda: reads.append(1) or load())
    following = settings_in_force.Following()
    for change, town_name, receives in (
        (lambda: file.write_text('town_name = "Kerouzel"\n'), "Kerouzel", ""),
        (lambda: None, "Kerouzel", ""),
        (
            lambda: post(town.clerk, "/settings/telephone", {"twilio.receives": "02 98 44 55 66"}),
            "Kerouzel",
            "+33298445566",
        ),
        (lambda: file.write_text('town_name = "Kerouzel-Plage"\n'), "Kerouzel-Plage", "+33298445566"),
        (lambda: None, "Kerouzel-Plage", "+33298445566"),
    ):
        change()
        now = following.now(town.store)
        assert (now.town_name, now.twilio.receives) == (town_name, receives)
    assert len(reads) == 3


def test_a_secret_is_never_read_back(town: Town) -> None:
    typed = {"smtp.host": "smtp.ville.example", "smtp.sender": "avis@ville.example", "smtp.password": SECRET}
    assert post(town.clerk, "/settings/mailboxes", {**typed, "smtp.tls": "starttls"}).status_code == 302
    box = {"name": "avis@ville.example", "host": "imap.ville.example", "port": "993", "tls": "ssl", "user": "avis"}
    assert (
        post(town.clerk, "/settings/mailboxes/new", {**box, "password": SECRET, "folders": "INBOX"}).status_code == 302
    )
    for rule in town.app.url_map.iter_rules():
        if rule.rule.startswith("/settings") and "GET" in (rule.methods or ()) and "<" not in rule.rule:
            assert SECRET not in town.clerk.get(rule.rule).text, rule.rule
    assert SECRET not in town.clerk.get("/settings/mailboxes/avis@ville.example").text
    with town.store.read() as session:
        assert all(SECRET.encode() not in row.sealed for row in session.scalars(select(StoredSetting)))
        assert stored_settings.settings_revision(session) == 2
    given = town.clerk.get("/settings/portevoix.toml")
    assert SECRET not in given.text
    assert tomllib.loads(given.text)["mailboxes"][0]["user"] == "avis"
    raw = (town.outside.folder / "data" / "portevoix.sqlite").read_bytes()
    assert SECRET.encode() not in raw


def test_what_the_file_says_is_locked_and_goes_on_to_hold(town: Town) -> None:
    page = town.clerk.get("/settings/town").text
    assert 'name="town_name"' not in page
    assert "Kerouzel" in page
    post(town.clerk, "/settings/town", {"town_name": "Autre", "language": "en", "public_url": ""})
    assert (town.settings.town_name, town.settings.language) == ("Kerouzel", "en")
    assert town.settings.public_url == "http://127.0.0.1:8080"
    post(town.clerk, "/settings/mailboxes", {"smtp.port": "25", "smtp.tls": "ssl"})
    assert town.settings.smtp.port == 2525


REFUSED = {
    "/settings/telephone": {
        "no token": ({"twilio.account_sid": ACCOUNT}, "twilio-auth_tokens"),
        "an odd account": ({"twilio.account_sid": "AC12"}, "twilio-account_sid"),
        "no number": ({"twilio.receives": "le standard"}, "twilio-receives"),
        "nobody could write back": ({"twilio.sender": "Kerouzel"}, "twilio-named_in_texts"),
        "never": ({"texting.not_before": "20:00", "texting.not_after": "08:00"}, "texting-not_after"),
        "no price": ({"texting.segment_price": "sept centimes"}, "texting-segment_price"),
    },
    "/settings/alerts": {
        "no address": ({"alerts.mails": "maire@ville.example\npersonne"}, "alerts-mails"),
        "no number": ({"alerts.phones": "06 39 98 00 07, abc"}, "alerts-phones"),
        "too often": ({"alerts.silent_minutes": "1"}, "alerts-silent_minutes"),
    },
    "/settings/mailboxes": {
        "a password in the clear": ({"smtp.host": "smtp.ville.example", "smtp.tls": "none"}, "smtp-tls"),
        "nobody sends": ({"smtp.host": "smtp.ville.example", "smtp.tls": "ssl"}, "smtp-sender"),
    },
    "/settings/mailboxes/new": {
        "nothing": ({}, "name"),
        "no password": ({"name": "a@b.example", "host": "h", "user": "u", "port": "993", "tls": "ssl"}, "password"),
        "an odd port": ({"name": "a@b.example", "host": "h", "user": "u", "port": "99999", "tls": "ssl"}, "port"),
    },
    "/settings/town": {"no address": ({"public_url": "avis.ville.example"}, "public_url")},
}


@pytest.mark.parametrize(("page", "mistake"), [(page, name) for page, some in REFUSED.items() for name in some])
def test_what_cannot_be_is_told_beside_its_box_and_nothing_is_kept(town: Town, page: str, mistake: str) -> None:
    typed, box = REFUSED[page][mistake]
    usual = {"texting.not_before": "08:00", "texting.not_after": "20:00", "smtp.tls": "starttls", "language": "fr"}
    answer = post(town.clerk, page, {**usual, **typed})
    assert answer.status_code == 422
    assert re.search(rf'id="{box}"[^>]*aria-invalid="true"', answer.text), re.findall(r'href="#([\w-]+)"', answer.text)
    with town.store.read() as session:
        assert stored_settings.read_stored_settings(session) == {}


def test_what_can_no_longer_be_used_is_left_out_and_the_rest_goes_on(town: Town) -> None:
    with town.store.write() as session:
        odd = {"alerts": {"mails": ["nobody"]}, "language": "en", "no_such_setting": 1}
        stored_settings.save_stored_settings(session, odd, None)
        settings, dropped = town.outside.usable(stored_settings.read_stored_settings(session))
    assert (settings.language, dropped) == ("en", ("alerts", "no_such_setting"))


def test_the_fallback_door_knows_them_without_a_database(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, stored = town.settings, {"twilio": {"account_sid": ACCOUNT, "auth_tokens": [SECRET]}}
    settings_snapshot.write_snapshot(settings, stored)
    assert SECRET.encode() not in settings_snapshot.snapshot_path(settings).read_bytes()
    monkeypatch.setattr(settings_snapshot, "read_external_settings", lambda: town.outside)
    assert settings_snapshot.load_from_snapshot().twilio.auth_tokens[0].get_secret_value() == SECRET
    for broken in (b"", b"PORTEVOIX-SETTINGS-1 x y\nz", settings_snapshot.snapshot_path(settings).read_bytes()[:-3]):
        settings_snapshot.snapshot_path(settings).write_bytes(broken)
        assert settings_snapshot.load_from_snapshot().twilio.account_sid == ""


def test_a_mailbox_is_added_changed_and_taken_out(town: Town) -> None:
    box: dict[str, object] = {"name": "avis@ville.example", "host": "127.0.0.1", "port": "1143", "tls": "none"}
    box |= {"user": "avis", "password": SECRET, "folders": "INBOX\nParc"}
    assert post(town.clerk, "/settings/mailboxes/new", box).status_code == 302
    assert post(town.clerk, "/settings/mailboxes/new", {**box, "name": "AVIS@ville.example"}).status_code == 422
    post(town.clerk, "/settings/mailboxes/avis@ville.example", {**box, "password": "", "user": "boite"})
    (mailbox,) = town.settings.mailboxes
    assert (mailbox.user, mailbox.password.get_secret_value(), mailbox.folders) == ("boite", SECRET, ("INBOX", "Parc"))
    town.do_errands()
    assert (
        "cannot be reached" in town.clerk.get("/settings/mailboxes").text
        or "refuses" in town.clerk.get("/settings/mailboxes").text
    )
    assert town.clerk.get("/settings/mailboxes/other@ville.example").status_code == 404
    post(town.clerk, "/settings/mailboxes/avis@ville.example/remove", {})
    assert town.settings.mailboxes == ()


LOGOS = {
    "png": (b"\x89PNG\r\n\x1a\n" + b"x" * 50, True),
    "jpeg": (b"\xff\xd8\xff\xe0" + b"x" * 50, True),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", False),
    "html": (b"<!doctype html>", False),
    "too large": (b"\x89PNG\r\n\x1a\n" + b"x" * 300_001, False),
}


@pytest.mark.parametrize("name", LOGOS)
def test_a_logo_is_a_picture_or_none(town: Town, name: str) -> None:
    content, kept = LOGOS[name]
    post(town.clerk, "/settings/town/logo", {"logo": (BytesIO(content), "logo.png")})
    shown = town.app.test_client().get("/town-logo")
    assert (shown.status_code == 200) == kept
    if kept:
        assert shown.data == content
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        post(town.clerk, "/settings/town/logo", {"remove": "1"})
        assert town.app.test_client().get("/town-logo").status_code == 404


def test_a_backup_is_made_checked_and_handed_out_to_who_gives_the_password(town: Town) -> None:
    assert post(town.clerk, "/settings/backups", {}).status_code == 302
    assert post(town.clerk, "/settings/backups", {}).status_code == 302, "one is enough"
    town.do_errands()
    (name,) = [file.name for file in (town.outside.folder / "backups").iterdir()]
    post(town.clerk, f"/settings/backups/{name}/check", {})
    town.do_errands()
    page = town.clerk.get("/settings/backups").text
    assert "The backup is whole" in page
    assert town.clerk.get(f"/settings/backups/{name}").data.startswith(b"PORTEVOIX-BACKUP")
    sign_in_as(town.clerk, town.clerk_id, ago=timedelta(hours=1))
    assert town.clerk.get(f"/settings/backups/{name}").status_code == 403
    for odd in ("..%2Fdata%2Fportevoix.sqlite", "portevoix.toml", ".", "portevoix-essai-20260101-000000.backup"):
        assert town.clerk.get(f"/settings/backups/{odd}").status_code in (403, 404)
    file = town.outside.folder / "backups" / name
    file.write_bytes(file.read_bytes()[:-40])
    sign_in_as(town.clerk, town.clerk_id)
    post(town.clerk, f"/settings/backups/{name}/check", {})
    town.do_errands()
    assert "The backup is damaged" in town.clerk.get("/settings/backups").text


def _says(town: Town, words: str) -> None:
    with town.store.write() as session:
        arrived = IncomingMessage(
            channel=Channel.SMS, account="seed", external_id=words, kind=ArrivalKind.WEBHOOK, raw=words.encode()
        )
        create_contributions(
            session, store_message(session, arrived).intake_id, [NewPart("text", Channel.SMS, body=words)]
        )


def test_a_test_call_is_seen_on_the_page_of_the_telephone(town: Town) -> None:
    page = town.clerk.get("/settings/telephone").text
    assert page.count("none yet") == 2
    with town.store.write() as session:
        arrived = IncomingMessage(
            channel=Channel.VOICEMAIL, account="seed", external_id="call", kind=ArrivalKind.WEBHOOK, raw=b"call"
        )
        store_message(session, arrived)
    page = town.clerk.get("/settings/telephone").text
    assert page.count("none yet") == 1
    assert re.search(rf"<dt>The last call</dt><dd>[^<]*{utc_now().year}", page)


def _said(folder: Path, town: Town) -> int:
    """How many contributions a database holds."""
    store = Store(f"sqlite:///{folder / 'portevoix.sqlite'}", town.store.keyring, town.store.media)
    with store.read() as session:
        count = len(session.scalars(select(Contribution.id)).all())
    store.close()
    return count


def test_a_backup_is_restored_beside_and_taken_up_by_who_gives_the_password(town: Town) -> None:
    _says(town, "Des bancs au port")
    post(town.clerk, "/settings/backups", {})
    town.do_errands()
    (name,) = [file.name for file in (town.outside.folder / "backups").iterdir()]
    for words in ("Un abri au quai", "Des arbres au quai"):
        _says(town, words)
    place = restored_place.place_of(town.settings)
    assert place is not None
    sign_in_as(town.clerk, town.clerk_id, ago=timedelta(hours=1))
    for path in (f"/settings/backups/{name}/restore", "/settings/restored"):
        assert post(town.clerk, path, {}).status_code == 403, path
    sign_in_as(town.clerk, town.clerk_id)
    assert (
        "nothing restored"
        in town.clerk.post("/settings/restored", data={"csrf_token": token_of(town.clerk)}, follow_redirects=True).text
    )
    post(town.clerk, f"/settings/backups/{name}/restore", {})
    town.do_errands()
    page = town.clerk.get("/settings/backups").text
    assert "The backup is restored, beside what runs." in page
    assert re.search(r"<dt>Contributions</dt><dd>1 <span[^>]*>today: 3", page), page
    assert (_said(place.restored, town), _said(place.data, town)) == (1, 3)
    assert [file.name for file in place.restored.iterdir() if file.name not in ("portevoix.sqlite", "media")] == []
    assert "starts anew with what was restored" in post(town.clerk, "/settings/restored", {}).text
    assert place.asked.exists(), "for the supervisor to see"
    town.store.close()
    restored_place.take_up(place)
    assert (_said(place.data, town), _said(place.before[0], town)) == (1, 3)
    assert not place.restored.exists()
    sign_in_as(town.clerk, town.clerk_id)
    page = town.clerk.get("/settings/backups").text
    assert "What ran before lies in" in page
    assert "backup_taken_up" in _done(town)
    restored_place.forget_old(place, utc_now() + timedelta(days=6))
    assert place.before
    restored_place.forget_old(place, utc_now() + timedelta(days=8))
    assert not place.before


def _done(town: Town) -> set[str]:
    with town.store.read() as session:
        return set(session.scalars(select(History.action)))


class _Killed(Exception):
    """As when the machine loses its power."""


@pytest.mark.parametrize("renames", range(6))
def test_taking_up_is_gone_on_with_wherever_it_was_killed(
    town: Town, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    _says(town, "Des bancs au port")
    post(town.clerk, "/settings/backups", {})
    town.do_errands()
    (name,) = [file.name for file in (town.outside.folder / "backups").iterdir()]
    _says(town, "Un abri au quai")
    place = restored_place.place_of(town.settings)
    assert place is not None
    post(town.clerk, f"/settings/backups/{name}/restore", {})
    town.do_errands()
    post(town.clerk, "/settings/restored", {})
    # A process that was killed leaves SQLite's log.
    log = place.data / "portevoix.sqlite-wal"
    town.store.close()
    log.write_bytes(b"of the old one")
    left, rename = renames, Path.rename

    def dying(path: Path, target: Path) -> Path:
        nonlocal left
        left -= 1
        if left < 0:
            raise _Killed
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", dying)
    if renames < 5:
        with pytest.raises(_Killed):
            restored_place.take_up(place)
        monkeypatch.undo()
    restored_place.take_up(place)
    monkeypatch.undo()
    assert (place.before[0] / log.name).read_bytes() == b"of the old one"
    assert not log.exists()
    (place.before[0] / log.name).unlink()
    assert (_said(place.data, town), _said(place.before[0], town)) == (1, 2)
    assert len(place.before) == 1


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (lambda file, keys: file.write_bytes(file.read_bytes()[:-40]), "The backup is damaged"),
        (lambda file, keys: file.write_bytes(b"a letter"), "The backup is damaged"),
        (lambda file, keys: file.unlink(), "not there any more"),
        (
            lambda file, keys: file.write_bytes(
                re.sub(rb"(?<=BACKUP-1 )\S+", b"another-key", file.read_bytes(), count=1)
            ),
            "keys that open this backup",
        ),
    ],
)
def test_a_backup_that_cannot_be_restored_says_why_and_leaves_nothing(
    town: Town, trouble: Callable[[Path, Path], object], told: str
) -> None:
    post(town.clerk, "/settings/backups", {})
    town.do_errands()
    (file,) = (town.outside.folder / "backups").iterdir()
    post(town.clerk, f"/settings/backups/{file.name}/restore", {})
    trouble(file, town.store.keyring.folder)
    town.do_errands()
    page = town.clerk.get("/settings/backups").text
    assert told in page
    assert "Start anew with this backup" not in page
    place = restored_place.place_of(town.settings)
    assert place is not None
    assert not [one for one in place.data.iterdir() if one.name.startswith("restor")]


def _silent(town: Town) -> None:
    with town.store.write() as session:
        session.add(Heartbeat(process="web"))
        session.add(Heartbeat(process="sweeper", seen_at=utc_now() - timedelta(minutes=30)))
        session.add(Heartbeat(process="mailbox-1", seen_at=utc_now() - timedelta(minutes=50)))
        session.add(Heartbeat(process="long-gone", seen_at=utc_now() - timedelta(days=30)))


def _disk(town: Town) -> None:
    with town.store.write() as session:
        stored_settings.save_stored_settings(session, {"alerts": {"free_mb": 1_000_000}}, None)


def _all_off(town: Town) -> None:
    with town.store.write() as session:
        for process in ("web", "sweeper"):
            session.add(Heartbeat(process=process, seen_at=utc_now() - timedelta(hours=9)))


WATCHED: dict[str, tuple[Callable[[Town], None], set[tuple[str, str]]]] = {
    "nothing": (lambda _town: None, set()),
    "a silent part, and a mailbox that was taken out": (_silent, {("silent", "sweeper")}),
    "a full disk": (_disk, {("disk", "")}),
    "a machine that was off": (_all_off, set()),
}


@pytest.mark.parametrize("case", WATCHED)
def test_the_watch_raises_what_is_wrong_once_and_ends_it(town: Town, case: str) -> None:
    make, expected = WATCHED[case]
    make(town)
    town.clerk.get("/settings")
    here = WatcherContext(town.outside.usable(_stored(town))[0], town.store)
    for _ in range(2):
        alert_watch.forget_stopped_processes(here)
        alert_watch.detect_problems(here)
    with town.store.read() as session:
        assert {(one.kind.value, one.about) for one in alerts.current_alerts(session)} == expected
    with town.store.write() as session:
        session.execute(update(Heartbeat).values(seen_at=utc_now()))
    alert_watch.detect_problems(
        town.context if case != "a full disk" else WatcherContext(town.outside.settings(), town.store)
    )
    with town.store.read() as session:
        assert alerts.current_alerts(session) == []


def _stored(town: Town) -> dict[str, object]:
    with town.store.read() as session:
        return stored_settings.read_stored_settings(session)


def test_those_named_are_told_once_even_when_one_cannot_be(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, str]] = []

    def mail(_settings: object, address: str, _subject: str, words: str) -> None:
        if address.startswith("unreachable"):
            raise ConnectionError
        sent.append((address, words))

    monkeypatch.setattr(alert_watch, "send_mail", mail)
    with town.store.write() as session:
        told = ["unreachable@ville.example", "maire@ville.example"]
        stored_settings.save_stored_settings(session, {"alerts": {"mails": told}}, None)
        assert alerts.raise_alert(session, AlertKind.DANGER, "contribution:7")
        assert not alerts.raise_alert(session, AlertKind.DANGER, "contribution:7")
        assert alerts.raise_alert(session, AlertKind.BACKUP, details={"days": 12})
    here = WatcherContext(town.outside.usable(_stored(town))[0], town.store)
    alert_watch.send_alerts(here)
    alert_watch.send_alerts(here)
    assert [address for address, _words in sent] == ["maire@ville.example"]
    assert "a 12 jours" in sent[0][1]
    assert "danger" in sent[0][1]
    assert "http://127.0.0.1:8080/settings/status" in sent[0][1]
    with town.store.read() as session:
        assert session.scalar(select(Alert.id).where(Alert.told_at.is_(None))) is None


SAID = {
    "J’ai senti une odeur de gaz dans la cage d’escalier": True,
    "Mon mari me frappe, il me bat devant les enfants": True,
    "I want to die, nobody listens": True,
    "Plus de bancs et des arbres, s’il vous plaît": False,
    "Le carrefour est dangereux pour les vélos": False,
}


def test_words_of_danger_are_told_until_somebody_has_decided(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = {}
    with town.store.write() as session:
        for number, words in enumerate(SAID):
            language = "en" if words.startswith("I ") else "fr"
            arrived = IncomingMessage(
                channel=Channel.SMS,
                account="seed",
                external_id=str(number),
                kind=ArrivalKind.WEBHOOK,
                raw=words.encode(),
                language=language,
            )
            intake_id = store_message(session, arrived).intake_id
            ids[words] = create_contributions(session, intake_id, [NewPart("text", Channel.SMS, body=words)])[0]
    alert_watch.detect_problems(town.context)
    with town.store.read() as session:
        standing = {one.about for one in alerts.current_alerts(session)}
    assert standing == {f"contribution:{ids[words]}" for words, danger in SAID.items() if danger}
    sent: list[str] = []
    monkeypatch.setattr(alert_watch, "send_mail", lambda _settings, _to, _subject, words: sent.append(words))
    told = town.outside.usable({"alerts": {"mails": ["maire@ville.example"]}})[0]
    alert_watch.send_alerts(WatcherContext(told, town.store))
    assert sent[0].count("http://127.0.0.1:8080/contributions/") == 3
    assert not any(words in sent[0] for words in SAID), "what a resident said leaves by no alert"
    with town.store.write() as session:
        session.execute(update(Contribution).values(moderation="published"))
    alert_watch.detect_problems(town.context)
    with town.store.read() as session:
        assert alerts.current_alerts(session) == []


def test_every_place_of_the_settings_leads_somewhere(town: Town) -> None:
    page = town.clerk.get("/settings").text
    for endpoint, label, _hint in (entry for _heading, entries in PLACES for entry in entries):
        assert endpoint in town.app.view_functions, endpoint
        assert f">{label}</a>" in page


@pytest.mark.parametrize(
    ("chosen", "status", "holds"),
    [("vosk", 302, "vosk"), ("whisper", 422, "vosk"), ("both", 422, "vosk"), ("an ear", 422, "vosk")],
)
def test_what_listens_is_chosen_among_what_is_installed(town: Town, chosen: str, status: int, holds: str) -> None:
    form = {"speech.engine": chosen, "speech.order": "newest_short"}
    assert post(town.clerk, "/settings/engines", form, page="/settings/engines").status_code == status
    assert town.settings.speech.engine == holds
    assert (town.settings.speech.order == "newest_short") is (status == 302)


def test_what_is_installed_may_listen(town: Town) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (town.settings.models_dir / "whisper-tiny").mkdir(parents=True, exist_ok=True)
        (town.settings.models_dir / "whisper-tiny" / name).write_bytes(b"{}")
    form = {"speech.engine": "both", "speech.order": "arrival"}
    assert post(town.clerk, "/settings/engines", form, page="/settings/engines").status_code == 302
    assert town.settings.speech.engine == "both"


_TAKE, _UP = ("cd {0}", "git pull", "bin/setup demo"), "{0}/.venv/bin/portevoix up"


@pytest.mark.parametrize(
    ("environment", "file", "said", "lines"),
    [
        ({}, ".git", "by hand", (*_TAKE, _UP)),
        ({"INVOCATION_ID": "1"}, ".git", "by systemd", ("sudo systemctl stop portevoix", *_TAKE)),
        ({}, "nothing", "by hand", ("{0}/.venv/bin/pip install --upgrade portevoix-….whl", _UP)),
        ({}, "containerenv", "in a container", ("git pull", "podman build")),
    ],
    ids=["from git", "systemd", "a wheel", "a container"],
)
def test_the_lines_that_update_are_those_of_how_it_was_started(
    tmp_path: Path, environment: dict[str, str], file: str, said: str, lines: tuple[str, ...]
) -> None:
    (tmp_path / file).touch()
    found = update_pages.started_by(environment, tmp_path / ".venv", (tmp_path / "containerenv",))
    assert said in str(found.words)
    for told, line in zip(found.commands, lines, strict=False):
        assert told.startswith(line.format(tmp_path))
    assert len(found.commands) in (len(lines), len(lines) + 1)


def test_the_page_of_updates_asks_for_a_backup_first(town: Town) -> None:
    assert "Make a backup first" in town.clerk.get("/settings/updates").text
    with town.store.write() as session:
        errands.record_finished_errand(session, ErrandKind.BACKUP, {"said": "backup_made"})
    page = town.clerk.get("/settings/updates").text
    assert "you can go ahead" in page
    assert "Make a backup first" not in page


def test_a_provider_that_is_not_set_stands_folded(town: Town) -> None:
    assert town.clerk.get("/settings/telephone").text.count('<details class="group-fold">') == 3
    post(town.clerk, "/settings/telephone", {"phone.number": "06 39 98 00 01", "texting.not_before": "09:00"})
    page = town.clerk.get("/settings/telephone").text
    assert page.count('<details class="group-fold">') == 2
    assert page.count('<details class="group-fold" open>') == 1


def test_an_errand_says_what_went_wrong_and_forgets_the_address(town: Town) -> None:
    post(town.clerk, "/settings/tests/text", {"number": "06 39 98 00 07"})
    post(town.clerk, "/settings/tests/text", {"number": "le standard"})
    post(town.clerk, "/settings/tests/call", {"number": "06 39 98 00 07"})
    post(town.clerk, "/settings/tests/mail", {"address": "maire@ville.example"})
    town.do_errands()
    with town.store.read() as session:
        for kind in (ErrandKind.TEST_TEXT, ErrandKind.TEST_CALL, ErrandKind.TEST_MAIL):
            (told,) = errands.newest_errands(session, kind)
            assert (told.succeeded, told.result["said"]) == (False, "not_set_up"), kind
            shown = town.clerk.get(f"/settings/errands/{told.id}").json
            assert shown is not None
            assert shown["open"] is False
    assert "Something is not set yet" in town.clerk.get("/settings/telephone").text


def test_an_errand_whose_doer_was_killed_is_done_by_the_next_and_by_nobody_else(town: Town) -> None:
    with town.store.write() as session:
        errands.request_errand(session, ErrandKind.LOOK)
        first = errands.claim_errand(session)
        assert first is not None
        assert errands.claim_errand(session) is None
        second = errands.claim_errand(session, utc_now() + errands.LEASE * 2)
        assert second is not None
        assert not errands.note_progress(session, first, "looking", 1, 2)
        errands.end_errand(session, first, succeeded=True, result={"said": "all_looked_at"})
        (told,) = errands.newest_errands(session, ErrandKind.LOOK)
        assert told.is_open


def test_everything_is_looked_at_and_told_in_words(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    post(town.clerk, "/settings/status", {})
    town.do_errands()
    page = town.clerk.get("/settings/status").text
    assert "The disk" in page
    assert "It is started again by itself" in page, "no Redis runs here"
    assert errand_runners.RUNNERS.keys() == set(ErrandKind)
    assert town.clerk.get("/settings/engines").status_code == 200


class _Packages:
    """Installs a folder that lies at hand instead of packages from an index."""

    def __init__(self, source: Path) -> None:
        self.source = source

    def __call__(self, model: KnownModel, models_dir: Path, progress: Progress, **how: Any) -> SpeechModel:
        progress(1, 2)
        del how["sha256"]
        return install_model(self.source, models_dir, progress=progress, **how)


@needs_voice
@pytest.mark.parametrize(
    ("source", "said", "there"),
    [(PACKAGED / "vosk-fr-demo", "heard a sentence before", True), (None, "was not installed", False)],
    ids=["one that hears", "one that does not"],
)
def test_a_model_is_installed_from_the_page(
    source: Path | None, said: str, there: bool, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if source is None:
        source = tmp_path / "vosk-broken-fr"
        for name in ("am/final.mdl", "conf/mfcc.conf"):
            (source / name).parent.mkdir(parents=True)
            (source / name).write_bytes(b"nothing")
    monkeypatch.setattr(errand_runners, "install_known", _Packages(source))
    page = town.clerk.get("/settings/engines").text
    assert "whisper-base" in page
    assert "Words wrong in 100" in page
    assert post(town.clerk, "/settings/engines/models", {"name": "whisper-base"}).status_code == 302
    assert "Asked for" in town.clerk.get("/settings/engines").text
    town.do_errands()
    page = town.clerk.get("/settings/engines").text
    assert re.search(said, page)
    assert (town.settings.models_dir / source.name).is_dir() is there


@pytest.mark.parametrize(
    ("form", "status", "asked"),
    [
        ({"name": "vosk-model-small-fr-0.22"}, 302, ""),
        ({"name": "vosk-model-small-fr-0.22", "sha256": "12ab"}, 302, ""),
        ({"name": "vosk-model-small-fr-0.22", "sha256": " " + "AB" * 32}, 302, f"vosk-model-small-fr-0.22 {'ab' * 32}"),
        ({"name": "../../etc"}, 404, ""),
        ({}, 404, ""),
    ],
    ids=["no checksum", "a short one", "a checksum", "no such model", "nothing"],
)
def test_only_known_models_with_a_checksum_are_asked_for(
    form: dict[str, str], status: int, asked: str, town: Town
) -> None:
    assert post(town.clerk, "/settings/engines/models", form).status_code == status
    with town.store.read() as session:
        found = errands.newest_errands(session, ErrandKind.INSTALL_MODEL)
    assert [one.about for one in found] == ([asked] if asked else [])


def _rules(town: Town) -> Iterator[tuple[str, str]]:
    for rule in town.app.url_map.iter_rules():
        if rule.rule.startswith("/settings"):
            path = re.sub(r"<(?:int:)?\w+>", "1", rule.rule)
            yield from ((method, path) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_a_towns_own_pages_are_for_administrators_alone(town: Town, role: Role) -> None:
    with town.store.write() as session:
        other = create_person(session, "other", "Other", hash_password("une-phrase-de-passe-longue"), [role]).id
    client = town.app.test_client()
    sign_in_as(client, other)
    token = token_of(client)
    for method, path in _rules(town):
        answer = client.open(path, method=method, data={"csrf_token": token})
        assert answer.status_code == 403, (method, path)
        stranger = town.app.test_client().open(path, method=method)
        assert (stranger.status_code, stranger.location.partition("?")[0]) == (302, "/sign-in"), (method, path)
    with town.store.read() as session:
        assert stored_settings.read_stored_settings(session) == {}
        assert errands.newest_errands(session, ErrandKind.BACKUP) == []


def test_a_form_of_another_site_changes_nothing(town: Town) -> None:
    for method, path in _rules(town):
        if method == "POST":
            assert town.clerk.post(path, data={"town_name": "x", "csrf_token": "forged"}).status_code == 400, path
    with town.store.read() as session:
        assert stored_settings.read_stored_settings(session) == {}


ODD_WORDS = {
    "markup": "<script>alert(1)</script>",
    "a quote": '"\' onfocus=alert(1) x="',
    "a template": "{{ 7 * 7 }}{% raw %}",
    "a format": "%(name)s %s",
    "another script": "سؤال 🌳 問",
    "very long": "é" * 5000,
}


@pytest.mark.parametrize("name", ODD_WORDS)
def test_odd_words_are_shown_as_they_are_or_refused_and_break_no_page(town: Town, name: str) -> None:
    words = ODD_WORDS[name]
    written = {
        "title.fr": words,
        "question.fr": words,
        "can_change.fr": words,
        "cannot_change.fr": words,
        "decides.fr": words,
        "opens": "2026-01-01",
        "closes": "2029-01-01",
        "contact_phone": words[:60],
        "controller": words,
        "dpo": words,
    }
    made = post(town.clerk, "/settings/consultations/new", written)
    assert made.status_code == 302, re.findall(r'class="error"[^<]*<span[^<]*</span>([^<]*)', made.text)
    post(town.clerk, "/settings/centres", {"name": words})
    post(town.clerk, "/settings/alerts", {"alerts.mails": words, "alerts.phones": words})
    post(town.clerk, "/settings/tests/mail", {"address": words})
    slug = (made.location or "").rpartition("/")[2]
    post(town.clerk, f"/settings/consultations/{slug}/themes/try", {"words.fr": words})
    for page in ("", "/edit", "/themes", "/versions", "/texts", "/consultation.toml"):
        shown = town.clerk.get(f"/settings/consultations/{slug}{page}")
        assert shown.status_code == 200, page
        if shown.mimetype == "text/html":
            assert "<script>alert" not in shown.text
            assert "' onfocus=alert(1)" not in shown.text
    for page in ("", "/centres", "/consultations", "/alerts", "/mailboxes"):
        assert town.clerk.get(f"/settings{page}").status_code == 200, page
