"""A report as a Word document (DOCX), with headings, lists of figures and quotations in styles of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from gateway.documents.document_words import printable, quoted
from gateway.documents.report_pictures import described, is_picture, png_of
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

_SOFT = RGBColor(0x5D, 0x57, 0x4D)
_ACCENT = RGBColor(0x0B, 0x5A, 0x63)
_LOCALES = {"fr": "fr-FR", "en": "en-GB"}


def render_docx(document: ReportDocument) -> bytes:
    """The file."""
    file = docx.Document()
    _prepare(file, document)
    file.add_heading(printable(document.title), 0)
    file.add_paragraph(printable(f"{document.town} · {document.subtitle}"), style="Subtitle")
    for level, section in document.printed():
        file.add_heading(printable(section.title), level)
        for block in section.blocks:
            _add(file, block, document.language)
    file.add_paragraph(printable(document.closing), style="Note")
    out = BytesIO()
    file.save(out)
    return out.getvalue()


def _prepare(file: Any, document: ReportDocument) -> None:
    about = file.core_properties
    about.title, about.language, about.author = printable(document.title), document.language, printable(document.town)
    about.comments = ""
    about.created = about.modified = datetime.now(UTC).replace(tzinfo=None)
    styles = file.styles
    styles["Normal"].font.name, styles["Normal"].font.size = "Calibri", Pt(11)
    language = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr")).find(qn("w:lang"))
    if language is not None:
        language.set(qn("w:val"), _LOCALES.get(document.language, document.language))
    for name, size, colour in (("Note", 9.5, _SOFT), ("Source", 9.5, _SOFT), ("Role", 9.5, _SOFT), ("Lead", 13, None)):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.font.size = styles["Normal"], Pt(size)
        if colour is not None:
            style.font.color.rgb = colour
    styles["Role"].paragraph_format.keep_with_next = True
    styles["Quote"].paragraph_format.keep_with_next = True
    styles["Quote"].font.size, styles["Quote"].font.italic = Pt(12), False
    for name in ("Quote", "Role", "Source"):
        styles[name].paragraph_format.left_indent = Pt(18)


def _add(file: Any, block: Block, language: str) -> None:
    if isinstance(block, Paragraph):
        style = {ParagraphManner.LEAD: "Lead", ParagraphManner.NOTE: "Note"}.get(block.manner, "Normal")
        added = file.add_paragraph(printable(block.text), style=style)
        if block.url:
            added.add_run(" ")
            _link(added, block.url, "↗")
    elif isinstance(block, QuoteBlock):
        file.add_paragraph(printable(block.role), style="Role")
        _speak(file.add_paragraph(quoted(block, language), style="Quote"), block.language)
        _link(file.add_paragraph(style="Source"), block.url, block.source)
    elif isinstance(block, AuthorSentence):
        file.add_paragraph(printable(block.text), style="Intense Quote")
        below = file.add_paragraph(printable(f"{block.author} · {block.voices} "), style="Note")
        for at, (label, url) in enumerate(block.links):
            below.add_run(", " if at else "")
            _link(below, url, label)
    elif isinstance(block, AreaMap):
        _picture(file, block)
    else:
        if is_picture(block):
            _picture(file, block)
        _table(file, block)


def _picture(file: Any, block: ReportTable | AreaMap) -> None:
    """A chart or a map, with what it shows in words for screen readers."""
    made = file.add_picture(BytesIO(png_of(block)), width=Cm(15))
    made._inline.docPr.set("descr", printable(described(block)))
    made._inline.docPr.set("title", printable(block.caption))


def _speak(paragraph: Any, language: str | None) -> None:
    """Tell a screen reader in which language a quotation is."""
    if not language:
        return
    for run in paragraph.runs:
        said = OxmlElement("w:lang")
        said.set(qn("w:val"), _LOCALES.get(language, language))
        run._r.get_or_add_rPr().append(said)


def _link(paragraph: Any, url: str, words: str) -> None:
    """A hyperlink, which python-docx can read but not write."""
    relation = paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), relation)
    run = paragraph.add_run(printable(words))
    run.font.color.rgb = _ACCENT
    run.font.underline = True
    link.append(run._r)
    paragraph._p.append(link)


def _table(file: Any, table: ReportTable) -> None:
    caption = file.add_paragraph(printable(table.caption), style="Caption")
    caption.paragraph_format.keep_with_next = True
    made = file.add_table(rows=1, cols=len(table.head), style="Table Grid")
    description = OxmlElement("w:tblCaption")
    description.set(qn("w:val"), printable(table.caption))
    made._tbl.tblPr.append(description)
    for cell, words in zip(made.rows[0].cells, table.head, strict=True):
        cell.text = printable(words)
        cell.paragraphs[0].runs[0].font.bold = True
    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    made.rows[0]._tr.get_or_add_trPr().append(head)
    for line in table.lines:
        for at, (cell, words) in enumerate(zip(made.add_row().cells, line.cells, strict=True)):
            cell.text = printable(words)
            if at:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    file.add_paragraph()
