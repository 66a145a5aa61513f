"""Small holes: hidden entities, packed addresses, readable keys, plain http, cookies that others set."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from channels.providers.twilio.fetch import is_public
from config.probe import Unavailable, run_probe
from config.settings.loader import Settings
from config.settings.sections.web_section import Web
from gateway.probes.doctor import all_probes
from gateway.probes.permission_probes import check_guarded, permission_probes
from gateway.web.app import create_app
from inbox.erasure import tombstones
from inbox.storage import opening_chain
from inbox.storage.crypto import Keyring
from inbox.storage.database import Store
from tests.standins.web import free_port
from tests.transcription.documents import typed_docx, zipped
from transcription.documents.document_text import UnreadDocument, read_document

# --- entities, in whatever encoding ---------------------------------------------------------------------

BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'


def declared(name: str) -> str:
    return f'<?xml version="1.0" encoding="{name}"?>{BOMB}'


HIDDEN = {
    "UTF-8": BOMB.encode(),
    "UTF-8, with its mark": b"\xef\xbb\xbf" + BOMB.encode(),
    "UTF-16": BOMB.encode("utf-16"),
    "UTF-16, declared": declared("UTF-16").encode("utf-16"),
    "UTF-16, the other way round": b"\xfe\xff" + BOMB.encode("utf-16-be"),
    "behind much white": b"<!--" + b" " * 20_000 + b"-->" + BOMB.encode(),
    "another document type": b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x>y</x>',
}


@pytest.mark.parametrize("data", HIDDEN.values(), ids=HIDDEN)
def test_a_document_with_entities_is_not_read_in_any_encoding(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "letter.docx"
    file.write_bytes(zipped({"word/document.xml": data}))
    assert read_document(file).problem is UnreadDocument.BROKEN


def test_a_letter_without_is_read(tmp_path: Path) -> None:
    file = tmp_path / "letter.docx"
    file.write_bytes(typed_docx("Plus de bancs"))
    assert read_document(file).text == "Plus de bancs"


# --- addresses of IPv4 packed into those of IPv6 ---------------------------------------------------------

ADDRESSES = {
    "93.184.215.14": True,
    "127.0.0.1": False,
    "169.254.169.254": False,
    "10.0.0.1": False,
    "2606:2800:21f:cb07:6820:80da:af6b:8b2c": True,
    "::1": False,
    "fd00::1": False,
    "::ffff:127.0.0.1": False,
    "::ffff:93.184.215.14": True,
    "64:ff9b::7f00:1": False,
    "64:ff9b::a9fe:a9fe": False,
    "64:ff9b::5db8:d70e": True,
    "64:ff9b:1::a00:1": False,
    "2002:7f00:1::": False,
    "2002:a9fe:a9fe::1": False,
    "2001:0:5ef5:79fd:0:0:80ff:fffe": False,
    "::7f00:1": False,
}


@pytest.mark.parametrize(("address", "public"), ADDRESSES.items())
def test_an_address_is_public_when_what_is_packed_into_it_is(address: str, public: bool) -> None:
    assert is_public(address) is public


# --- keys ------------------------------------------------------------------------------------------------


def told(settings: Settings) -> str:
    (probe,) = (one for one in all_probes(settings, lambda: None) if one.name == "keys")  # type: ignore[arg-type, return-value]
    return run_probe(probe).problem


@pytest.mark.parametrize(
    ("file", "mode", "problem"), [("a.key", 0o600, ""), ("a.key", 0o644, "a.key"), (".", 0o755, "")]
)
def test_doctor_tells_of_keys_that_others_may_read(tmp_path: Path, file: str, mode: int, problem: str) -> None:
    settings = Settings(folder=tmp_path)
    settings.keys_dir.mkdir(mode=0o700)
    key = settings.keys_dir / "a.key"
    key.touch(mode=0o600)
    (settings.keys_dir / file).chmod(mode)
    assert problem in told(settings)
    assert bool(told(settings)) is (mode & 0o077 != 0)


def test_a_group_may_share_keys_where_the_folder_says_so(tmp_path: Path) -> None:
    """As with a user for each part (docs/systemd); what is made in it later is the group's as well, nobody else's."""
    settings = Settings(folder=tmp_path)
    settings.keys_dir.mkdir()
    settings.keys_dir.chmod(0o2770)
    keyring = Keyring.load_or_create(settings.keys_dir)
    keyring.rotate()
    tombstones.append_lines(settings.keys_dir, [tombstones.TombstoneLine("part:1", "2026-01-01", "2026-01-02")])
    opening_chain.write_head(settings.keys_dir, opening_chain.ChainLink(1, "x"))
    modes = {path.name: path.stat().st_mode & 0o777 for path in settings.keys_dir.iterdir()}
    assert len(modes) == 8
    assert set(modes.values()) == {0o660}
    assert told(settings) == ""
    next(settings.keys_dir.glob("*.key")).chmod(0o664)
    assert ".key" in told(settings)


def test_one_users_keys_are_that_users_alone(tmp_path: Path) -> None:
    Keyring.load_or_create(tmp_path / "keys")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}


def problem_of(settings: Settings, name: str) -> str:
    return run_probe(next(one for one in permission_probes(settings) if one.name == name)).problem


# What lies where -> its rights, those of the data directory, and whether others can read it.
OPEN: dict[str, tuple[str, int, int, bool]] = {
    "a database": ("data/portevoix.sqlite", 0o644, 0o755, True),
    "a database in a folder of one's own": ("data/portevoix.sqlite", 0o644, 0o700, False),
    "a database of one's own in an open folder": ("data/portevoix.sqlite", 0o600, 0o711, True),
    "settings": ("portevoix.toml", 0o640, 0o700, True),
    "settings of one's own": ("portevoix.toml", 0o600, 0o700, False),
    "a backup": ("backups/2026.backup", 0o604, 0o700, True),
}


@pytest.mark.parametrize(("name", "mode", "folder", "told_of"), OPEN.values(), ids=OPEN)
def test_doctor_tells_of_what_others_may_read(tmp_path: Path, name: str, mode: int, folder: int, told_of: bool) -> None:
    settings = Settings(folder=tmp_path)
    for made in (settings.data_dir, settings.backups.folder):
        made.mkdir(mode=0o700)
    settings.backups.folder.chmod(0o755 if name.startswith("backups") else 0o700)
    (tmp_path / name).touch()
    (tmp_path / name).chmod(mode)
    settings.data_dir.chmod(folder)
    assert ("others may read" in problem_of(settings, "permissions")) is told_of


@pytest.mark.parametrize(("megabytes", "problem"), [(0, ""), (9, ""), (70, "nobody turns web.log")])
def test_doctor_tells_of_a_log_that_never_turns(tmp_path: Path, megabytes: int, problem: str) -> None:
    settings = Settings(folder=tmp_path)
    (settings.data_dir / "logs").mkdir(parents=True)
    with (settings.data_dir / "logs" / "web.log").open("wb") as log:
        log.truncate(megabytes * 1_000_000)
    assert problem_of(settings, "logs") == problem


@pytest.fixture
def networked_redis(tmp_path: Path) -> Iterator[int]:
    """A Redis on a port of this machine, which wants no password until it is told to."""
    port = free_port()
    with subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--dir", str(tmp_path)], stdout=subprocess.DEVNULL
    ) as server:
        connection = Redis(port=port)
        for _ in range(100):
            try:
                connection.ping()
                break
            except RedisError:
                time.sleep(0.05)
        yield port
        server.terminate()


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
def test_doctor_tells_of_a_redis_that_wants_no_password(networked_redis: int) -> None:
    address = f"redis://:geheim@127.0.0.1:{networked_redis}/0"
    with pytest.raises(Unavailable, match="no password"):
        check_guarded(address)
    Redis(port=networked_redis).config_set("requirepass", "geheim")
    check_guarded(address)
    check_guarded("unix:///nowhere")


def test_doctor_tells_of_keys_within_the_data(tmp_path: Path) -> None:
    assert "lies in the data directory" in told(Settings(folder=tmp_path, keys_dir=tmp_path / "data" / "keys"))


# --- https -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secure", [True, False], ids=["https", "http"])
def test_https_is_kept_to_and_nobody_else_sets_our_cookies(sqlite_store: Store, tmp_path: Path, secure: bool) -> None:
    app = create_app(Settings(folder=tmp_path, web=Web(secure_cookies=secure)), sqlite_store)
    answer = app.test_client().get("/sign-in", base_url="https://avis.ville.example")
    assert ("max-age=31536000" in answer.headers.get("Strict-Transport-Security", "")) is secure
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-portevoix=") is secure
    assert ("Secure" in cookie) is secure
    assert "Path=/" in cookie
    assert "Domain" not in cookie
