"""Master keys, and sealing with AES-256-GCM.

Three layers: a *master key* in the keys folder wraps the *data keys* stored in the
database, which seal values and files. Rotating makes a new master key and wraps the data
keys again; nothing that is sealed is touched. The key of the keyed hash never
rotates: an opt-out has to be found again for ever.

Beside each master key lies its open half (X25519): with it alone data keys can be wrapped, and none unwrapped. Master
keys lie in ``masters`` of the keys folder, where there is one, which may be all that others do not see.
"""

from __future__ import annotations

import hmac
import os
import re
import stat
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from inbox.errors import Damaged, KeysMissing
from inbox.storage import open_halves
from inbox.storage.folder_look import FolderLook

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16

_VALUE, _BOUND_VALUE = b"\x01", b"\x02"
"""Of a value that says nothing of its place, as wrapped keys; and of one that opens in its place alone."""
_REMEMBERED_HALVES = 512
_LOOSE_MAGIC, _BOUND_MAGIC = b"PVX1", b"PVX2"
"""Of a file that says nothing of its name, as backups and files of earlier versions; and of one bound to it."""
_SALT_BYTES = 16
FILE_HEADER_BYTES = len(_BOUND_MAGIC) + _SALT_BYTES
CHUNK_BYTES = 64 * 1024
_SEALED_CHUNK_BYTES = CHUNK_BYTES + _TAG_BYTES

_MASTER_FILE = re.compile(r"master-(\d{4}-[0-9a-f]{8})\.key")
_SEARCH_FILE = re.compile(r"search-(\d{4})\.key")
_HASH_FILE = "hash.key"
MASTERS = "masters"
"""The folder within the keys folder in which the master keys lie, where there is one."""
_BOUND_FILE = "values-bound"


# --- values ---------------------------------------------------------------------------------------


def new_key() -> bytes:
    """A random AES-256 key."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, value: bytes, place: bytes = b"") -> bytes:
    """Seal a short value: version byte, random nonce, ciphertext with its tag (29 bytes longer than the value).

    With a ``place`` it opens there alone: version and place are its associated data.
    """
    nonce = os.urandom(_NONCE_BYTES)
    version = _BOUND_VALUE if place else _VALUE
    return version + nonce + AESGCM(key).encrypt(nonce, value, version + place)


def unseal(key: bytes, sealed: bytes, place: bytes = b"") -> bytes:
    """Open what ``seal`` made; raises ``Damaged`` when a bit of it, the key or the place is not the same.

    Where a place is named, what is bound to none does not open either.
    """
    version = _BOUND_VALUE if place else _VALUE
    if sealed[:1] != version:
        raise Damaged("not a sealed value of this kind")
    nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, version + place)
    except (InvalidTag, ValueError) as error:
        raise Damaged("a sealed value does not open") from error


def derive_key(key: bytes, purpose: bytes) -> bytes:
    """A key for one purpose, from another that it says nothing about (HKDF, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"portevoix " + purpose).derive(key)


# --- files ----------------------------------------------------------------------------------------
#
# Rogaway's STREAM: each chunk's nonce is its number and a mark on the last one, so that chunks can
# neither be swapped nor left out, nor the file be cut at a chunk's end. Each file has a key
# of its own, derived from the data key and a random salt, so nonces never meet.


def _file_cipher(key: bytes, salt: bytes, name: str) -> AESGCM:
    about = b"portevoix file " + name.encode() if name else b"portevoix file"
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=about).derive(key))


def _chunk_nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(_NONCE_BYTES - 1, "big") + (b"\x01" if last else b"\x00")


