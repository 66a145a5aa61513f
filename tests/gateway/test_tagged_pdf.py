"""The PDF of a report is tagged: headings, tables with scopes, pictures with words, as far as a checker looks."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pdfua import validate

from gateway.documents.tagged_pdf import can_tag
from inbox.storage.database import Store
from tests.inbox.reports.test_faithful import PAGE, signed_in
from tests.inbox.reports.towns import town_of

pytestmark = pytest.mark.skipif(not can_tag(), reason="Pango is not installed")


def elements(of: Any) -> list[Any]:
    """Every element of a structure tree."""
    children = of.get("/K", ())
    inner = [
        one
        for one in (children if isinstance(children, pikepdf.Array) else [children])
        if isinstance(one, pikepdf.Dictionary) and "/S" in one
    ]
    return [*inner, *(deeper for one in inner for deeper in elements(one))]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_report_is_tagged(sqlite_store: Store, tmp_path: Path, language: str) -> None:
    town = town_of(sqlite_store, 6)
    made = signed_in(sqlite_store, tmp_path, town.people["elu"], language).get(f"{PAGE}/document.pdf").data
    file = tmp_path / "report.pdf"
    file.write_bytes(made)
    assert [finding for finding in validate(file).findings if finding.severity.name in ("ERROR", "WARNING")] == []
    with pikepdf.open(BytesIO(made)) as pdf:
        assert str(pdf.Root.Lang).startswith(language)
        every = elements(pdf.Root.StructTreeRoot)
        kinds = [str(one.S) for one in every]
        assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/Link"} <= set(kinds)
        scopes = {str(one.A.Scope) for one in every if one.S == "/TH"}
        assert scopes == {"/Column", "/Row"}
        assert all(str(one.get("/Alt", "")) for one in every if one.S == "/Figure")
