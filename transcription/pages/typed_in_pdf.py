"""What a PDF holds and its drawn pages do not show: notes, hidden fields, forms of another program, files.

Runs in a limited child process. Nothing is executed or followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pikepdf

from transcription.base.values import Doubt
from transcription.pages.nested_forms import unpacks_within

MOST_TYPED = 100_000
"""Characters taken of one page."""
_MOST_ANNOTATIONS = 2_000
_LONGEST_XML = 8_000_000
_FILES = frozenset(("/FileAttachment", "/Sound", "/Movie", "/Screen", "/RichMedia", "/3D"))
_SAYING_NOTHING = frozenset(("/Link", "/Popup", "/PrinterMark", "/TrapNet", "/Watermark", "/Redact"))
_UNSEEN = 0b100010
"""Hidden, or not to be viewed (ISO 32000-1, table 165)."""
_READ_ONLY, _PASSWORD = 1, 1 << 13
_LETTER_WIDTH, _LINE_HEIGHT = 0.5, 1.2
"""Of the size of the type: a mean over Latin text."""
_DEEPEST_FIELD = 20


@dataclass
class HiddenContent:
    """What is to be known of a PDF beside its pictures: what is typed on each page (from 0), and doubts about all."""

    typed: dict[int, list[str]] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    placeholder: bool = False
    """Its page only says that another program is needed."""

    def on_page(self, number: int) -> list[str]:
        """What is typed on a page (from 0) and not drawn there."""
        return self.typed.get(number, [])


def find_hidden_content(pdf: pikepdf.Pdf) -> HiddenContent:
    """What of this PDF its pages do not show; of what is damaged in it, as much as can be made out."""
    beside = HiddenContent()
    with suppress(Exception):  # damaged objects raise what they like; the pages are drawn all the same
        _look_at_form(pdf, beside)
    for number, page in enumerate(pdf.pages):
        with suppress(Exception):  # as above
            said = list(_said_on(page, beside))
            if said:
                beside.typed.setdefault(number, []).extend(said)
    with suppress(Exception):  # as above
        if pdf.attachments or pdf.Root.get("/Collection") is not None:
            beside.doubts.append(Doubt.FILES_WITHIN)
    if any(beside.typed.values()) and not beside.placeholder:
        beside.doubts.append(Doubt.TYPED_BESIDE)
    beside.doubts = list(dict.fromkeys(beside.doubts))
    return beside


def _look_at_form(pdf: pikepdf.Pdf, beside: HiddenContent) -> None:
    """A form that only its own program draws (dynamic XFA): its answers are in its data, its page asks to wait."""
    form = pdf.Root.get("/AcroForm")
    if form is None or form.get("/XFA") is None:
        return
    is_drawn_elsewhere = bool(pdf.Root.get("/NeedsRendering", False))
    if not is_drawn_elsewhere and len(form.get("/Fields", [])):
        return
    # Several pages may be drawn by the file itself: they are read, and the answers besides.
    beside.placeholder = is_drawn_elsewhere or len(pdf.pages) == 1
    beside.doubts.append(Doubt.OWN_PROGRAM)
    values = list(_answers(form.XFA))
    if values:
        beside.typed[0] = values


def _answers(xfa: Any) -> Iterator[str]:
    """The values in the data of an XFA form, in order."""
    packets = [one for one in xfa if isinstance(one, pikepdf.Stream)] if isinstance(xfa, pikepdf.Array) else [xfa]
    if not unpacks_within(iter(packets), _LONGEST_XML):
        return
    whole = b"".join(packet.read_bytes() for packet in packets)
    if b"<!DOCTYPE" in whole or b"<!ENTITY" in whole:
        return
    # The packets together are one document; a damaged one does not hide the data.
    found = re.search(rb"<((?:[\w.-]+:)?datasets)\b.*</\1\s*>", whole, re.DOTALL)
    root = ElementTree.fromstring(found[0] if found else whole)  # noqa: S314 (no entities, in a limited child)
    for data in (one for one in root.iter() if _local(one) == "data"):
        yield from _leaves(data)


def _leaves(data: ElementTree.Element) -> Iterator[str]:
    for element in data.iter():
        if text := " ".join((element.text or "").split()):
            yield text
        if element is not data and (tail := " ".join((element.tail or "").split())):
            yield tail


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _said_on(page: pikepdf.Page, beside: HiddenContent) -> Iterator[str]:
    length = 0
    for annotation in list(page.obj.get("/Annots", []))[:_MOST_ANNOTATIONS]:
        kind = str(annotation.get("/Subtype", ""))
        if kind in _FILES:
            beside.doubts.append(Doubt.FILES_WITHIN)
        said = _value(annotation) if kind == "/Widget" else "" if kind in _SAYING_NOTHING else _note(annotation, kind)
        if said and length < MOST_TYPED:
            length += len(said)
            yield said[:MOST_TYPED]


def _note(annotation: Any, kind: str) -> str:
    """What a note says, unless it stands on the page itself."""
    is_drawn = kind == "/FreeText" and annotation.get("/AP") is not None and not int(annotation.get("/F", 0)) & _UNSEEN
    if is_drawn:
        return ""
    plain = _text(annotation.get("/Contents"))
    return plain or re.sub(r"<[^<>]*>", " ", _text(annotation.get("/RC"))).strip()


def _value(widget: Any) -> str:
    """What was typed into a field that is hidden, or too small to show all of it."""
    flags = int(_inherited(widget, "/Ff") or 0)
    if str(_inherited(widget, "/FT")) != "/Tx" or flags & _PASSWORD:
        return ""
    typed = _text(_inherited(widget, "/V"))
    is_hidden = bool(int(widget.get("/F", 0)) & _UNSEEN)
    if is_hidden:  # what a form keeps for itself is read-only as a rule
        return "" if flags & _READ_ONLY else typed
    return typed if len(typed) > _room(widget) else ""


def _room(widget: Any) -> float:
    """How many letters the field shows, about."""
    stated = re.search(r"([\d.]+)\s+Tf", _text(_inherited(widget, "/DA")))
    size = float(stated[1]) if stated else 0.0
    if not size:  # as small as it must be
        return 1_000.0
    left, bottom, right, top = (float(value) for value in widget.Rect)
    across = abs(right - left) / (size * _LETTER_WIDTH)
    return across * max(1.0, abs(top - bottom) / (size * _LINE_HEIGHT))


def _inherited(field_: Any, name: str) -> Any:
    """A field's own entry, or that of the fields it belongs to."""
    for _ in range(_DEEPEST_FIELD):
        if (value := field_.get(name)) is not None:
            return value
        field_ = field_.get("/Parent")
        if field_ is None:
            return None
    return None


def _text(value: Any) -> str:
    """A text string or text stream."""
    if value is None:
        return ""
    if isinstance(value, pikepdf.Stream):
        value = pikepdf.String(value.read_bytes().decode("latin-1"))
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", " ", str(value)).strip()


def open_pdf(path: Path) -> pikepdf.Pdf | None:
    """The PDF as its objects; None when they cannot be made out, and it can only be drawn."""
    try:
        return pikepdf.open(path, suppress_warnings=True)
    except pikepdf.PdfError:
        return None