class Sealer:
    """Seals a file as its bytes come: ``header`` first, then what ``add`` gives, and ``finish`` at the end."""

    def __init__(self, key: bytes, name: str = "") -> None:
        salt = os.urandom(_SALT_BYTES)
        self.header = (_BOUND_MAGIC if name else _LOOSE_MAGIC) + salt
        self._cipher = _file_cipher(key, salt, name)
        self._number = 0
        self._held = bytearray()

    def add(self, piece: bytes) -> list[bytes]:
        """The chunks that are full now; less than one chunk is held back."""
        self._held += piece
        full = []
        # Strictly more: a full chunk waits until it is known whether it is the last.
        while len(self._held) > CHUNK_BYTES:
            full.append(self._sealed(bytes(self._held[:CHUNK_BYTES]), last=False))
            del self._held[:CHUNK_BYTES]
        return full

    def finish(self) -> bytes:
        """The last chunk, which may hold nothing: without it the file does not open."""
        return self._sealed(bytes(self._held), last=True)

    def _sealed(self, chunk: bytes, *, last: bool) -> bytes:
        sealed = self._cipher.encrypt(_chunk_nonce(self._number, last), chunk, None)
        self._number += 1
        return sealed


def seal_stream(key: bytes, pieces: Iterable[bytes], name: str = "") -> Iterator[bytes]:
    """Seal a file piece by piece, holding no more than one chunk and one piece in memory; bound to a name, if any."""
    sealer = Sealer(key, name)
    yield sealer.header
    for piece in pieces:
        yield from sealer.add(piece)
    yield sealer.finish()


def unseal_stream(key: bytes, sealed: BinaryIO, start: int = 0, name: str = "") -> Iterator[bytes]:
    """Open a sealed file from byte ``start`` of the plain one on; ``sealed`` need only be seekable when start > 0.

    Every chunk yielded is authentic; ``Damaged`` comes at the first that is not, at the end when the file was cut
    short, and for a file that was sealed under another ``name``.
    """
    header = sealed.read(FILE_HEADER_BYTES)
    magic, salt = header[: len(_BOUND_MAGIC)], header[len(_BOUND_MAGIC) :]
    if len(header) < FILE_HEADER_BYTES or magic not in (_LOOSE_MAGIC, _BOUND_MAGIC):
        raise Damaged("not a sealed file")
    cipher = _file_cipher(key, salt, name if magic == _BOUND_MAGIC else "")
    number, skip = divmod(start, CHUNK_BYTES)
    if number:
        sealed.seek(FILE_HEADER_BYTES + number * _SEALED_CHUNK_BYTES)
    held = sealed.read(_SEALED_CHUNK_BYTES)
    while True:
        following = sealed.read(_SEALED_CHUNK_BYTES) if len(held) == _SEALED_CHUNK_BYTES else b""
        try:
            chunk = cipher.decrypt(_chunk_nonce(number, last=not following), held, None)
        except (InvalidTag, ValueError) as error:
            raise Damaged("a sealed file was changed or cut short") from error
        if chunk[skip:]:
            yield chunk[skip:]
        if not following:
            return
        held, skip, number = following, 0, number + 1


