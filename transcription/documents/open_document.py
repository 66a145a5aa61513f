"""OpenDocument (ISO/IEC 26300) to its text; runs in a limited child process."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from transcription.documents.zipped_xml import Package, Refused, attribute, local_name

_KIND = "application/vnd.oasis.opendocument."
_PARAGRAPHS = frozenset(("p", "h"))
_BLOCKS = frozenset(("annotation", "note-body", "text-box", "list", "table", "section"))
"""What stands within a paragraph and has paragraphs of its own."""
_UNSEEN = frozenset(("tracked-changes", "note-citation", "annotation-end"))
_FILES = frozenset(("image", "object", "object-ole", "plugin", "floating-frame", "applet"))
_TYPED = frozenset(("text", "textarea", "formatted-text", "number", "date", "time", "combobox"))


class OpenDocument:
    """A document in a package; ``holds_files`` is known when its text has been taken."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self.holds_files = False

    @classmethod
    def within(cls, package: Package) -> OpenDocument | None:
        """The document a package is; None when it is another kind of zip."""
        if "mimetype" not in package or "content.xml" not in package:
            return None
        kind = package.read("mimetype", 200).decode("ascii", "replace")
        return cls(package) if kind.startswith(_KIND) else None

    def text(self) -> Iterator[str]:
        """The heads of pages; paragraphs, headings and rows in order, with boxes and notes; the feet of pages."""
        manifest = "META-INF/manifest.xml"
        if manifest in self._package and b"encryption-data" in self._package.read(manifest):
            raise Refused("encrypted")
        pages = self._package.xml("styles.xml") if "styles.xml" in self._package else None
        yield from self._around(pages, ("header", "header-first", "header-left"))
        yield from self._within(self._package.xml("content.xml"))
        yield from self._around(pages, ("footer", "footer-first", "footer-left"))

    def _around(self, styles: ElementTree.Element | None, names: tuple[str, ...]) -> Iterator[str]:
        seen: set[str] = set()
        for element in styles.iter() if styles is not None else ():
            if local_name(element) in names and attribute(element, "display") != "false":
                for line in self._within(element):
                    if (bare := line.strip()) and bare not in seen and not bare.isdecimal():  # numbers of pages
                        seen.add(bare)
                        yield line

    def _within(self, element: ElementTree.Element) -> Iterator[str]:
        for child in element:
            name = local_name(child)
            self.holds_files |= name in _FILES
            if name == "forms":
                yield from _filled_in(child)
            elif name in _PARAGRAPHS:
                yield from self._paragraph(child)
            elif name == "table-row":
                row = "\t".join(" ".join(self._within(cell)) for cell in child).rstrip()
                if row:
                    yield row
            elif name not in _UNSEEN:
                yield from self._within(child)

    def _paragraph(self, element: ElementTree.Element) -> Iterator[str]:
        """A paragraph, and below it what is fixed to it: boxes, notes, comments."""
        blocks: list[ElementTree.Element] = []
        yield "".join(self._inline(element, blocks))
        for block in blocks:
            yield from self._within(block)

    def _inline(self, element: ElementTree.Element, blocks: list[ElementTree.Element]) -> Iterator[str]:
        yield element.text or ""
        for child in element:
            name = local_name(child)
            self.holds_files |= name in _FILES
            if name == "s":
                count = attribute(child, "c") or "1"
                yield " " * min(int(count), 100) if count.isdigit() else " "
            elif name == "tab":
                yield "\t"
            elif name == "line-break":
                yield "\n"
            elif name in _BLOCKS:
                blocks.append(child)
            elif name not in _UNSEEN:
                yield from self._inline(child, blocks)
            yield child.tail or ""


def _filled_in(forms: ElementTree.Element) -> Iterator[str]:
    """What was typed or chosen in the fields of a form, each beside its label."""
    for field in forms.iter():
        label, state = attribute(field, "label"), attribute(field, "current-state")
        typed = attribute(field, "current-value") or attribute(field, "value")
        if local_name(field) in ("checkbox", "radio"):
            is_chosen = state == "checked" or attribute(field, "current-selected") == "true"
            yield f"{'☒' if is_chosen else '☐'} {label}".rstrip()
        elif typed and local_name(field) in _TYPED:
            yield f"{label} {typed}".strip()
        elif local_name(field) in ("option", "item") and attribute(field, "current-selected") == "true":
            yield label
