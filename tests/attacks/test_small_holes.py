"""Small holes: hidden entities, packed addresses, readable keys, plain http, cookies that others set."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels.providers.twilio.fetch import is_public
from config.probe import run_probe
from config.settings.loader import Settings
from config.settings.sections import Web
from gateway.probes.doctor import probes
from gateway.web.app import create_app
from inbox.storage.database import Store
from tests.transcription.documents import typed_docx, zipped
from transcription.documents.document_text import Undocumented, read_document

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
    assert read_document(file).problem is Undocumented.BROKEN


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
    (probe,) = (one for one in probes(settings, lambda: None) if one.name == "keys")  # type: ignore[arg-type, return-value]
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
