"""Settings: file below environment, every mistake told with its field, value and remedy, no secret shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.settings.loader import (
    Settings,
    SettingsError,
    _read_environment,
    describe_settings,
    load_settings,
    settings_page,
    shown_settings,
)
from config.settings.schema import PACKAGED_CONSULTATIONS

ACCOUNT = "AC" + "0" * 32
TOKEN = "0123456789abcdef0123456789abcdef"
FILE = """
town = "brest"
town_name = "Brest métropole"
data_dir = "state"
public_url = "https://avis.brest.example/"

[web]
port = 9000

[[mailboxes]]
name = "avis@brest.example"
host = "imap.brest.example"
user = "avis"
password = "geheim"
ca_file = "ca.pem"

[[scan_folders]]
path = "/srv/scans"
centre = "bellevue"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "portevoix.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_without_a_file_every_setting_has_a_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = load_settings(env={})
    assert settings.data_dir == tmp_path / "data"
    assert settings.database_url == f"sqlite:///{tmp_path}/data/portevoix.sqlite"
    assert settings.redis_address == f"unix://{tmp_path}/data/redis.sock"
    assert settings.consultation_files == (PACKAGED_CONSULTATIONS / "rues-et-places.toml",)


def test_relative_paths_start_from_the_files_folder(file, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    settings = load_settings(file, env={})
    assert settings.data_dir == tmp_path / "state"
    assert settings.keys_dir == tmp_path / "keys"
    assert settings.secret_key_file == tmp_path / "keys" / "session.key"
    assert settings.models_dir == tmp_path / "state" / "models"
    assert settings.media_dir == tmp_path / "state" / "media"
    assert settings.mailboxes[0].ca_file == tmp_path / "ca.pem"
    assert settings.scan_folders[0].path == Path("/srv/scans")


def test_the_environment_comes_before_the_file(file):
    env = {
        "PORTEVOIX_TOWN": "quimper",
        "PORTEVOIX_WEB__THREADS": "3",
        "PORTEVOIX_TWILIO__ACCOUNT_SID": ACCOUNT,
        "PORTEVOIX_TWILIO__AUTH_TOKENS": f"{TOKEN}, older",
        "PORTEVOIX_CORPUS": "/not/a/setting",
    }
    settings = load_settings(file, env)
    assert (settings.town, settings.town_name) == ("quimper", "Brest métropole")
    assert (settings.web.port, settings.web.threads) == (9000, 3)
    assert [token.get_secret_value() for token in settings.twilio.auth_tokens] == [TOKEN, "older"]


def test_the_environment_can_name_the_file(file):
    assert load_settings(env={"PORTEVOIX_SETTINGS_FILE": str(file)}).town == "brest"


def test_cookies_are_secure_where_the_address_is(file):
    assert load_settings(file, {}).web.secure_cookies
    assert not load_settings(file, {"PORTEVOIX_PUBLIC_URL": "http://127.0.0.1:8080"}).web.secure_cookies
    assert not load_settings(file, {"PORTEVOIX_WEB__SECURE_COOKIES": "false"}).web.secure_cookies


def test_made_directly_they_read_neither_file_nor_environment(file, monkeypatch):
    monkeypatch.chdir(file.parent)
    monkeypatch.setenv("PORTEVOIX_TOWN", "quimper")
    assert Settings(data_dir=Path("d")).town == "ville"


def test_consultation_files_are_those_of_the_folder_and_the_list(tmp_path):
    for name in ("b.toml", "a.toml", "notes.txt"):
        (tmp_path / name).touch()
    settings = Settings(consultations_dir=tmp_path, consultations=(Path("/one.toml"),))
    assert settings.consultation_files == (Path("/one.toml"), tmp_path / "a.toml", tmp_path / "b.toml")


def test_a_socket_path_too_long_for_the_kernel_is_replaced(tmp_path):
    short = Settings(data_dir=tmp_path).redis_socket
    deep = tmp_path / ("d" * 100)
    long = Settings(data_dir=deep).redis_socket
    assert short == tmp_path / "redis.sock"
    assert len(str(long).encode()) <= 107
    assert long == Settings(data_dir=deep / "." / "x" / "..").redis_socket
    assert long != Settings(data_dir=tmp_path / ("e" * 100)).redis_socket


# --- mistakes -------------------------------------------------------------------------------------


MAILBOX = {"name": "a@b.example", "host": "imap.b.example", "user": "a", "password": "geheim"}
MISTAKES = [
    ("not a number", {"PORTEVOIX_WEB__PORT": "x"}, "web.port = 'x'", "PORTEVOIX_WEB__PORT"),
    ("out of range", {"PORTEVOIX_WEB__PORT": "99999"}, "web.port = '99999'", "65535"),
    ("misspelt", {"PORTEVOIX_TWILIO__ACOUNT_SID": ACCOUNT}, "twilio.acount_sid", "did you mean account_sid?"),
    ("account", {"PORTEVOIX_TWILIO__ACCOUNT_SID": "AC1"}, "twilio.account_sid = 'AC1'", "32 hexadecimal digits"),
    ("no token", {"PORTEVOIX_TWILIO__ACCOUNT_SID": ACCOUNT}, "twilio.auth_tokens", "provider's console"),
    ("token in the clear", {"PORTEVOIX_TWILIO__API_BASE": "http://api.twilio.com"}, "twilio.api_base", "https://"),
    ("sender", {"PORTEVOIX_TWILIO__SENDER": "Ville de Brest!"}, "twilio.sender = 'Ville de Brest!'", "11 letters"),
    ("nobody can answer", {"PORTEVOIX_TWILIO__SENDER": "Brest"}, "twilio.named_in_texts", "set it, or receives"),
    ("national number", {"PORTEVOIX_TWILIO__RECEIVES": "0298000000"}, "twilio.receives = '0298000000'", "+33298000000"),
    (
        "scans among what is sealed",
        {"PORTEVOIX_SCAN_FOLDERS": '[{"path": "data/scans", "centre": "bellevue"}]'},
        "scan_folders",
        "move it beside",
    ),
    ("keys with the data", {"PORTEVOIX_KEYS_DIR": "data/keys"}, "keys_dir", "move it beside"),
    ("language", {"PORTEVOIX_LANGUAGE": "de"}, "languages", "lacks de"),
    ("time zone", {"PORTEVOIX_TIMEZONE": "Mars"}, "timezone = 'Mars'", "Europe/Paris"),
    ("town", {"PORTEVOIX_TOWN": "Brest métropole"}, "town = 'Brest métropole'", "PORTEVOIX_TOWN"),
    ("web address", {"PORTEVOIX_PUBLIC_URL": "avis.brest.example"}, "public_url", "https://"),
    ("password in the clear", {"PORTEVOIX_MAILBOXES": json.dumps([MAILBOX | {"tls": "none"}])}, "mailboxes.0.tls",
     "ssl or starttls"),
    ("missing in a list", {"PORTEVOIX_MAILBOXES": json.dumps([{"name": "a", "host": "h", "user": "u"}])},
     "mailboxes.0.password", "exactly one of the two"),
    ("one mailbox twice", {"PORTEVOIX_MAILBOXES": json.dumps([MAILBOX, MAILBOX | {"name": "A@b.Example"}])},
     "mailboxes", "has a@b.example twice; name every folder in one of the two"),
    ("not JSON", {"PORTEVOIX_MAILBOXES": '[{"password": "geheim"'}, "mailboxes", "not valid JSON"),
    ("mail without sender", {"PORTEVOIX_SMTP__HOST": "smtp.b.example"}, "smtp.sender", "residents may answer"),
    ("sender's address", {"PORTEVOIX_SMTP__SENDER": "Ville <a@b.example>"}, "smtp.sender", "write it plainly"),
    ("no such file", {"PORTEVOIX_SETTINGS_FILE": "/nowhere.toml"}, "/nowhere.toml", "does not exist"),
]  # fmt: skip


@pytest.mark.parametrize(("env", "field", "remedy"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_told_with_field_and_remedy(env, field, remedy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError) as caught:
        load_settings(env=env)
    assert len(caught.value.problems) == 1
    assert field in str(caught.value)
    assert remedy in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_all_mistakes_of_a_file_are_told_at_once(file):
    file.write_text(FILE.replace("9000", "90000").replace('"avis"', "7") + "\nnonsense = 1\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(file, {})
    assert {problem.field for problem in caught.value.problems} == {
        "web.port",
        "mailboxes.0.user",
        "scan_folders.0.nonsense",
    }
    assert str(file) in str(caught.value)


BROKEN_FILES = [
    ("not TOML", b"town = brest", "line 1"),
    ("not UTF-8", "town_name = 'Brest m\u00e9tropole'".encode("latin-1"), "cannot be read"),
]


@pytest.mark.parametrize(("content", "words"), [row[1:] for row in BROKEN_FILES], ids=[row[0] for row in BROKEN_FILES])
def test_a_broken_file_is_named(content, words, tmp_path):
    path = tmp_path / "odd.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load_settings(path, {})
    assert "odd.toml" in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("redis://127.0.0.1:6379/0", "has no password"),
        ("rediss://cache.example:6379/0", "has no password"),
        ("redis://portevoix:@cache.example/0", "has no password"),
        ("redis://:geheim@cache.example:6379/0", "is not encrypted"),
        ("redis://:geheim@10.0.0.3/0", "is not encrypted"),
        ("rediss://:geheim@cache.example/0?ssl_cert_reqs=none", "does not check the server's certificate"),
        ("rediss://:geheim@cache.example/0?ssl_check_hostname=false", "does not check the server's certificate"),
        ("http://:geheim@cache.example/0", "is no Redis server"),
        ("cache.example:6379", "is no Redis server"),
    ],
)
def test_a_redis_that_others_could_reach_or_read_is_refused(file, url, told):
    with pytest.raises(SettingsError, match=told) as caught:
        load_settings(file, {"PORTEVOIX_REDIS_URL": url})
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "unix:///run/redis/redis.sock",
        "redis://:geheim@localhost:6379/0",
        "rediss://portevoix:geheim@cache.example:6380/1",
        "rediss://:geheim@cache.example/0?ssl_ca_certs=/etc/ssl/town.pem",
    ],
)
def test_a_redis_of_ones_own_is_taken(file, url):
    assert load_settings(file, {"PORTEVOIX_REDIS_URL": url}).redis_url == url


