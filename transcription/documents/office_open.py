"""Word, Excel and PowerPoint since 2007 (ISO/IEC 29500) to their text; runs in a limited child process.

Parts are found by the relations between them: what they are called is each program's own business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from transcription.documents.zipped_xml import Package, attribute, local_name

_MOST_SHEETS = 50
_FILES = frozenset(
    ("image", "oleObject", "package", "video", "audio", "media", "aFChunk", "chart", "chartEx", "control", "model3d")
)
"""Relations to what is seen or heard and not read here."""
_UNSEEN = frozenset(("pPr", "rPr", "moveFrom", "sectPr", "instrText", "delText", "delInstrText"))
_STANDS_FOR = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
_USUAL_NAMES = ("word/document.xml", "xl/workbook.xml", "ppt/presentation.xml")
"""Where a package does not say which part is the main one."""


class OfficeFile:
    """A document in a package; ``holds_files`` is known when its text has been taken."""

    def __init__(self, package: Package, main: str) -> None:
        self._package = package
        self._main = main
        self.holds_files = False

    @classmethod
    def within(cls, package: Package) -> OfficeFile | None:
        """The document a package is; None when it is another kind of zip."""
        named = [one.target for one in package.relations() if one.kind == "officeDocument" and one.target]
        main = next((name for name in (*named, *_USUAL_NAMES) if name in package), None)
        return cls(package, main) if main else None

    def text(self) -> Iterator[str]:
        """Its text, line by line."""
        root = self._package.xml(self._main)
        name = local_name(root)
        if name == "workbook":
            yield from self._sheets(root)
        elif name == "presentation":
            yield from self._slides(root)
        else:
            yield from self._letter(root)

    def _note_files(self, part: str) -> None:
        self.holds_files |= any(one.kind in _FILES for one in self._package.relations(part))

    def _related(self, part: str, *kinds: str) -> list[str]:
        """What a part refers to in these ways, each once."""
        found = [one.target for one in self._package.relations(part) if one.kind in kinds and one.target]
        return list(dict.fromkeys(found))

    def _letter(self, root: ElementTree.Element) -> Iterator[str]:
        """Word: what stands above each page, the text with its boxes, what stands below, notes, comments, diagrams."""
        self._note_files(self._main)
        seen: set[str] = set()
        # The first page, even ones and all others have heads of their own, which mostly say the same.
        for header in self._related(self._main, "header"):
            yield from _new(_paragraphs(self._package.xml(header)), seen)
        yield from _paragraphs(root)
        for footer in self._related(self._main, "footer"):
            yield from _new(_paragraphs(self._package.xml(footer)), seen)
        for part in self._related(self._main, "footnotes", "endnotes", "comments", "diagramData"):
            self._note_files(part)
            yield from filter(str.strip, _paragraphs(self._package.xml(part)))

    def _slides(self, root: ElementTree.Element) -> Iterator[str]:
        """Slides in their order, each with its notes and comments."""
        for slide in self._in_order(root, "sldId", "slide", r"ppt/slides/slide(\d{1,4})\.xml"):
            self._note_files(slide)
            yield from _paragraphs(self._package.xml(slide))
            for part in self._related(slide, "notesSlide", "comments", "diagramData"):
                yield from filter(str.strip, _paragraphs(self._package.xml(part)))

    def _sheets(self, root: ElementTree.Element) -> Iterator[str]:
        """Excel: rows as lines, cells parted by tabs, of a formula its last value; then comments and text boxes."""
        shared: list[str] = []
        strings = self._related(self._main, "sharedStrings") or ["xl/sharedStrings.xml"]
        for part in (part for part in strings if part in self._package):
            shared += ["".join(_texts(one)) for one in self._package.xml(part)]
        for sheet in self._in_order(root, "sheet", "worksheet", r"xl/worksheets/sheet(\d{1,4})\.xml"):
            self._note_files(sheet)
            for row in (one for one in self._package.xml(sheet).iter() if local_name(one) == "row"):
                cells = [_cell(cell, shared) for cell in row if local_name(cell) == "c"]
                if any(cells):
                    yield "\t".join(cells).rstrip()
            yield from self._beside_cells(sheet)

    def _beside_cells(self, sheet: str) -> Iterator[str]:
        for part in self._related(sheet, "comments", "threadedComment"):
            for one in self._package.xml(part).iter():
                if local_name(one) in ("comment", "threadedComment"):
                    yield "".join(_texts(one))
        for drawing in self._related(sheet, "drawing"):
            self._note_files(drawing)
            yield from filter(str.strip, _paragraphs(self._package.xml(drawing)))

    def _in_order(self, root: ElementTree.Element, entry: str, kind: str, usual: str) -> list[str]:
        """Slides or sheets as the main part orders them; where it does not say, by the numbers in their names."""
        targets = {one.id: one.target for one in self._package.relations(self._main) if one.kind == kind}
        ids = [
            value
            for one in root.iter()
            if local_name(one) == entry
            for value in one.attrib.values()
            if value in targets
        ]
        ordered = [targets[one] for one in dict.fromkeys(ids) if targets[one]]
        if not ordered:
            folder = usual.rpartition("/")[0]
            found = [match for name in self._package.matching(folder) if (match := re.fullmatch(usual, name))]
            ordered = [match[0] for match in sorted(found, key=lambda match: int(match[1]))]
        return ordered[:_MOST_SHEETS]


def _new(lines: Iterable[str], seen: set[str]) -> Iterator[str]:
    for line in lines:
        if (bare := line.strip()) and bare not in seen and not bare.isdecimal():  # numbers of pages
            seen.add(bare)
            yield line


def _paragraphs(root: ElementTree.Element) -> list[str]:
    """Paragraphs in order; those of a text box after the one it is fixed to; without what a revision deleted."""
    lines: list[str] = []
    open_: list[tuple[int, list[str]]] = []
    left: list[tuple[ElementTree.Element, bool]] = [(root, False)]
    while left:  # not a function that calls itself: documents can be nested without end
        element, is_over = left.pop()
        name = local_name(element)
        if is_over:
            index, pieces = open_.pop()
            lines[index] = "".join(pieces)
            continue
        if name in _UNSEEN:
            continue
        if name == "p":
            open_.append((len(lines), []))
            lines.append("")
            left.append((element, True))
        elif open_:
            open_[-1][1].append(_piece(element, name))
        children = [_chosen(element)] if name == "AlternateContent" else list(element)
        left += [(child, False) for child in reversed(children) if child is not None]
    return lines


def _piece(element: ElementTree.Element, name: str) -> str:
    if name == "t":
        return element.text or ""
    if name == "textpath":  # WordArt
        return attribute(element, "string")
    if name == "ffData":
        return _filled_in(element)
    if name == "sym":  # a letter of a font of signs: which one it is, only the font knows
        return "•"
    return _STANDS_FOR.get(name, "")


def _filled_in(field: ElementTree.Element) -> str:
    """A box or a list of an old form as it was filled in; what was typed into one stands in the text itself."""
    inner = {local_name(one): one for one in field.iter()}
    if "checkBox" in inner:
        told = inner.get("checked", inner.get("default"))
        return "☒" if told is not None and attribute(told, "val") not in ("0", "false", "off") else "☐"
    choices = [attribute(one, "val") for one in field.iter() if local_name(one) == "listEntry"]
    chosen = attribute(inner["result"], "val") if "result" in inner else "0"
    return choices[int(chosen)] if chosen.isdigit() and int(chosen) < len(choices) else ""


def _chosen(element: ElementTree.Element) -> ElementTree.Element | None:
    """Of the forms a thing is written in for programs of different age, the newest that has words, once."""
    choices = [child for child in element if local_name(child) == "Choice"]
    choices += [child for child in element if local_name(child) == "Fallback"]
    return next((one for one in choices if any(_texts(one))), choices[0] if choices else None)


def _texts(element: ElementTree.Element) -> Iterator[str]:
    return (one.text or "" for one in element.iter() if local_name(one) in ("t", "text"))


def _cell(cell: ElementTree.Element, shared: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(_texts(cell))
    value = next((one.text or "" for one in cell if local_name(one) == "v"), "")
    if cell.get("t") == "s" and value.isdigit() and int(value) < len(shared):
        return shared[int(value)]
    return value
