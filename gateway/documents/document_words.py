"""The few words that documents add to a report's own: signs around quotations."""

from __future__ import annotations

from inbox.reports.document_blocks import AuthorSentence, QuoteBlock

_MARKS = {"fr": ("«\N{NARROW NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}»"), "en": ("“", "”")}


def quoted(quote: QuoteBlock, language: str) -> str:
    """A resident's words between the quotation marks of the document's language."""
    before, after = _MARKS.get(language, _MARKS["en"])
    return f"{before}{printable(quote.text).strip()}{after}"


def sentence_sources(sentence: AuthorSentence) -> str:
    """Who wrote a sentence, and of which contributions it speaks."""
    return " ".join(
        (f"{sentence.author} ·", sentence.voices, ", ".join(label for label, _url in sentence.links))
    ).strip()


def printable(text: str) -> str:
    """A text without what XML cannot hold: control characters but tabs and line breaks, and lone surrogates."""
    return "".join(
        character
        for character in text
        if character in "\t\n"
        or (
            ord(character) >= 0x20 and not 0xD800 <= ord(character) <= 0xDFFF and ord(character) not in (0xFFFE, 0xFFFF)
        )
    )