# --- showing --------------------------------------------------------------------------------------


def test_what_is_in_force_is_shown_without_secrets(file):
    env = {
        "PORTEVOIX_TWILIO__ACCOUNT_SID": ACCOUNT,
        "PORTEVOIX_TWILIO__AUTH_TOKENS": TOKEN,
        "PORTEVOIX_DATABASE_URL": "postgresql+psycopg://portevoix:geheim@db/portevoix",
        "PORTEVOIX_REDIS_URL": "rediss://:geheim@cache:6379/0",
    }
    settings = load_settings(file, env)
    shown = dict(shown_settings(settings))
    everything = repr(shown) + repr(settings)
    assert TOKEN not in everything
    assert "geheim" not in everything
    assert shown["database_url"] == "postgresql+psycopg://portevoix:••••••@db/portevoix"
    assert shown["mailboxes[0].host"] == "imap.brest.example"
    assert shown["mailboxes[0].password"] == "••••••"
    assert shown["web.port"] == "9000"


def test_every_setting_has_one_sentence():
    for line in describe_settings():
        assert line.sentence.endswith("."), line.path
        assert line.sentence[0].isupper(), line.path


def test_every_variable_of_the_manual_is_read():
    for line in describe_settings():
        if line.variable:
            found = _read_environment({line.variable: "1"})
            for name in line.path.split("."):
                found = found[name]
            assert found in ("1", ["1"]), line.path


def test_the_manual_is_current():
    page = Path(__file__).parents[2] / "docs" / "settings.md"
    assert page.read_text(encoding="utf-8") == settings_page(), "python -m config.settings.loader > docs/settings.md"
