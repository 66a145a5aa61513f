"""Text that runs over pages: paragraphs under one another, a new page where one is full."""

from __future__ import annotations

from io import BytesIO

from channels.paper.geometry import A4, Rectangle
from channels.paper.laying.typeset import TypeStyle, apply_typography, wrap_text
from channels.paper.printed_places import FontFace, PrintedText
from channels.paper.printing.ink_colours import Pen, new_canvas

_MARGIN = 22.0


class RunningText:
    """A document being written from above to below; ``y`` is where the next line's top lies, in millimetres."""

    def __init__(self, title: str, author: str, language: str) -> None:
        self._out = BytesIO()
        self._canvas = new_canvas(self._out, title, author, language)
        self._pen = Pen(self._canvas, A4[1])
        self.y = _MARGIN
        self._is_blank = True

    @property
    def room(self) -> float:
        """How much of the page is left, in millimetres."""
        return A4[1] - _MARGIN - self.y

    def new_page(self) -> None:
        """Go on at the top of a page; one on which nothing stands yet is used."""
        if not self._is_blank:
            self._canvas.showPage()
        self.y, self._is_blank = _MARGIN, True

    def paragraph(self, words: str, kind: TypeStyle, language: str, *, x: float = _MARGIN, gap: float = 3.0) -> None:
        """Lines from ``x`` to the right margin, line breaks of the words kept; ``gap`` millimetres below."""
        right_to_left = False
        for line in words.split("\n"):
            set_in = apply_typography(line.strip(), language)
            for one in wrap_text(set_in, kind.size, A4[0] - _MARGIN - x, kind.face, right_to_left=right_to_left) or [
                ""
            ]:
                if self.room < kind.leading:
                    self.new_page()
                self._pen.text(PrintedText(one, x, self.y + kind.ascent, kind.size, kind.face, kind.grey))
                self.y += kind.leading
                self._is_blank = False
        self.y += gap

    def height_of(self, words: str, kind: TypeStyle, language: str, *, x: float = _MARGIN) -> float:
        """How high a paragraph is, in millimetres."""
        lines = 0
        for line in words.split("\n"):
            set_in = apply_typography(line.strip(), language)
            lines += len(wrap_text(set_in, kind.size, A4[0] - _MARGIN - x, kind.face, right_to_left=False) or [""])
        return kind.height(lines)

    def keep_together(self, height: float) -> None:
        """Begin a new page where so many millimetres are not left on this one, if they fit on one at all."""
        if self.room < height <= A4[1] - 2 * _MARGIN:
            self.new_page()

    def rule(self, grey: float = 0.6) -> None:
        """A thin line across."""
        self._pen.stroke((_MARGIN, self.y), (A4[0] - _MARGIN, self.y), 0.25, grey)
        self.y += 4.0

    def lines_at(self, lines: list[str], place: Rectangle, kind: TypeStyle) -> None:
        """Lines at a fixed place of this page, no further than its bottom."""
        y = place.y
        for line in lines:
            if y + kind.leading > place.bottom:
                break
            self._pen.text(PrintedText(line, place.x, y + kind.ascent, kind.size, kind.face))
            y += kind.leading
        self._is_blank = False

    def finished(self) -> bytes:
        """The whole document as a PDF."""
        self._canvas.showPage()
        self._canvas.save()
        return self._out.getvalue()


HEADING = TypeStyle(24, FontFace.BOLD)
NUMBER = TypeStyle(20, FontFace.BOLD)
LARGE = TypeStyle(16)
"""Large print: 16 points and more (UNESCO and the French federation of the blind ask for that much)."""
PLAIN = TypeStyle(12)
SMALL = TypeStyle(10, grey=0.25)
