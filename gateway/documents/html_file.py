"""A report as one HTML file that needs nothing beside it: to be put on a site or sent by mail."""

from __future__ import annotations

from markupsafe import Markup

from gateway.documents.document_words import printable, quoted
from gateway.documents.report_pictures import is_picture, svg_of
from inbox.reports.document_blocks import (
    AreaMap,
    AuthorSentence,
    Block,
    Paragraph,
    QuoteBlock,
    ReportDocument,
    ReportSection,
    ReportTable,
)

_STYLE = Markup("""
body { font: 1.0625rem/1.55 system-ui, "Segoe UI", sans-serif; color: #24211c; background: #fff; max-width: 46rem;
  margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; } h2 { margin-top: 2.5rem; border-top: 1px solid #ddd; padding-top: 1.25rem; }
.lead { font-size: 1.1875rem; } .note, .role, .source { color: #5d574d; }
.note, .source { font-size: .9375rem; }
.warning { color: #744800; } figure { margin: 1.25rem 0; padding-left: 1rem; border-left: .25rem solid #0b5a63; }
blockquote { margin: 0; font: 1.1875rem/1.5 Georgia, serif; white-space: pre-line; }
.own { background: #e3eff0; padding: .75rem 1rem; border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; } caption { text-align: left; font-weight: 600; }
th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid #ddd; vertical-align: top; }
thead th:not(:first-child) { text-align: right; }
td { text-align: right; font-variant-numeric: tabular-nums; } svg { width: 100%; max-width: 40rem; height: auto; }
.name { font-weight: 600; margin: 1rem 0 .5rem; break-after: avoid; } .name ~ table { margin-top: .5rem; }
@media print { a { color: inherit; text-decoration: none; } figure, tr, .own, .short { break-inside: avoid; }
  h2, h3 { break-after: avoid; } }
""")

_BLANK = Markup("")
_SHORT = 6
"""Lines of a table that stays on one page where it is printed."""


def render_html(document: ReportDocument) -> bytes:
    """The file."""
    sections = _BLANK.join(_section(level, section, document.language) for level, section in document.printed())
    page = Markup(
        '<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        "<style>{style}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        '<p class="lead">{town} · {subtitle}</p>\n{sections}<p class="note">{closing}</p>\n</main>\n</body>\n</html>\n'
    ).format(
        language=document.language,
        title=document.title,
        style=_STYLE,
        town=document.town,
        subtitle=document.subtitle,
        sections=sections,
        closing=document.closing,
    )
    return printable(str(page)).encode("utf-8")


def _section(level: int, section: ReportSection, language: str) -> Markup:
    head = Markup("<h{0}>{1}</h{0}>\n").format(level + 1, section.title)
    return head + _BLANK.join(_block(block, language) for block in section.blocks)


def _block(block: Block, language: str) -> Markup:
    if isinstance(block, Paragraph):
        link = Markup(' <a href="{0}">↗</a>').format(block.url) if block.url else _BLANK
        return Markup('<p class="{0}">{1}{2}</p>\n').format(block.manner, block.text, link)
    if isinstance(block, QuoteBlock):
        spoken = Markup(' lang="{0}"').format(block.language) if block.language else _BLANK
        return Markup(
            '<figure><figcaption class="role">{0}</figcaption><blockquote{1}>{2}</blockquote>'
            '<p class="source"><a href="{3}">{4}</a></p></figure>\n'
        ).format(block.role, spoken, quoted(block, language), block.url, block.source)
    if isinstance(block, AuthorSentence):
        links = Markup(", ").join(Markup('<a href="{0}">{1}</a>').format(url, label) for label, url in block.links)
        return Markup('<div class="own"><p>{0}</p><p class="note"><strong>{1}</strong> · {2} {3}</p></div>\n').format(
            block.text, block.author, block.voices, links
        )
    if isinstance(block, AreaMap):
        return svg_of(block)
    return _table(block)


def _table(table: ReportTable) -> Markup:
    head = _BLANK.join(Markup('<th scope="col">{0}</th>').format(cell) for cell in table.head)
    rows = _BLANK.join(
        Markup('<tr><th scope="row">{0}</th>{1}</tr>\n').format(
            line.cells[0], _BLANK.join(Markup("<td>{0}</td>").format(cell) for cell in line.cells[1:])
        )
        for line in table.lines
    )
    manner = "short" if len(table.lines) <= _SHORT else "long"
    if not is_picture(table):
        return Markup(
            '<div class="{0}"><table><caption>{1}</caption><thead><tr>{2}</tr></thead>'
            "<tbody>{3}</tbody></table></div>\n"
        ).format(manner, table.caption, head, rows)
    # Above the picture: a caption would part it from the table where pages break.
    return Markup(
        '<div class="{0}"><p class="name">{1}</p>\n{2}<table aria-label="{1}"><thead><tr>{3}</tr></thead>'
        "<tbody>{4}</tbody></table></div>\n"
    ).format(manner, table.caption, svg_of(table), head, rows)
