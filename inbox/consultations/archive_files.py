"""The form of an archive: an index of what it holds, and the sealed values one after the other.

Each value is sealed with the data key of what it belongs to, and bound to its place, as it was in its row: whoever has
the file without the database's keys reads nothing, and a value whose key was destroyed nobody reads any more. The index
names tables, columns and numbers of rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

from inbox.errors import Damaged

_MAGIC = b"PORTEVOIX-ARCHIVE-1\n"
_LENGTH_BYTES = 8
_LONGEST_INDEX = 64 * 1024 * 1024


class ArchivedValue(NamedTuple):
    """One sealed value, and where it stood."""

    table: str
    row_id: int
    column: str
    sealed: bytes


def archive_chunks(values: Sequence[ArchivedValue]) -> Iterator[bytes]:
    """The bytes of an archive."""
    index = json.dumps([(one.table, one.row_id, one.column, len(one.sealed)) for one in values]).encode()
    yield _MAGIC + len(index).to_bytes(_LENGTH_BYTES, "big") + index
    for one in values:
        yield one.sealed


def read_archive(file: BinaryIO, rows: Iterable[tuple[str, int]] | None = None) -> Iterator[ArchivedValue]:
    """What an archive holds, of these rows only where any are named; raises ``Damaged``."""
    wanted = None if rows is None else frozenset(rows)
    for table, row_id, column, length in _index(file):
        if wanted is not None and (table, row_id) not in wanted:
            file.seek(length, 1)
            continue
        sealed = file.read(length)
        if len(sealed) != length:
            raise Damaged("the archive ends too early")
        yield ArchivedValue(table, row_id, column, sealed)


def _index(file: BinaryIO) -> list[tuple[str, int, str, int]]:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise Damaged("the file is no archive")
    length = int.from_bytes(file.read(_LENGTH_BYTES), "big")
    if length > _LONGEST_INDEX:
        raise Damaged("the archive's index is too long")
    try:
        entries = json.loads(file.read(length))
        return [(str(table), int(row), str(column), int(size)) for table, row, column, size in entries]
    except ValueError as error:
        raise Damaged("the archive's index cannot be read") from error
