"""A report as PDF, in the fonts that forms are printed in, with bookmarks and bars beside the figures.

Not tagged (reportlab writes no structure tree): made only where what tags is not installed (``tagged_pdf``).
"""

from __future__ import annotations

from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Frame, Image, KeepTogether, PageTemplate, Spacer
from reportlab.platypus import Paragraph as Flowing
from reportlab.platypus import Table as Grid

from channels.paper.fonts import font_runs, is_right_to_left, visual_order
from channels.paper.printed_places import FontFace
from gateway.documents.document_words import printable, quoted, sentence_sources
from gateway.documents.report_pictures import png_of, size_of
from inbox.reports.document_blocks import (
    AreaMap,
    AuthorSentence,
    Block,
    Paragraph,
    ParagraphManner,
    QuoteBlock,
    ReportDocument,
    ReportTable,
)

_INK, _SOFT, _ACCENT, _LINE = (HexColor(one) for one in ("#24211c", "#5d574d", "#0b5a63", "#cfc8b8"))
_WIDTH = A4[0] - 44 * mm
_BAR = 40 * mm


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    given = {"fontSize": size, "leading": size * 1.38, "textColor": _INK, "spaceAfter": 2 * mm, **more}
    return ParagraphStyle(name, fontName="Helvetica", **given)


_STYLES = {
    "title": _style("title", 22, spaceAfter=3 * mm),
    "h1": _style("h1", 15, spaceBefore=7 * mm, keepWithNext=1),
    "h2": _style("h2", 12.5, spaceBefore=4 * mm, keepWithNext=1),
    ParagraphManner.BODY: _style("body", 10.5),
    ParagraphManner.LEAD: _style("lead", 12),
    ParagraphManner.NOTE: _style("note", 9, textColor=_SOFT),
    ParagraphManner.WARNING: _style("warning", 10.5, textColor=HexColor("#744800")),
    "role": _style("role", 9, textColor=_SOFT, leftIndent=5 * mm, spaceAfter=0.5 * mm),
    "voice": _style("voice", 11.5, leftIndent=5 * mm, spaceAfter=0.5 * mm),
    "source": _style("source", 9, textColor=_ACCENT, leftIndent=5 * mm, spaceAfter=4 * mm),
    "own": _style(
        "own", 10.5, backColor=HexColor("#e3eff0"), borderPadding=2 * mm, spaceBefore=3 * mm, spaceAfter=3 * mm
    ),
    "cell": _style("cell", 9.5, spaceAfter=0),
    "figure": _style("figure", 9.5, spaceAfter=0, alignment=TA_RIGHT),
}


class _Pages(BaseDocTemplate):  # type: ignore[misc]
    """Pages with their numbers, and a bookmark for each heading."""

    def afterFlowable(self, flowable: Any) -> None:  # noqa: N802 - reportlab calls it so
        level = getattr(flowable, "outline_level", None)
        if level is not None:
            key = f"heading-{self.seq.nextf('heading')}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.outline_title, key, level, closed=False)


def render_pdf(document: ReportDocument) -> bytes:
    """The file."""
    out = BytesIO()
    pages = _Pages(
        out,
        pagesize=A4,
        leftMargin=22 * mm,
        rightMargin=22 * mm,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
        title=printable(document.title),
        author=printable(document.town),
        lang=document.language,
        pageTemplates=[],
    )
    frame = Frame(22 * mm, 20 * mm, _WIDTH, A4[1] - 40 * mm, 0, 0, 0, 0)
    pages.addPageTemplates(PageTemplate("page", [frame], onPage=_number_page))
    story = [
        _heading(document.title, "title", 0),
        _flowing(f"{document.town} · {document.subtitle}", _STYLES[ParagraphManner.LEAD]),
    ]
    for level, section in document.printed():
        story += [CondPageBreak(30 * mm), _heading(section.title, f"h{level}", level - 1)]
        for block in section.blocks:
            story += _block(block, document.language)
    story.append(_flowing(document.closing, _STYLES[ParagraphManner.NOTE]))
    pages.build(story)
    return out.getvalue()


