"""Mails that were written to do harm: they take no more than seconds and megabytes, and say what they can."""

import email.message
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.html.html_text import html_to_text
from channels.email.mime.problems import MailProblem
from channels.email.parse import parse_mail
from channels.email.patterns.markers import strip_markers
from tests.channels.test_mail import HEAD


def nested(depth: int) -> bytes:
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(depth))
    return HEAD + opened + b"Content-Type: text/plain\n\nbancs"


HOSTILE = {
    "nested twenty thousand deep": nested(20_000),
    "messages within messages": HEAD + b"Content-Type: message/rfc822\n\n" * 5_000 + b"bancs",
    "fifty thousand parts": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\nContent-Type: text/plain\n\nx\n" * 50_000,
    "fifty thousand headers": b"Subject: x\n" * 50_000 + b"\nbancs",
    "a header of megabytes": b"From: " + b"a@b.example, " * 100_000 + b"\n\nbancs",
    "encoded words without end": b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\n\nbancs",
    "HTML nested a hundred thousand deep": HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 100_000 + b"bancs",
    "quotations nested deep": HEAD + b"Content-Type: text/html\n\n" + b"<blockquote>" * 150 + b"bancs" * 500,
    "many quotations": HEAD + b"Content-Type: text/html\n\n" + b"<blockquote>bancs</blockquote>" * 20_000,
    "a table of a million cells": HEAD + b"Content-Type: text/html\n\n<table>" + b"<tr><td>x" * 200_000,
    "comments without end": HEAD + b"From: " + b"(" * 100_000 + b"\n\nbancs",
    "references without end": HEAD + b"References: " + b"<" * 200_000 + b"\n\nbancs",
    "script without end": HEAD + b"Content-Type: text/html\n\n" + b"<script>" * 100_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_mails_take_seconds_at_most(raw: bytes) -> None:
    started = time.process_time()
    parsed = parse_mail(raw)
    assert time.process_time() - started < 20
    assert parsed.body or parsed.attachments or parsed.problems


@given(st.binary(max_size=2000))
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    parsed = parse_mail(raw)
    assert parsed.body or parsed.attachments or parsed.problems or parsed.aside


def test_a_giant_header_field_costs_no_more_than_a_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package's parameters take time with the square of a field's length, however deep the part lies."""
    looked_at: list[int] = []
    parameters = email.message._parseparam  # type: ignore[attr-defined]
    monkeypatch.setattr(email.message, "_parseparam", lambda s: looked_at.append(len(s)) or parameters(s))
    giant = b'Content-Type: text/plain; x="' + b";" * 400_000 + b"\n\nDes bancs.\n"
    inner = b"Content-Type: multipart/mixed; boundary=b1\n\n--b1\n" + giant + b"\n--b1--\n"
    mail = parse_mail(
        b"From: a@b.example\nSubject: essai\nContent-Type: multipart/mixed; boundary=b0\n\n--b0\n" + inner
    )
    assert "Des bancs." in mail.body
    assert looked_at
    assert max(looked_at) <= 2_048


WIDE_PAGES = {
    "one wide cell above many": "<table><tr><td>" + "bancs " * 16_000 + "<tr><td>x" * 14_000 + "</table>",
    "one wide cell beside many lines": "<table><tr><td>" + "x" * 90_000 + "<td>" + "a<br>" * 14_000 + "</table>",
    "tables in tables": ("<table><tr><td>" + "bancs " * 10_000 + "<td>" + "a<br>" * 100) * 40,
    "quotations in quotations": "<blockquote>" * 150 + "a<br>" * 14_000,
    "quotations in quotations, of many lines": "<blockquote>" * 150 + "<pre>" + "a\n" * 150_000,
}


@pytest.mark.parametrize("page", WIDE_PAGES.values(), ids=WIDE_PAGES)
def test_no_page_grows_beyond_measure(page: str) -> None:
    tracemalloc.start()
    try:
        text, _ = html_to_text(page)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert ("bancs" in text) == ("bancs" in page)
    assert most < 150_000_000


def test_it_is_said_of_a_page_that_cannot_be_laid_out() -> None:
    deep = b"<div>" * 300 + b"bancs"
    mail = parse_mail(HEAD + b"Content-Type: text/html\n\n" + deep)
    assert (mail.body, mail.problems) == ("bancs", (MailProblem.NOT_LAID_OUT,))


def test_a_quotation_is_told_apart_in_a_page_whose_tables_are_too_wide() -> None:
    wide = "<table><tr><td>" + "Texte de la mairie. " * 6_000 + "<tr><td>x" * 1_000 + "</table>"
    mail = parse_mail(
        HEAD + b"Subject: Re: bancs\nContent-Type: text/html\n\n<p>Oui, plus de b<b>an</b>cs.</p>"
        b'<blockquote type="cite">' + wide.encode() + b"</blockquote>"
    )
    assert mail.body == "Oui, plus de bancs."
    assert [len(aside.text) > 100_000 for aside in mail.aside] == [True]


TAILS = {
    "an element": "<html><body><p>Un banc.</p></body></html><p>Une fontaine.</p>",
    "bare text": "<html><body>Un banc.</body></html>\nUne fontaine.",
    "another page": "<html><body>Un banc.</body></html><html><body><p>Une fontaine.</p></body></html>",
    "behind a comment": "<html><body>Un banc.</body></html><!-- scanned --><div><b>Une</b> fontaine.</div>",
    "behind an empty page": "<html><head><title>x</title></head><body></body></html>Un banc.<br>Une fontaine.",
}


@pytest.mark.parametrize("page", TAILS.values(), ids=TAILS)
def test_words_behind_the_end_of_a_page_are_its_words(page: str) -> None:
    text, _ = html_to_text(page)
    kept = strip_markers(text)
    assert kept.index("Un banc.") < kept.index("fontaine.")
