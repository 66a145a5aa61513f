"""The PDF of a report is tagged, its pages numbered, and laid out where nothing is in reach."""

from __future__ import annotations

import base64
import json
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pdfua import validate

from config.sandbox.layers import BubblewrapUse, SandboxLayers, current_sandbox_layers, set_sandbox_layers
from config.sandbox.limited_process import RaisedInside, call_limited
from gateway.documents import tagged_pdf
from inbox.storage.database import Store
from tests.config.test_sandbox import needs_landlock, needs_seccomp, on_x86, targets
from tests.inbox.reports.test_faithful import PAGE, signed_in
from tests.inbox.reports.towns import town_of
from tests.standins.web import Answer, Asked, LoopbackServer

__all__ = ["targets"]


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
    assert "weasyprint" not in sys.modules  # it is loaded in the child alone
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
        for one in pdf.pages:
            one.contents_coalesce()
            assert one.Contents.read_bytes().count(b"/Pagination") == 1


def test_no_address_is_opened(tmp_path: Path) -> None:
    """Beside the sandbox, which has no sockets: it does not try."""
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"never read")
    asked: list[str] = []

    def answer(one: Asked) -> Answer:
        asked.append(one.path)
        return Answer(200, b"")

    with LoopbackServer(answer) as server:
        page = f"""<html lang="fr"><title>x</title><link rel="stylesheet" href="{server.base}/sheet.css">
        <style>@import url({server.base}/more.css); p {{ background: url({secret.as_uri()}) }}</style>
        <p>Un <img alt="x" src="{secret.as_uri()}"><img alt="y" src="{server.base}/a.png">
        <object data="{secret.as_uri()}"></object><a rel="attachment" href="{secret.as_uri()}">deux</a>"""
        made = call_limited(
            "gateway.documents.tagged_pdf_child:lay_out",
            {"page": page, "faces": []},
            seconds=120,
            memory_mb=1500,
            reads=[secret],
            writes=[tmp_path],
        )
    assert asked == []
    with pikepdf.open(BytesIO(base64.b64decode(made))) as pdf:
        assert not pdf.attachments
        assert len(pdf.pages) == 1


@needs_landlock
@needs_seccomp
@on_x86
@pytest.mark.parametrize("use", [BubblewrapUse.OFF, BubblewrapUse.AUTO])
def test_a_layout_that_is_taken_over_reaches_nothing(
    use: BubblewrapUse, targets: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "planted" / "weasyprint"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        f"from tests.config.taken_over import take_over\ntake_over(__name__, 'HTML', {targets!r})\n"
    )
    monkeypatch.setattr(sys, "path", [str(package.parent), *sys.path])
    before = current_sandbox_layers()
    set_sandbox_layers(SandboxLayers(use))
    try:
        with pytest.raises(RaisedInside) as raised:
            tagged_pdf._called("lay_out", {"page": "<p>Un", "faces": []})
    finally:
        set_sandbox_layers(before)
    assert json.loads(raised.value.message) == {}


def test_a_machine_without_pango_says_so(sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_there(*_asked: object, **_limits: object) -> None:
        raise RaisedInside("tagged_pdf_child", "OSError", "cannot load library 'pango-1.0-0'", b"")

    monkeypatch.setattr(tagged_pdf, "call_limited", not_there)
    town = town_of(sqlite_store, 2)
    page = signed_in(sqlite_store, tmp_path, town.people["elu"], "fr").get(f"{PAGE}/document.pdf")
    assert page.status_code == 503
    assert "portevoix doctor" in page.text
