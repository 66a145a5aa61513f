"""A report as an OpenDocument text (ODT), written with odfpy: no office program is needed to make it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from odf import dc, draw, meta, style, svg, table, text
from odf.opendocument import OpenDocumentText

from gateway.documents.document_words import printable, quoted
from gateway.documents.report_pictures import described, is_picture, png_of, size_of
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

_COUNTRIES = {"fr": "FR", "en": "GB"}

_STYLES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    # Name: properties of the paragraph, of its letters.
    "Body": ({"marginbottom": "0.2cm"}, {"fontsize": "11pt"}),
    "Lead": ({"marginbottom": "0.2cm"}, {"fontsize": "13pt"}),
    "Note": ({"marginbottom": "0.2cm"}, {"fontsize": "9.5pt", "color": "#5d574d"}),
    "Role": ({"marginleft": "0.7cm", "keepwithnext": "always"}, {"fontsize": "9.5pt", "color": "#5d574d"}),
    "Voice": ({"marginleft": "0.7cm", "keepwithnext": "always"}, {"fontsize": "12pt"}),
    "Source": ({"marginleft": "0.7cm", "marginbottom": "0.4cm"}, {"fontsize": "9.5pt"}),
    "Own": ({"padding": "0.2cm", "backgroundcolor": "#e3eff0"}, {"fontsize": "11pt"}),
    "Caption": ({"margintop": "0.3cm", "keepwithnext": "always"}, {"fontsize": "11pt", "fontweight": "bold"}),
    "Title": ({"marginbottom": "0.3cm"}, {"fontsize": "22pt", "fontweight": "bold"}),
    "Heading 1": (
        {"margintop": "0.8cm", "marginbottom": "0.2cm", "keepwithnext": "always"},
        {"fontsize": "16pt", "fontweight": "bold"},
    ),
    "Heading 2": (
        {"margintop": "0.5cm", "marginbottom": "0.2cm", "keepwithnext": "always"},
        {"fontsize": "13pt", "fontweight": "bold"},
    ),
}


def render_odt(document: ReportDocument) -> bytes:
    """The file."""
    file = OpenDocumentText()
    _prepare(file, document)
    body = file.text
    body.addElement(text.H(outlinelevel=1, stylename="Title", text=printable(document.title)))
    body.addElement(text.P(stylename="Lead", text=printable(f"{document.town} · {document.subtitle}")))
    for level, section in document.printed():
        body.addElement(text.H(outlinelevel=level, stylename=f"Heading {level}", text=printable(section.title)))
        for block in section.blocks:
            _add(file, block, document.language)
    body.addElement(text.P(stylename="Note", text=printable(document.closing)))
    out = BytesIO()
    file.write(out)
    return out.getvalue()


def _prepare(file: Any, document: ReportDocument) -> None:
    file.meta.addElement(dc.Title(text=printable(document.title)))
    file.meta.addElement(dc.Language(text=document.language))
    file.meta.addElement(meta.InitialCreator(text=printable(document.town)))
    spoken = {"language": document.language, "country": _COUNTRIES.get(document.language, "none")}
    default = style.DefaultStyle(family="paragraph")
    default.addElement(style.TextProperties(fontfamily="Calibri, Carlito, sans-serif", fontsize="11pt", **spoken))
    file.styles.addElement(default)
    for name, (paragraph, letters) in _STYLES.items():
        made = style.Style(name=name, family="paragraph")
        made.addElement(style.ParagraphProperties(**paragraph))
        made.addElement(style.TextProperties(**letters))
        file.styles.addElement(made)
    cell = style.Style(name="Figures", family="table-cell")
    cell.addElement(style.TableCellProperties(borderbottom="0.02cm solid #cfc8b8", padding="0.05cm"))
    file.automaticstyles.addElement(cell)
    for language, country in _COUNTRIES.items():
        made = style.Style(name=f"Said in {language}", family="text")
        made.addElement(style.TextProperties(language=language, country=country))
        file.automaticstyles.addElement(made)


def _add(file: Any, block: Block, language: str) -> None:
    body = file.text
    if isinstance(block, Paragraph):
        name = {ParagraphManner.LEAD: "Lead", ParagraphManner.NOTE: "Note"}.get(block.manner, "Body")
        paragraph = text.P(stylename=name, text=printable(block.text))
        if block.url:
            paragraph.addText(" ")
            paragraph.addElement(_link(block.url, "↗"))
        body.addElement(paragraph)
    elif isinstance(block, QuoteBlock):
        body.addElement(text.P(stylename="Role", text=printable(block.role)))
        voice = text.P(stylename="Voice")
        spoken = block.language if block.language in _COUNTRIES else language
        for at, line in enumerate(quoted(block, language).split("\n")):
            if at:
                voice.addElement(text.LineBreak())
            voice.addElement(text.Span(stylename=f"Said in {spoken}", text=line))
        body.addElement(voice)
        source = text.P(stylename="Source")
        source.addElement(_link(block.url, block.source))
        body.addElement(source)
    elif isinstance(block, AuthorSentence):
        body.addElement(text.P(stylename="Own", text=printable(block.text)))
        below = text.P(stylename="Note", text=printable(f"{block.author} · {block.voices} "))
        for at, (label, url) in enumerate(block.links):
            below.addText(", " if at else "")
            below.addElement(_link(url, label))
        body.addElement(below)
    elif isinstance(block, AreaMap):
        _picture(file, block)
    else:
        if is_picture(block):
            _picture(file, block)
        _table(file.text, block)


def _picture(file: Any, block: ReportTable | AreaMap) -> None:
    """A chart or a map, with what it shows in words for screen readers."""
    width, height = size_of(block)
    name = file.addPictureFromString(png_of(block), "image/png")
    frame = draw.Frame(anchortype="as-char", width="15cm", height=f"{15 * height / width:.2f}cm")
    frame.addElement(draw.Image(href=name, type="simple", show="embed", actuate="onLoad"))
    frame.addElement(svg.Title(text=printable(block.caption)))
    frame.addElement(svg.Desc(text=printable(described(block))))
    paragraph = text.P(stylename="Body")
    paragraph.addElement(frame)
    file.text.addElement(paragraph)


def _link(url: str, words: str) -> Any:
    return text.A(type="simple", href=url, text=printable(words))


def _table(body: Any, figures: ReportTable) -> None:
    body.addElement(text.P(stylename="Caption", text=printable(figures.caption)))
    made = table.Table()
    made.addElement(table.TableColumn(numbercolumnsrepeated=len(figures.head)))
    head = table.TableHeaderRows()
    head.addElement(_row(figures.head, "Caption"))
    made.addElement(head)
    for line in figures.lines:
        made.addElement(_row(line.cells, "Body"))
    body.addElement(made)


def _row(cells: tuple[str, ...], name: str) -> Any:
    row = table.TableRow()
    for words in cells:
        cell = table.TableCell(valuetype="string", stylename="Figures")
        cell.addElement(text.P(stylename=name, text=printable(words)))
        row.addElement(cell)
    return row
