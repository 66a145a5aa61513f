"""HTML mail to text: quoted passages marked with ">", so that one rule tells them apart in every mail."""

from __future__ import annotations

import re
from html import unescape

import lxml.html
from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml import etree

_LARGEST = 2_000_000
_DEEPEST = 200
_MOST_ELEMENTS = 30_000
_LONGEST_TEXT = 100_000
"""Characters between two tags: laying them out takes several hundred bytes for each."""
# What each mail program wraps a quotation in: Gmail, Thunderbird, Apple Mail, Yahoo, Proton, Zimbra.
_QUOTED = (
    "//blockquote[@type='cite' or contains(@class,'quote') or contains(@style,'border-left')"
    " or .//blockquote or not(ancestor::blockquote)]"
    "|//*[contains(@class,'yahoo_quoted') or contains(@class,'protonmail_quote') or contains(@class,'zmail_extra')]"
)
_UNSEEN = "//script|//style|//head|//title|//template|//object|//iframe|//comment()|//processing-instruction()"
_LAYOUT = ParserConfig(css=CSS_PROFILES["strict"].copy(), display_links=False, display_images=False)


def html_to_text(html: str) -> str:
    """The text of a page as a reader sees it; nothing is loaded, nothing is kept of its code."""
    html = html[:_LARGEST].replace("\x00", "")
    try:
        tree = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", html))
        if _is_monstrous(tree):
            return _without_tags(html)
        _drop_unseen(tree)
        if max(map(len, tree.itertext()), default=0) > _LONGEST_TEXT:
            return _tidy("\n".join(tree.itertext()))
        _mark_quotations(tree)
        return _tidy(Inscriptis(tree, _LAYOUT).get_text())
    except (etree.LxmlError, ValueError, RecursionError, AssertionError, IndexError, AttributeError, TypeError):
        return _without_tags(html)


def _drop_unseen(tree: lxml.html.HtmlElement) -> None:
    """Take out what is not seen."""
    for element in tree.xpath(_UNSEEN):
        _drop(element)
    for element in tree.xpath("//*[contains(translate(@style,' ',''),'display:none')]"):
        _drop(element)


def _mark_quotations(tree: lxml.html.HtmlElement) -> None:
    """Turn quotations into lines that begin with ">"."""
    # Innermost first, so that a quotation in a quotation gets two marks.
    for element in reversed(tree.xpath(_QUOTED)):
        if element.getparent() is None:
            continue
        text = _tidy(Inscriptis(element, _LAYOUT).get_text())
        marked = etree.Element("pre")
        marked.text = "\n" + "\n".join(f"> {line}".rstrip() for line in text.splitlines()) + "\n"
        marked.tail = element.tail
        element.getparent().replace(element, marked)


def _drop(element: lxml.html.HtmlElement) -> None:
    """Remove an element, not the text after it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _is_monstrous(tree: lxml.html.HtmlElement) -> bool:
    """Whether the page is deeper or larger than any mail program makes it: laying it out takes long, and recurses."""
    depth = elements = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        elements += event == "start"
        depth += 1 if event == "start" else -1
        if depth > _DEEPEST or elements > _MOST_ELEMENTS:
            return True
    return False


def _without_tags(html: str) -> str:
    """The plainest reading of a page that cannot be laid out."""
    text = re.sub(r"(?is)<(script|style)\b.{0,100000}?</\1>", " ", html)
    text = re.sub(r"(?i)<(?:br|/p|/div|/tr|/li|/h\d)\b[^<>]*>", "\n", text)
    return _tidy(unescape(re.sub(r"<[^<>]*>", " ", text)))


def _tidy(text: str) -> str:
    """Lines without blanks around them, at most one empty line between two."""
    lines = [line.replace("\xa0", " ").strip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
