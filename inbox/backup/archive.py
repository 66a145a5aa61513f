"""The form of a backup: one sealed file that holds a tar, each member summed in a manifest at its end."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, ClassVar

from inbox.backup.key_generations import retired_on
from inbox.errors import Damaged, InboxError, KeysRetired
from inbox.storage import crypto
from inbox.storage.crypto import Keyring, fsync_folder

MAGIC = b"PORTEVOIX-BACKUP-1"
BEGINNING = "backup.json"
MANIFEST = "manifest.json"
_LONGEST_HEAD = 1024


class NotABackup(InboxError):
    """The file is not a backup made by this program."""

    remedy: ClassVar[str] = "Give the file that `portevoix backup` wrote."


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup holds."""

    made_at: str
    revision: str
    """Of the tables, as migrations call it."""
    tables: dict[str, int] = field(default_factory=dict)
    """Rows of each table."""
    sums: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each member."""
    missing: tuple[str, ...] = ()
    """Files a row names that were not in the media store."""

    @property
    def rows(self) -> int:
        """Rows in all."""
        return sum(self.tables.values())

    @property
    def files(self) -> int:
        """Media files."""
        return sum(name.startswith("media/") for name in self.sums)


# --- writing ------------------------------------------------------------------------------------


class ArchiveWriter:
    """Adds members to an archive."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.sums: dict[str, str] = {}

    def add(self, name: str, file: IO[bytes]) -> None:
        """Add a seekable file from its beginning."""
        member = tarfile.TarInfo(name)
        member.size = file.seek(0, io.SEEK_END)
        file.seek(0)
        summing = _SummingFile(file)
        self._tar.addfile(member, summing)
        self.sums[name] = summing.sum.hexdigest()

    def add_json(self, name: str, value: Any) -> None:
        """Add a small value."""
        self.add(name, io.BytesIO(json.dumps(value).encode()))

    def finish(self, manifest: BackupManifest) -> None:
        """Add the manifest, without which an archive is not accepted."""
        self.add_json(MANIFEST, asdict(manifest))


@contextmanager
def write_archive(target: Path, keyring: Keyring) -> Iterator[ArchiveWriter]:
    """An archive that is at ``target`` at the end of the block, durably, or not at all."""
    key = crypto.new_key()
    keyring.look_again()
    master_id, wrapped = keyring.wrap(key)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(b" ".join([MAGIC, master_id.encode(), wrapped.hex().encode()]) + b"\n")
            sealing = _SealingFile(key, file)
            with tarfile.open(fileobj=sealing, mode="w|") as tar:  # type: ignore[call-overload] # a stream only needs write
                yield ArchiveWriter(tar)
            sealing.finish()
            file.flush()
            os.fsync(file.fileno())
        Path(name).rename(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    fsync_folder(target.parent)


class _SealingFile:
    """Seals what is written to it."""

    def __init__(self, key: bytes, target: IO[bytes]) -> None:
        self._sealer = crypto.Sealer(key)
        self._target = target
        target.write(self._sealer.header)

    def write(self, data: bytes) -> int:
        self._target.writelines(self._sealer.add(data))
        return len(data)

    def finish(self) -> None:
        self._target.write(self._sealer.finish())


class _SummingFile:
    """Sums what is read of a file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sum.update(data)
        return data


# --- reading ------------------------------------------------------------------------------------


@contextmanager
def read_archive(archive: Path, keyring: Keyring) -> Iterator[Iterator[tuple[str, ArchiveMember]]]:
    """The members of an archive in order, up to the manifest, which has been checked when it comes.

    Raises ``NotABackup``, ``KeysMissing`` (``KeysRetired`` of one too old), and ``Damaged`` when a byte is not what
    was written.
    """
    with archive.open("rb") as file:
        head = file.readline(_LONGEST_HEAD).split()
        if len(head) != 3 or head[0] != MAGIC:
            raise NotABackup(f"{archive} is not a backup")
        if (day := retired_on(keyring, head[1].decode("ascii", "replace"))) is not None:
            raise KeysRetired(f"the master key that {archive} was sealed under was retired on {day}")
        key = keyring.unwrap(head[1].decode("ascii", "replace"), bytes.fromhex(head[2].decode("ascii", "replace")))
        try:
            opened = _OpenedFile(crypto.unseal_stream(key, file))
            with tarfile.open(fileobj=opened, mode="r|") as tar:  # type: ignore[call-overload] # it only needs read
                yield _members(tar, opened)
        except tarfile.TarError as error:
            raise Damaged(f"{archive} ends too early") from error


class ArchiveMember:
    """One member while it is being read: its bytes, or its lines."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sum = hashlib.sha256()

    def pieces(self) -> Iterator[bytes]:
        """Its bytes."""
        while piece := self._file.read(crypto.CHUNK_BYTES):
            self.sum.update(piece)
            yield piece

    def lines(self) -> Iterator[bytes]:
        """Its lines."""
        for line in self._file:
            self.sum.update(line)
            yield line

    def json(self) -> Any:
        """The value in it."""
        return json.loads(b"".join(self.pieces()))


def _members(tar: tarfile.TarFile, opened: _OpenedFile) -> Iterator[tuple[str, ArchiveMember]]:
    sums: dict[str, str] = {}
    for info in tar:
        file = tar.extractfile(info)
        if file is None:
            raise Damaged(f"{info.name} is not a file")
        member = ArchiveMember(file)
        if info.name != MANIFEST:
            yield info.name, member
            for _rest in member.pieces():
                pass
            sums[info.name] = member.sum.hexdigest()
            continue
        content = b"".join(member.pieces())
        if json.loads(content)["sums"] != sums:
            raise Damaged("the backup does not hold what its manifest says")
        # Behind the manifest there is only padding, whose end shows that nothing was cut off.
        while opened.read(crypto.CHUNK_BYTES):
            pass
        yield MANIFEST, ArchiveMember(io.BytesIO(content))
        return
    raise Damaged("the backup ends without its manifest")


class _OpenedFile:
    """Reads from pieces as from a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = bytearray()

    def read(self, size: int) -> bytes:
        while len(self._held) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._held += piece
        data = bytes(self._held[:size])
        del self._held[:size]
        return data
