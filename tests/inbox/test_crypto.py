"""Sealing values and files, and the keys folder."""

import io
import os
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.errors import Damaged, KeysMissing
from inbox.storage import crypto
from inbox.storage.crypto import CHUNK_BYTES, MASTERS, Keyring

KEY = bytes(range(32))
SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 7]


def sealed_file(plain: bytes) -> bytes:
    return b"".join(crypto.seal_stream(KEY, [plain]))


def opened(sealed: bytes, start: int = 0) -> bytes:
    return b"".join(crypto.unseal_stream(KEY, io.BytesIO(sealed), start))


@given(st.binary())
def test_value_comes_back(value: bytes):
    sealed = crypto.seal(KEY, value)
    assert crypto.unseal(KEY, sealed) == value
    assert crypto.seal(KEY, value) != sealed


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: s[:-1], id="cut short"),
        pytest.param(lambda s: s[:20] + bytes([s[20] ^ 1]) + s[21:], id="one bit changed"),
        pytest.param(lambda s: b"\x02" + s[1:], id="another version"),
        pytest.param(lambda s: b"", id="nothing"),
        pytest.param(lambda s: s[:5], id="only a beginning"),
    ],
)
def test_changed_value_does_not_open(change):
    with pytest.raises(Damaged):
        crypto.unseal(KEY, change(crypto.seal(KEY, b"Stop aux camions")))


def test_value_does_not_open_with_another_key():
    with pytest.raises(Damaged):
        crypto.unseal(os.urandom(32), crypto.seal(KEY, b"Stop aux camions"))


@pytest.mark.parametrize("size", SIZES)
def test_file_comes_back(size: int):
    plain = os.urandom(size)
    sealed = sealed_file(plain)
    assert opened(sealed) == plain
    assert crypto.plain_size(len(sealed)) == size
    assert plain[:1000] not in sealed or size < 8


@given(st.lists(st.binary(max_size=70_000), max_size=6))
def test_file_comes_back_however_its_pieces_fall(pieces: list[bytes]):
    assert opened(b"".join(crypto.seal_stream(KEY, pieces))) == b"".join(pieces)


@pytest.mark.parametrize("start", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES + 6])
def test_file_from_the_middle_on(start: int):
    plain = os.urandom(2 * CHUNK_BYTES + 7)
    assert opened(sealed_file(plain), start) == plain[start:]


_CHUNK = CHUNK_BYTES + 16
_HEAD = crypto.FILE_HEADER_BYTES


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: s[: _HEAD + _CHUNK], id="cut at a chunk's end"),
        pytest.param(lambda s: s[: _HEAD + 2 * _CHUNK], id="last, empty-ended chunk missing"),
        pytest.param(lambda s: s[:-1], id="cut by a byte"),
        pytest.param(lambda s: s + b"x", id="a byte more"),
        pytest.param(lambda s: s[:_HEAD] + s[_HEAD + _CHUNK :], id="first chunk left out"),
        pytest.param(
            lambda s: s[:_HEAD] + s[_HEAD + _CHUNK : _HEAD + 2 * _CHUNK] + s[_HEAD : _HEAD + _CHUNK] + s[-23:],
            id="chunks swapped",
        ),
        pytest.param(lambda s: s[:_HEAD], id="only the header"),
        pytest.param(lambda s: b"", id="nothing"),
        pytest.param(lambda s: s[:10] + bytes([s[10] ^ 1]) + s[11:], id="salt changed"),
    ],
)
def test_changed_file_does_not_open(change):
    sealed = sealed_file(os.urandom(2 * CHUNK_BYTES + 7))
    changed = change(sealed)
    assert changed != sealed
    with pytest.raises(Damaged):
        opened(changed)


# --- the keys folder ------------------------------------------------------------------------------


def test_keys_are_made_once_and_for_nobody_else(tmp_path: Path):
    folder = tmp_path / "keys"
    first = Keyring.load_or_create(folder)
    again = Keyring.load_or_create(folder)
    assert again.current == first.current
    assert again.keyed_hash("a", b"x") == first.keyed_hash("a", b"x")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("turn", range(10))
