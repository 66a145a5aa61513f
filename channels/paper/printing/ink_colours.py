"""Putting text, panels and codes on a reportlab canvas, in millimetres from the upper left corner."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import segno
from reportlab.lib.pagesizes import A4 as A4_POINTS
from reportlab.pdfgen.canvas import Canvas

from channels.paper import fonts
from channels.paper.fonts import MM
from channels.paper.geometry import Rectangle
from channels.paper.page_codes import CODE_DIGITS
from channels.paper.printed_places import Panel, PrintedText

_OVERLAP = 0.02
"""Millimetres by which a code's rows of modules reach into each other, so that no white line shows between them."""


def new_canvas(out: BytesIO, title: str, author: str, language: str) -> Canvas:
    """A canvas whose output depends on what is drawn alone: no times, no random names."""
    canvas = Canvas(out, pagesize=A4_POINTS, invariant=1, pageCompression=1, lang=language)
    canvas.setTitle(title)
    canvas.setAuthor(author)
    canvas.setCreator("Portevoix")
    return canvas


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws on a sheet ``height`` millimetres high, everything moved by ``x`` and ``y``."""

    canvas: Canvas
    height: float
    x: float = 0.0
    y: float = 0.0

    def _point(self, x: float, y: float) -> tuple[float, float]:
        return (x + self.x) * MM, (self.height - y - self.y) * MM

    def filled(self, place: Rectangle, grey: float = 0.0) -> None:
        """A rectangle of one grey, 0 black."""
        self.canvas.setFillGray(grey)
        x, y = self._point(place.x, place.bottom)
        self.canvas.rect(x, y, place.width * MM, place.height * MM, stroke=0, fill=1)

    def outlined(self, place: Rectangle, line: float, grey: float = 0.0) -> None:
        """An outline ``line`` millimetres wide that lies inside ``place``."""
        inner = place.grown(-line / 2)
        self.canvas.setStrokeGray(grey)
        self.canvas.setLineWidth(line * MM)
        x, y = self._point(inner.x, inner.bottom)
        self.canvas.rect(x, y, inner.width * MM, inner.height * MM, stroke=1, fill=0)

    def stroke(self, start: tuple[float, float], end: tuple[float, float], line: float, grey: float = 0.0) -> None:
        """A straight line."""
        self.canvas.setStrokeGray(grey)
        self.canvas.setLineWidth(line * MM)
        self.canvas.line(*self._point(*start), *self._point(*end))

    def panel(self, panel: Panel) -> None:
        """A panel; one without height is a line."""
        canvas, place = self.canvas, panel.place
        canvas.saveState()
        if panel.dash:
            canvas.setDash(panel.dash * MM, panel.dash * MM)
        if place.height == 0 or place.width == 0:
            self.stroke((place.x, place.y), (place.right, place.bottom), panel.line, panel.grey)
        else:
            canvas.setStrokeGray(panel.grey)
            canvas.setLineWidth(panel.line * MM)
            canvas.setFillGray(1.0 if panel.fill is None else panel.fill)
            x, y = self._point(place.x, place.bottom)
            size = place.width * MM, place.height * MM
            canvas.roundRect(x, y, *size, panel.radius * MM, stroke=panel.line > 0, fill=panel.fill is not None)
        canvas.restoreState()

    def text(self, text: PrintedText) -> None:
        """A line of print, each stretch of it in the font that has its characters."""
        width = fonts.text_width(text.words, text.size, text.face, right_to_left=text.right_to_left)
        x = text.x - {"left": 0.0, "centre": width / 2, "right": width}[text.align]
        self.canvas.setFillGray(text.grey)
        for name, run in fonts.font_runs(fonts.visual_order(text.words, right_to_left=text.right_to_left), text.face):
            fonts.font(name)
            self.canvas.setFont(name, text.size)
            self.canvas.drawString(*self._point(x, text.y), run)
            x += self.canvas.stringWidth(run, name, text.size) / MM

    def code(self, digits: str, place: Rectangle) -> None:
        """A code of ours, as ``channels.paper.page_codes`` describes it."""
        if len(digits) != CODE_DIGITS:
            raise ValueError(f"a code has {CODE_DIGITS} digits, not {len(digits)}")
        self.matrix(segno.make(digits, version=1, error="q", mode="numeric", boost_error=False), place)

    def matrix(self, code: segno.QRCode, place: Rectangle) -> None:
        """Any QR code, without quiet zone."""
        rows = tuple(code.matrix)
        module = place.width / len(rows)
        path = self.canvas.beginPath()
        for down, row in enumerate(rows):
            for across, dark in enumerate(row):
                if dark and (across == 0 or not row[across - 1]):
                    length = next((n for n in range(across, len(row)) if not row[n]), len(row)) - across
                    x, y = self._point(place.x + across * module, place.y + (down + 1) * module + _OVERLAP)
                    path.rect(x, y, length * module * MM, (module + _OVERLAP) * MM)
        self.canvas.setFillGray(0)
        self.canvas.drawPath(path, stroke=0, fill=1)