def _number_page(canvas: Any, _pages: Any) -> None:
    canvas.saveState()
    canvas.setFont(*_font("1", 9))
    canvas.setFillColor(_SOFT)
    canvas.drawRightString(A4[0] - 22 * mm, 12 * mm, str(canvas.getPageNumber()))
    canvas.restoreState()


def _font(words: str, size: float) -> tuple[str, float]:
    return next(name for name, _text in font_runs(words, FontFace.REGULAR)), size


def _markup(words: str, face: FontFace, language: str = "") -> str:
    """Words in the fonts that have them, as reportlab's paragraphs want it."""
    # reportlab breaks lines at the narrow space before « » ».
    kept = printable(words).replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")
    drawn = visual_order(kept, right_to_left=is_right_to_left(language))
    lines = [
        "".join(f"<font name={quoteattr(name)}>{escape(text)}</font>" for name, text in font_runs(line, face))
        for line in drawn.split("\n")
    ]
    return "<br/>".join(lines)


def _flowing(
    words: str, style: ParagraphStyle, *, url: str = "", face: FontFace = FontFace.REGULAR, language: str = ""
) -> Any:
    markup = _markup(words, face, language)
    return Flowing(f"<a href={quoteattr(url)}>{markup}</a>" if url else markup, style)


def _heading(words: str, style: str, level: int) -> Any:
    made = _flowing(words, _STYLES[style], face=FontFace.BOLD)
    made.outline_level, made.outline_title = level, printable(words)
    return made


def _block(block: Block, language: str) -> list[Any]:
    if isinstance(block, Paragraph):
        return [_flowing(block.text, _STYLES[block.manner], url=block.url)]
    if isinstance(block, QuoteBlock):
        return [
            KeepTogether(
                [
                    _flowing(block.role, _STYLES["role"]),
                    _flowing(quoted(block, language), _STYLES["voice"], language=block.language or ""),
                    _flowing(block.source, _STYLES["source"], url=block.url),
                ]
            )
        ]
    if isinstance(block, AuthorSentence):
        return [_flowing(block.text, _STYLES["own"]), _flowing(sentence_sources(block), _STYLES[ParagraphManner.NOTE])]
    if isinstance(block, AreaMap):
        width, height = size_of(block)
        shown = min(_WIDTH, 160 * mm)
        return [Image(BytesIO(png_of(block)), shown, shown * height / width), Spacer(1, 3 * mm)]
    return _table(block)


def _table(table: ReportTable) -> list[Any]:
    has_bars = table.is_chart and len(table.lines) > 1
    rows: list[list[Any]] = [
        [_flowing(cell, _STYLES["figure" if at else "cell"], face=FontFace.BOLD) for at, cell in enumerate(table.head)]
    ]
    rows += [
        [_flowing(cell, _STYLES["figure" if at else "cell"]) for at, cell in enumerate(line.cells)]
        for line in table.lines
    ]
    if has_bars:
        rows = [[row[0], _bar(value), *row[1:]] for row, value in zip(rows, _values(table), strict=True)]
    columns = len(rows[0]) - 1 - has_bars
    rest = _WIDTH - (_BAR if has_bars else 0)
    first = rest * max(0.34, 1 - 0.22 * columns)
    others = [(rest - first) / max(1, columns)] * columns
    grid = Grid(rows, colWidths=[first, *([_BAR] if has_bars else []), *others], repeatRows=1)
    grid.setStyle(
        [
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
        ]
    )
    caption = _flowing(table.caption, _STYLES[ParagraphManner.BODY], face=FontFace.BOLD)
    caption.keepWithNext = True
    return [caption, grid, Spacer(1, 3 * mm)]


def _values(table: ReportTable) -> list[float]:
    return [0.0, *(line.value / table.most for line in table.lines)]


def _bar(share: float) -> Drawing:
    drawing = Drawing(_BAR - 4 * mm, 3.2 * mm)
    if share > 0:
        drawing.add(Rect(0, 0, max(0.4, (_BAR - 4 * mm) * share), 3.2 * mm, fillColor=_ACCENT, strokeColor=None))
    return drawing