def test_processes_that_start_together_agree(tmp_path: Path, turn: int):
    switched = sys.getswitchinterval()
    rings: list[Keyring] = []
    start = threading.Barrier(8)

    def load() -> None:
        start.wait()
        rings.append(Keyring.load_or_create(tmp_path / "keys"))

    threads = [threading.Thread(target=load) for _ in range(8)]
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(switched)
    assert len(rings) == 8
    assert len({ring.keyed_hash("a", b"x") for ring in rings}) == 1
    wrapped = [ring.wrap(KEY) for ring in rings]
    assert {ring.unwrap(*one) for ring in rings for one in wrapped} == {KEY}


def test_rotating_keeps_what_was_wrapped_and_the_hash(tmp_path: Path):
    ring, other = Keyring.load_or_create(tmp_path), Keyring.load_or_create(tmp_path)
    old = ring.wrap(KEY)
    before = ring.keyed_hash("address", b"+33612345678")
    assert ring.rotate() == ring.current != old[0]
    new = ring.wrap(KEY)
    assert ring.unwrap(*old) == ring.unwrap(*new) == KEY
    assert ring.keyed_hash("address", b"+33612345678") == before
    assert other.unwrap(*new) == KEY, "another process finds the new key by itself"
    (tmp_path / f"master-{old[0]}.key").unlink()
    with pytest.raises(KeysMissing):
        Keyring.load_or_create(tmp_path).unwrap(*old)


def test_another_process_wraps_with_the_new_key_from_now_on(tmp_path: Path):
    ring, other = Keyring.load_or_create(tmp_path), Keyring.load_or_create(tmp_path)
    before, after = other.wrap(KEY)[0], ring.rotate()
    other.look_again()
    assert before != after == other.wrap(KEY)[0]


def test_a_new_key_is_found_though_the_folder_seems_not_to_have_changed(tmp_path: Path):
    ring, other = Keyring.load_or_create(tmp_path), Keyring.load_or_create(tmp_path)
    other.look_again()
    seen = tmp_path.stat().st_mtime_ns
    after = ring.rotate()
    os.utime(tmp_path, ns=(seen, seen))  # within one tick of the file system's clock
    other.look_again()
    assert other.wrap(KEY)[0] == after


@pytest.mark.parametrize("inner", [".", MASTERS])
def test_a_folder_that_has_not_changed_for_long_is_not_listed(
    tmp_path: Path, inner: str, monkeypatch: pytest.MonkeyPatch
):
    ring = Keyring.load_or_create(tmp_path)
    if inner == MASTERS:
        crypto.set_masters_apart(tmp_path)
    long_ago = time.time_ns() - 3600 * 10**9
    for folder in {tmp_path, tmp_path / inner}:
        os.utime(folder, ns=(long_ago, long_ago))
    ring.look_again()
    listed: list[Path] = []
    listing = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda folder: (listed.append(folder), listing(folder))[1])
    ring.look_again()
    assert not listed
    (tmp_path / inner / "another").touch()
    ring.look_again()
    assert listed


def test_a_new_key_that_cannot_be_read_keeps_nothing_from_being_wrapped(tmp_path: Path):
    ring, other = Keyring.load_or_create(tmp_path), Keyring.load_or_create(tmp_path)
    before, after = ring.current, ring.rotate()
    (tmp_path / f"master-{after}.key").write_text("another user's")
    other.look_again()
    assert other.wrap(KEY)[0] == before


def test_hash_says_whose_it_is(tmp_path: Path):
    one, two = Keyring.load_or_create(tmp_path / "1"), Keyring.load_or_create(tmp_path / "2")
    assert one.keyed_hash("a", b"x") != two.keyed_hash("a", b"x")
    assert one.keyed_hash("a", b"x") != one.keyed_hash("b", b"x")
    assert len(one.keyed_hash("a", b"x")) == 64


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda folder: (folder / "hash.key").unlink(), id="hash key gone"),
        pytest.param(lambda folder: (folder / "hash.key").write_text("beef"), id="hash key cut short"),
        pytest.param(lambda folder: next(folder.glob("master-*.key")).write_text("00" * 32), id="another master key"),
        pytest.param(
            lambda folder: next(folder.glob("master-*.key")).write_text("not hexadecimal"), id="no key at all"
        ),
    ],
)
def test_half_a_keys_folder_is_refused(tmp_path: Path, harm):
    Keyring.load_or_create(tmp_path)
    harm(tmp_path)
    with pytest.raises(KeysMissing) as caught:
        Keyring.load_or_create(tmp_path)
    assert "never delete" in caught.value.remedy
