"""Entries of a zip of XML, as office programs write them; runs in a limited child process.

A careful reader of zip and XML instead of office libraries: text is all that is wanted, and a
library that lays out, evaluates or follows links opens more than it must.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.parsers import expat

_LARGEST_XML = 64_000_000


class Refused(Exception):
    """Why a document is not read: ``broken``, ``encrypted`` or ``too_large``."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A part another one refers to: the last word of the relation's type, its name in the zip ("" when outside)."""

    kind: str
    target: str
    id: str


def local_name(element: ElementTree.Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: ElementTree.Element, name: str) -> str:
    """The first attribute of this name, in whatever namespace."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


class Package:
    """An opened zip, its entries found by name whatever their case, as its programs do."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = {name.lower(): name for name in archive.namelist()}

    def __contains__(self, name: str) -> bool:
        """Whether there is an entry of this name."""
        return name.lower() in self._names

    def matching(self, start: str) -> list[str]:
        """The entries whose names begin so, in order."""
        return sorted(name for lower, name in self._names.items() if lower.startswith(start))

    def read(self, name: str, most: int = _LARGEST_XML) -> bytes:
        """An entry's bytes, never more than ``most``, whatever its header claims."""
        with self._archive.open(self._names[name.lower()]) as entry:
            data = entry.read(most + 1)
        if len(data) > most:
            raise Refused("too_large")
        return data

    def xml(self, name: str) -> ElementTree.Element:
        """An entry as XML; one with entities is refused."""
        data = self.read(name)
        if _has_doctype(data):  # no office program writes one
            raise Refused("broken")
        return ElementTree.fromstring(data)  # noqa: S314 (no entities, in a child of limited time and memory)

    def relations(self, name: str = "") -> Iterator[Relation]:
        """What a part refers to (ISO/IEC 29500-2, 8.5); of the package itself where no part is named."""
        folder, file = posixpath.split(name)
        where = posixpath.join(folder, "_rels", f"{file}.rels")
        if where not in self:
            return
        for one in self.xml(where):
            target = unquote(one.get("Target", ""))
            inside = one.get("TargetMode", "").lower() != "external"
            path = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found = self._names.get(path.lower(), "") if inside else ""
            yield Relation(one.get("Type", "").rpartition("/")[2], found, one.get("Id", ""))


class _Begun(Exception):
    """The first element: no document type comes after it."""


def _has_doctype(data: bytes) -> bool:
    """Whether an XML file declares a document type, and so perhaps entities, in whatever encoding it is written."""
    found: list[bool] = []
    parser = expat.ParserCreate()

    def declared(*_what: object) -> None:
        found.append(True)
        raise _Begun

    def begun(*_what: object) -> None:
        raise _Begun

    parser.StartDoctypeDeclHandler, parser.StartElementHandler = declared, begun
    with suppress(_Begun, expat.ExpatError, ValueError, LookupError):  # what is no XML is told by who parses it
        parser.Parse(data, True)
    return bool(found)
