"""A report as a tagged PDF (PDF/UA-1), laid out by WeasyPrint from its HTML; mended where that says too little.

WeasyPrint needs Pango, a library of the system: where it is not there (``can_tag``), the untagged PDF is made.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name

from channels.paper.fonts import font_file
from gateway.documents.html_file import render_html
from inbox.reports.document_blocks import ReportDocument

try:
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher
except (ImportError, OSError):  # OSError: Pango is not there
    HTML = None

_FACES = "".join(
    f'@font-face {{ font-family: "Noto Sans"; font-weight: {weight}; src: url({font_file(name).as_uri()}); }}\n'
    f'@font-face {{ font-family: "Noto Arabic"; font-weight: {weight}; src: url({font_file(arabic).as_uri()}); }}\n'
    for weight, name, arabic in (
        (400, "NotoSans-Regular", "NotoSansArabic-Regular"),
        (700, "NotoSans-Bold", "NotoSansArabic-Bold"),
    )
)
_PAGE = """
@page { size: A4; margin: 20mm 22mm 22mm; }
html { font-size: 10.5pt; } body { max-width: none; margin: 0; padding: 0; }
body, blockquote { font-family: "Noto Sans", "Noto Arabic", sans-serif !important; }
h1 { font-size: 22pt; } h2 { font-size: 15pt; } h3 { font-size: 12.5pt; }
a { color: #0b5a63; text-decoration: underline; } h2, h3, caption { break-after: avoid; }
figure, svg, tr { break-inside: avoid; }
"""
_PRINTED = 4
"""The annotation flag Print (ISO 32000-1, table 165)."""


def can_tag() -> bool:
    """Whether what lays tagged PDFs out is installed."""
    return HTML is not None


def render_tagged_pdf(document: ReportDocument) -> bytes:
    """The file; nothing is fetched but our own fonts.

    Its pages have no printed numbers: WeasyPrint tags those as content (ISO 14289-1, 7.8, wants artifacts).
    """
    fetcher, fonts = URLFetcher(allowed_protocols={"file"}), FontConfiguration()
    style = CSS(string=_FACES + _PAGE, font_config=fonts, url_fetcher=fetcher)
    page = HTML(string=render_html(document).decode(), url_fetcher=URLFetcher(allowed_protocols=set()))
    made = page.write_pdf(stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1")
    out = BytesIO()
    with pikepdf.open(BytesIO(made)) as pdf:
        _say_scopes(pdf.Root.StructTreeRoot, in_head=False)
        for one in pdf.pages:
            for annotation in one.obj.get("/Annots", ()):
                annotation.F = int(annotation.get("/F", 0)) | _PRINTED
        pdf.save(out)
    return out.getvalue()


def _say_scopes(element: Any, *, in_head: bool) -> None:
    """Say of each table's head cell whether it stands over a column or before a row (ISO 14289-1, 7.5)."""
    children = element.get("/K")
    if children is None:
        return
    in_head = in_head or element.get("/S") == "/THead"
    if element.get("/S") == "/TH":
        element.A = Dictionary(O=Name.Table, Scope=Name.Column if in_head else Name.Row)
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary):
            _say_scopes(child, in_head=in_head)
