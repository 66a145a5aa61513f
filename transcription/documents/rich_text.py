"""Rich text (RTF 1.9.1) to its text through ``striprtf``; runs in a limited child process.

That library takes the text alone and leaves out notes, comments, boxes and heads of pages: these are given to it by
themselves. What it is slow over, or does not know, is put before it in a form that it reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from striprtf.striprtf import rtf_to_text

_TOKEN = re.compile(r"\\bin(\d{1,9}) ?|\\[^a-zA-Z]|\\([a-zA-Z]{1,32})(?:-?\d{1,10})? ?|([{}])")
_ABOVE = frozenset(("header", "headerl", "headerr", "headerf"))
_BELOW = frozenset(("footer", "footerl", "footerr", "footerf"))
_BESIDE = frozenset(("shptxt", "footnote", "annotation"))
_FILES = frozenset(("pict", "objdata", "objocx"))
_HEAD = re.compile(r"\\ansicpg\d+|\\(?:mac|pca|pc)(?![a-z])|\\uc\d+")
_CHARSETS = {r"\mac": "mac_roman", r"\pc": "cp437", r"\pca": "cp850"}
_FONT = re.compile(r"(\\f\d+)(?![^{};]*\\fcharset)(?=[\\ ])")
_BOM = r"\'ef\'bb\'bf"
_JOINERS = {"zwj": 0x200D, "zwnj": 0x200C, "zwbo": 0x200B}


class RichText:
    """A file of rich text; ``holds_files``: there are pictures or other programs' objects in it."""

    def __init__(self, raw: bytes) -> None:
        # Bytes outside ASCII are written as codes by all programs but a few; as codes, the charset of their font holds.
        source = re.sub(r"[\x80-\xff]", lambda found: f"\\'{ord(found[0]):02x}", raw.decode("latin-1"))
        self._parts: dict[str, list[str]] = {}
        self._source = self._without_files(_without_deleted(source.removeprefix(_BOM).lstrip()))
        self.holds_files = bool(self._parts.pop("file", None))

    def text(self) -> str:
        """Heads of pages, the text, their feet, then boxes, notes and comments."""
        head = "".join(_HEAD.findall(self._source[:2_000])) + _font_table(self._source)
        pieces = [self._plain(self._source)]
        for kind, place in (("above", 0), ("below", len(pieces) + 1), ("beside", len(pieces) + 2)):
            found = [self._plain(rf"{{\rtf1\ansi{head}{{{part}}}}}") for part in self._parts.get(kind, ())]
            pieces[place:place] = list(dict.fromkeys(filter(None, (one.strip() for one in found))))
        return "\n".join(pieces)

    def _without_files(self, source: str) -> str:
        """The source without pictures and objects; the groups that are read by themselves are noted."""
        out: list[str] = []
        position = 0
        for start, end, name, inner in _groups(source, _FILES | _ABOVE | _BELOW | _BESIDE):
            if name in _FILES:
                self._parts.setdefault("file", []).append(name)
            else:
                kind = "above" if name in _ABOVE else "below" if name in _BELOW else "beside"
                # Before what may stand within it: a note within a box comes after the box.
                place = self._parts.setdefault(kind, [])
                place.insert(at := len(place), "")
                place[at] = self._without_files(source[inner : end - 1])
            out.append(source[position:start])
            position = end
        return "".join(out) + source[position:]

    def _plain(self, source: str) -> str:
        charset = next((_CHARSETS[found] for found in _HEAD.findall(source[:2_000]) if found in _CHARSETS), "cp1252")
        # Each font with a charset, for the library takes that of the next font where there is none.
        table = _font_table(source)
        source = source.replace(r"\ansicpg10000", "")  # the library knows the Mac's by its other name only
        source = source.replace(table, _FONT.sub(r"\1\\fcharset1", table), 1) if table else source
        # Cells like those of other documents; links without their addresses twice.
        source = re.sub(r"\\(?:nest)?cell(?![a-z])", r"\\tab", source).replace("HYPERLINK", "HYPER\nLINK")
        for word, code in _JOINERS.items():
            source = re.sub(rf"\\{word}(?![a-z]) ?", rf"{{\\uc0\\u{code} }}", source)
        text: str = rtf_to_text(source + "}", encoding=charset, errors="replace")  # type: ignore[no-untyped-call]
        # Signs beyond 65,535 are written as two halves; soft hyphens are not seen.
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return "\n".join(line.rstrip() for line in whole.replace("\xad", "").splitlines())


def _without_deleted(source: str) -> str:
    """The source without what a revision deleted: from the word that says so to the end of its group."""
    if r"\deleted" not in source:
        return source
    out: list[str] = []
    position = at = depth = 0
    deleted: int | None = None  # the depth of the group in which it stands
    while found := _TOKEN.search(source, position):
        count, word, brace = found.groups()
        position = found.end() + int(count or 0)
        depth += (brace == "{") - (brace == "}")
        if deleted is None and word == "deleted" and not found[0].strip().endswith("0"):
            deleted = depth
            out.append(source[at : found.start()])
        elif deleted is not None and brace == "}" and depth < deleted:
            deleted, at = None, found.start()
    return "".join(out) + (source[at:] if deleted is None else "")


def _font_table(source: str) -> str:
    return next((source[start:end] for start, end, _, _ in _groups(source, frozenset(("fonttbl",)))), "")


def _groups(source: str, names: frozenset[str]) -> Iterator[tuple[int, int, str, int]]:
    """Start, end, name and start of the content of each outermost group of these destinations."""
    depth, position = 0, 0
    open_: tuple[int, int, str, int] | None = None
    starts: list[int] = []
    while found := _TOKEN.search(source, position):
        count, word, brace = found.groups()
        position = found.end() + int(count or 0)
        if brace == "{":
            starts.append(found.start())
            depth += 1
        elif brace == "}":
            depth = max(0, depth - 1)
            start = starts.pop() if starts else 0
            if open_ and start == open_[0]:
                yield open_[0], found.end(), open_[2], open_[3]
                open_ = None
        elif open_ is None and word in names and starts and _opens(source, starts[-1], found.start()):
            open_ = (starts[-1], 0, word, found.end())
    if open_:
        yield open_[0], len(source), open_[2], open_[3]


def _opens(source: str, brace: int, word: int) -> bool:
    """Whether a control word is the first of its group, behind "{" or "{\\*"."""
    return source[brace + 1 : word].strip() in ("", r"\*")
