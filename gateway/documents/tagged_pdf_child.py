"""A report's HTML laid out as a tagged PDF (PDF/UA-1) by WeasyPrint, mended where that says too little.

Runs only in a limited child process, started by ``gateway.documents.tagged_pdf``: nothing is fetched but our own fonts.
"""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name
from weasyprint import CSS, HTML, VERSION
from weasyprint.text.ffi import pango
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

_PAGE = """
@page { size: A4; margin: 20mm 22mm 22mm; }
html { font-size: 10.5pt; } body { max-width: none; margin: 0; padding: 0; }
body, blockquote { font-family: "Noto Sans", "Noto Arabic", sans-serif !important; }
h1 { font-size: 22pt; } h2 { font-size: 15pt; } h3 { font-size: 12.5pt; }
a { color: #0b5a63; text-decoration: underline; } h2, h3, caption { break-after: avoid; }
figure, svg, tr, .short { break-inside: avoid; }
"""
_NUMBERS = """
@page { size: A4; margin: 20mm 22mm 22mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 9pt "Noto Sans"; color: #5d574d; } }
div { break-after: page; } div:last-child { break-after: auto; }
"""
_AS_ARTIFACT = b"Q /Artifact <</Type /Pagination>> BDC q %b Do Q EMC"
_PRINTED = 4
"""The annotation flag Print (ISO 32000-1, table 165)."""


def name_version(_nothing: object) -> str:
    """Which WeasyPrint and Pango are there."""
    return f"WeasyPrint {VERSION}, Pango {pango.pango_version() // 10_000}.{pango.pango_version() // 100 % 100}"


def lay_out(asked: dict[str, Any]) -> str:
    """The file of ``page`` (HTML) in base64; ``faces``: family, weight and file address of each font."""
    faces = "".join(
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; src: url({address}); }}\n'
        for family, weight, address in asked["faces"]
    )
    out = BytesIO()
    with pikepdf.open(BytesIO(_print(asked["page"], faces + _PAGE, is_tagged=True))) as pdf:
        _say_scopes(pdf.Root.StructTreeRoot, in_head=False)
        for one in pdf.pages:
            for annotation in one.obj.get("/Annots", ()):
                annotation.F = int(annotation.get("/F", 0)) | _PRINTED
        _number_pages(pdf, _print("<div></div>" * len(pdf.pages), faces + _NUMBERS, is_tagged=False))
        pdf.save(out)
    return base64.b64encode(out.getvalue()).decode()


def _print(page: str, style: str, *, is_tagged: bool) -> bytes:
    fonts = FontConfiguration()
    sheet = CSS(string=style, font_config=fonts, url_fetcher=URLFetcher(allowed_protocols={"file"}))
    made: bytes = HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=set())).write_pdf(
        stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1" if is_tagged else None
    )
    return made


def _number_pages(pdf: pikepdf.Pdf, printed: bytes) -> None:
    """Lay pages with nothing but numbers over the others, as artifacts: WeasyPrint would tag them as content
    (ISO 14289-1, 7.8)."""
    with pikepdf.open(BytesIO(printed)) as numbers:
        for page, number in zip(pdf.pages, numbers.pages, strict=True):
            name = page.add_resource(pdf.copy_foreign(number.as_form_xobject()), Name.XObject)
            page.contents_add(b"q", prepend=True)
            page.contents_add(_AS_ARTIFACT % str(name).encode())


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
