"""The list as Apache Parquet: columns by their keys, numbers as numbers, what is missing as null.

Written here, because a library that writes it (pyarrow, 170 MB) is larger than all of Portevoix: rows in groups, in
each one page a column, plain values behind definition levels, gzip. As in the format's description
(github.com/apache/parquet-format, ``parquet.thrift``, ``Encodings.md``); the values around them are Thrift's compact
protocol (github.com/apache/thrift, ``thrift-compact-protocol.md``).
"""

from __future__ import annotations

import gzip
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

GROUP_ROWS = 5_000
GROUP_CHARACTERS = 8_000_000
"""A group of rows is written at so many characters, however few rows these are."""

_MAGIC = b"PAR1"
_WHOLE = re.compile(r"\d{1,18}")

# parquet.thrift: Type, ConvertedType, FieldRepetitionType, Encoding, CompressionCodec, PageType.
_INT64, _BYTE_ARRAY = 2, 6
_UTF8, _OPTIONAL, _PLAIN, _RLE, _GZIP, _DATA_PAGE = 0, 1, 0, 3, 2, 0

# thrift-compact-protocol.md, types of struct fields.
_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12

Field = tuple[int, int, bytes]
"""A field of a Thrift struct: its number, its type, its value as it is written."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A column's part of a group of rows, as the end of the file describes it."""

    offset: int
    rows: int
    plain_size: int
    size: int


def parquet_pieces(
    keys: Sequence[str], batches: Iterable[Sequence[Sequence[str]]], numbers: frozenset[str]
) -> Iterator[bytes]:
    """Rows with these columns, in pieces; the columns in ``numbers`` are whole numbers, all others text."""
    yield _MAGIC
    written, groups = len(_MAGIC), []
    for rows in _groups(batches):
        chunks = []
        for at, key in enumerate(keys):
            page, plain_size = _page([row[at] for row in rows], is_number=key in numbers)
            chunks.append(_Chunk(written, len(rows), plain_size, len(page)))
            written += len(page)
            yield page
        groups.append(chunks)
    footer = _footer(keys, numbers, groups)
    yield footer + struct.pack("<I", len(footer)) + _MAGIC


def _groups(batches: Iterable[Sequence[Sequence[str]]]) -> Iterator[list[Sequence[str]]]:
    held: list[Sequence[str]] = []
    characters = 0
    for batch in batches:
        for row in batch:
            held.append(row)
            characters += sum(map(len, row))
            if len(held) == GROUP_ROWS or characters > GROUP_CHARACTERS:
                yield held
                held, characters = [], 0
    if held:
        yield held


def _page(values: Sequence[str], *, is_number: bool) -> tuple[bytes, int]:
    """A page with its header, and what it would come to without compression."""
    there = [bool(_WHOLE.fullmatch(one)) if is_number else bool(one) for one in values]
    said = [one for one, is_there in zip(values, there, strict=True) if is_there]
    body = b"".join(struct.pack("<q", int(one)) if is_number else _text(one) for one in said)
    plain = _levels(there) + body
    packed = gzip.compress(plain, 6, mtime=0)
    about = _struct((1, _I32, _int(len(values))), (2, _I32, _int(_PLAIN)), (3, _I32, _int(_RLE)), (4, _I32, _int(_RLE)))
    header = _struct(
        (1, _I32, _int(_DATA_PAGE)), (2, _I32, _int(len(plain))), (3, _I32, _int(len(packed))), (5, _STRUCT, about)
    )
    return header + packed, len(header) + len(plain)


def _text(value: str) -> bytes:
    # A lone surrogate, which a broken mail can hold, has no UTF-8.
    raw = value.encode("utf-8", "replace")
    return struct.pack("<I", len(raw)) + raw


def _levels(there: Sequence[bool]) -> bytes:
    """Which values are there, one bit each, as one bit-packed run of the RLE hybrid encoding."""
    bits = bytearray(-(-len(there) // 8))
    for at, is_there in enumerate(there):
        bits[at // 8] |= is_there << at % 8
    run = _varint(len(bits) << 1 | 1) + bytes(bits)
    return struct.pack("<I", len(run)) + run


def _footer(keys: Sequence[str], numbers: frozenset[str], groups: Sequence[Sequence[_Chunk]]) -> bytes:
    schema = [_struct((4, _BINARY, _string("contributions")), (5, _I32, _int(len(keys))))]
    schema += [_column(key, is_number=key in numbers) for key in keys]
    described = []
    for chunks in groups:
        columns = [_chunk(key, chunk, is_number=key in numbers) for key, chunk in zip(keys, chunks, strict=True)]
        plain_size = sum(chunk.plain_size for chunk in chunks)
        rows = (3, _I64, _int(chunks[0].rows))
        described.append(_struct((1, _LIST, _list(_STRUCT, columns)), (2, _I64, _int(plain_size)), rows))
    return _struct(
        (1, _I32, _int(1)),
        (2, _LIST, _list(_STRUCT, schema)),
        (3, _I64, _int(sum(chunks[0].rows for chunks in groups))),
        (4, _LIST, _list(_STRUCT, described)),
        (6, _BINARY, _string("portevoix")),
    )


def _column(key: str, *, is_number: bool) -> bytes:
    kind = (1, _I32, _int(_INT64 if is_number else _BYTE_ARRAY))
    named: tuple[Field, ...] = ((3, _I32, _int(_OPTIONAL)), (4, _BINARY, _string(key)))
    # Both the older and the newer way of saying that bytes are UTF-8 (LogicalTypes.md, STRING).
    is_text: tuple[Field, ...] = ((6, _I32, _int(_UTF8)), (10, _STRUCT, _struct((1, _STRUCT, _struct()))))
    return _struct(kind, *named, *(() if is_number else is_text))


def _chunk(key: str, chunk: _Chunk, *, is_number: bool) -> bytes:
    about = _struct(
        (1, _I32, _int(_INT64 if is_number else _BYTE_ARRAY)),
        (2, _LIST, _list(_I32, [_int(_PLAIN), _int(_RLE)])),
        (3, _LIST, _list(_BINARY, [_string(key)])),
        (4, _I32, _int(_GZIP)),
        (5, _I64, _int(chunk.rows)),
        (6, _I64, _int(chunk.plain_size)),
        (7, _I64, _int(chunk.size)),
        (9, _I64, _int(chunk.offset)),
    )
    return _struct((2, _I64, _int(chunk.offset)), (3, _STRUCT, about))


# --- Thrift's compact protocol ----------------------------------------------------------------------------


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _int(value: int) -> bytes:
    return _varint(value << 1 if value >= 0 else ~(value << 1))


def _string(value: str) -> bytes:
    raw = value.encode()
    return _varint(len(raw)) + raw


def _list(kind: int, items: Sequence[bytes]) -> bytes:
    head = bytes([len(items) << 4 | kind]) if len(items) < 15 else bytes([0xF0 | kind]) + _varint(len(items))
    return head + b"".join(items)


def _struct(*fields: Field) -> bytes:
    """Fields in the order of their numbers, none more than 15 apart."""
    out, before = b"", 0
    for number, kind, value in fields:
        out += bytes([number - before << 4 | kind]) + value
        before = number
    return out + b"\x00"