def plain_size(sealed_size: int) -> int:
    """How many bytes a sealed file of this size holds."""
    body = sealed_size - FILE_HEADER_BYTES
    chunks = max(1, -(-body // _SEALED_CHUNK_BYTES))
    return max(0, body - chunks * _TAG_BYTES)


# --- the keys folder ------------------------------------------------------------------------------


def fsync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a file's own fsync does not cover its directory entry."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def give_to_group(descriptor: int, folder: Path) -> None:
    """Let the folder's group read and write a new file where the folder says so by its set-group-ID bit, nobody else.

    So several users, one for each part, can share the keys; a folder without it is one user's alone.
    """
    if folder.stat().st_mode & stat.S_ISGID:
        os.fchmod(descriptor, 0o660)


def write_once(path: Path, content: bytes) -> None:
    """Create a 0600 file with its content at once and durably; one that is there already stays."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # mkstemp makes it 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            give_to_group(descriptor, path.parent)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link, not a rename: of two processes starting together the first one's key counts for both.
            os.link(name, path)
        except FileExistsError:
            return
        fsync_folder(path.parent)
    finally:
        Path(name).unlink()


def read_key(path: Path) -> bytes:
    """A key as it lies in a file, in hex; raises ``KeysMissing``."""
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise KeysMissing(f"{path} cannot be read as a key") from error
    if len(key) != KEY_BYTES:
        raise KeysMissing(f"{path} is not a key of {KEY_BYTES} bytes")
    return key


def _fingerprint(key: bytes) -> str:
    return hmac.digest(key, b"portevoix master key", "sha256").hex()[:8]


class WrappedKey(NamedTuple):
    """A data key as its row keeps it."""

    master_id: str
    wrapped: bytes


def masters_folder(folder: Path) -> Path:
    """Where the master keys of a keys folder lie that are made from now on."""
    return folder / MASTERS if (folder / MASTERS).is_dir() else folder


def master_files(folder: Path) -> list[Path]:
    """The files of the master keys, the oldest first, wherever in the keys folder they lie."""
    found = [path for place in (folder, folder / MASTERS) for path in place.glob("master-*.key")]
    return sorted((path for path in found if _MASTER_FILE.fullmatch(path.name)), key=lambda path: path.name)


def _read_master(path: Path) -> bytes:
    """A master key, also where it is being set apart at this moment."""
    apart = path.parent / MASTERS / path.name
    try:
        return read_key(path)
    except KeysMissing:
        if not apart.exists():
            raise
        return read_key(apart)


def set_masters_apart(folder: Path) -> None:
    """Have the master keys, and what opens the spool, in a folder of their own where the keys are one user's alone."""
    if not folder.is_dir() or folder.stat().st_mode & stat.S_ISGID:
        return  # where several users share it, whoever looks after the machine makes it
    (folder / MASTERS).mkdir(mode=0o700, exist_ok=True)
    for path in (*master_files(folder), *folder.glob("spool-*.key")):
        if path.parent == folder:
            # Another process may read it, or do the same, at this moment: it lies in one place at least all the while.
            with suppress(FileExistsError, FileNotFoundError):
                os.link(path, folder / MASTERS / path.name)
            fsync_folder(folder / MASTERS)
            path.unlink(missing_ok=True)
    fsync_folder(folder)


def read_open_halves(folder: Path) -> dict[str, bytes]:
    """The open halves of the master keys, by the master keys' ids."""
    return {path.stem.removeprefix("master-"): read_key(path) for path in folder.glob("master-*.pub")}


def read_hash_key(folder: Path) -> bytes:
    """The key of the keyed hash; raises ``KeysMissing``."""
    return read_key(folder / _HASH_FILE)


class Keyring:
    """The master keys and the key of the keyed hash, read from a folder that is kept apart from the data."""

    def __init__(self, folder: Path, hash_key: bytes, masters: dict[str, bytes]) -> None:
        self.folder = folder
        self._hash_key = hash_key
        self._masters = masters
        self._box_keys: dict[tuple[str, bytes], bytes] = {}
        self._searches = self._read_searches()
        self._look = FolderLook(folder, folder / MASTERS)

    @classmethod
    def load_or_create(cls, folder: Path) -> Keyring:
        """Read the keys, making them on the very first start; raises ``KeysMissing`` when only some are left."""
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fsync_folder(folder.parent)
        had_halves = bool(read_open_halves(folder))  # before the masters: another process that starts makes halves last
        masters = cls._read_masters(folder)
        hash_path = folder / _HASH_FILE
        if masters and not hash_path.exists():
            raise KeysMissing(f"{hash_path} is missing, beside master keys that are there")
        if not masters and had_halves:
            raise KeysMissing(f"{folder} has open halves of master keys, and none of the master keys can be read")
        if not hash_path.exists():
            write_once(hash_path, new_key().hex().encode("ascii"))
        if not masters:
            cls._make_master(folder, 1)
            masters = cls._read_masters(folder)
            write_once(folder / _BOUND_FILE, b"")  # nothing was sealed before there were keys
        cls._publish_halves(folder, masters)
        return cls(folder, read_key(hash_path), masters)

    @staticmethod
    def _read_masters(folder: Path) -> dict[str, bytes]:
        found = {}
        for path in master_files(folder):
            key, master_id = _read_master(path), path.stem.removeprefix("master-")
            if not master_id.endswith(_fingerprint(key)):
                raise KeysMissing(f"{path} does not hold the key its name says")
            found[master_id] = key
        return found

    @staticmethod
    def _publish_halves(folder: Path, masters: Mapping[str, bytes]) -> None:
        """Lay the open halves beside the keys, for those who only wrap."""
        for master_id, key in masters.items():
            file = folder / f"master-{master_id}.pub"
            if not file.exists():
                with suppress(OSError):  # a folder that cannot be written: who has the masters needs none
                    write_once(file, open_halves.public_of(derive_key(key, open_halves.PURPOSE)).hex().encode("ascii"))

    def _read_searches(self) -> dict[int, bytes]:
        """The keys of the search index by their generation; before the first was replaced, it stands in no file."""
        found = {}
        for path in self.folder.glob("search-*.key"):
            if match := _SEARCH_FILE.fullmatch(path.name):
                found[int(match[1])] = read_key(path)
        return found or {0: derive_key(self._hash_key, b"search index")}

    @property
    def search_key(self) -> bytes:
        """Of the tokens of the search index that are made now, and of nothing else."""
        return self._searches[self.search_generation]

    @property
    def search_generation(self) -> int:
        """Which key of the search index is in use, from 0."""
        return max(self._searches)

    @property
    def search_keys(self) -> list[bytes]:
        """All by which there may still be tokens, the newest first."""
        return [self._searches[one] for one in sorted(self._searches, reverse=True)]

    def rotate_search(self) -> int:
        """Begin a new key of the search index; its generation. What is indexed already is found by the older ones."""
        self._searches = self._read_searches()
        newest = self.search_generation
        if newest == 0:
            write_once(self.folder / "search-0000.key", self.search_key.hex().encode())
        write_once(self.folder / f"search-{newest + 1:04d}.key", new_key().hex().encode())
        self._searches = self._read_searches()
        return self.search_generation

    def forget_older_searches(self, rested: float) -> int:
        """Destroy the keys of the index before the newest, once that is so many seconds old; how many."""
        files = sorted(path for path in self.folder.glob("search-*.key") if _SEARCH_FILE.fullmatch(path.name))
        if len(files) < 2 or time.time() - files[-1].stat().st_mtime < rested:
            return 0
        for path in files[:-1]:
            with path.open("r+b") as file:
                file.write(b"0" * 2 * KEY_BYTES)
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        fsync_folder(self.folder)
        self._searches = self._read_searches()
        return len(files) - 1

    @staticmethod
    def _make_master(folder: Path, number: int) -> str:
        key = new_key()
        # The name holds a fingerprint, so another folder's key of the same number is not taken for this one.
        master_id = f"{number:04d}-{_fingerprint(key)}"
        write_once(masters_folder(folder) / f"master-{master_id}.key", key.hex().encode("ascii"))
        Keyring._publish_halves(folder, {master_id: key})
        return master_id

    @property
    def current(self) -> str:
        """The id of the master key that wraps new data keys: the one with the highest number."""
        return max(self._masters)

    def knows(self, master_id: str) -> bool:
        """Whether this master key is in the folder (looked at again, for another process may have rotated)."""
        if master_id not in self._masters:
            self._read_again()
        return master_id in self._masters

    @property
    def are_values_bound(self) -> bool:
        """Whether every value of the database was bound to its place: then none of the old form is taken."""
        return (self.folder / _BOUND_FILE).exists()

    def note_values_bound(self) -> None:
        """Note it, for ever."""
        write_once(self.folder / _BOUND_FILE, b"")

    def look_again(self) -> None:
        """Another process may have rotated: what it wrapped anew is not to be joined by more under the old key.

        Reads the folder, so it is asked before a transaction begins.
        """
        # Where the folder cannot be read just now, the known keys still keep what comes in.
        with suppress(OSError, KeysMissing):
            if (changed := self._look.changed()) is None:
                return
            found = [file.name for file in self.folder.iterdir()]
            if MASTERS in found:
                found += [file.name for file in (self.folder / MASTERS).iterdir()]
            names = self._ids_among(found)
            # None at all is a folder that is not there just now, rather than keys that were all retired.
            if names and names != self._masters.keys():
                self._read_again()
            searches = {int(match[1]) for name in found if (match := _SEARCH_FILE.fullmatch(name))}
            if searches and searches != self._searches.keys():
                self._searches = self._read_searches()
            self._look.read(changed)

    def _ids_among(self, names: Iterable[str]) -> set[str]:
        """Which master keys files of these names stand for."""
        return {match[1] for name in names if (match := _MASTER_FILE.fullmatch(name))}

    def _read_again(self) -> None:
        self._masters = self._read_masters(self.folder)
        self._box_keys.clear()

    def wrap(self, key: bytes) -> tuple[str, bytes]:
        """Wrap a data key with the newest master key that was seen; gives the master key's id and the wrapped key."""
        master_id = self.current
        return master_id, seal(self._masters[master_id], key)

    def unwrap(self, master_id: str, wrapped: bytes) -> bytes:
        """Unwrap a data key; raises ``KeysMissing`` when its master key is not in the folder."""
        if not self.knows(master_id):
            raise KeysMissing(f"the master key {master_id} is not in {self.folder}")
        if open_halves.is_boxed(wrapped):
            beside, sealed = open_halves.taken_apart(wrapped)
            return unseal(self._box_key(master_id, beside), sealed)
        return unseal(self._masters[master_id], wrapped)

    def _box_key(self, master_id: str, beside: bytes) -> bytes:
        """What a run of data keys was wrapped with, by the fresh half that lies beside each of them."""
        found = self._box_keys.get((master_id, beside))
        if found is None:
            if len(self._box_keys) >= _REMEMBERED_HALVES:
                self._box_keys.clear()
            found = self._box_keys[master_id, beside] = open_halves.box_key(self._half(master_id), beside)
        return found

    def _half(self, master_id: str) -> X25519PrivateKey:
        return open_halves.half_of(derive_key(self._masters[master_id], open_halves.PURPOSE))

    def for_leases(self, _leases: Iterable[tuple[int, int]]) -> AbstractContextManager[None]:
        """Within the block, data keys are opened for these steps (id and token); here it makes no difference."""
        return nullcontext()

    def for_call(self, _intake_id: int | None, _key_ids: Collection[int] = ()) -> AbstractContextManager[None]:
        """Within the block, data keys are opened for this call, which goes on, and these at once; likewise."""
        return nullcontext()

    def unwrap_rows(self, rows: Mapping[int, WrappedKey]) -> dict[int, bytes]:
        """Unwrap the data keys of these rows, by the rows' ids; raises ``KeysMissing``."""
        return {key_id: self.unwrap(*row) for key_id, row in rows.items()}

    def rotate(self) -> str:
        """Make a new master key and use it from now on; ``Store.rewrap_keys`` then wraps the older data keys."""
        self._read_again()
        master_id = self._make_master(self.folder, int(self.current[:4]) + 1)
        self._read_again()
        return master_id

    def keyed_hash(self, namespace: str, value: bytes) -> str:
        """HMAC-SHA-256 in hex under the key that never rotates; namespaces keep equal values apart."""
        # Not hmac.digest: it lets go of the interpreter, which costs more than the hash where many threads wait for it.
        return hmac.new(self._hash_key, namespace.encode() + b"\x00" + value, "sha256").hexdigest()
