"""HTML mail to text, with signs for what the page shows without words: quotations, rules, colours."""

from __future__ import annotations

import re
from html import unescape

import lxml.html
from lxml import etree

from channels.email.html.html_layout import HtmlLayout, TooWide, without_tables
from channels.email.html.style_markers import mark_horizontal_rules, mark_styles, quotation_mark, show_form_fields
from channels.email.patterns.markers import CONTAINED, INDENTED, strip_markers

_LARGEST = 2_000_000
_DEEPEST = 200
_MOST_ELEMENTS = 30_000
_DEEPEST_QUOTED = 20
_MOST_MARKED = 4_000_000
"""Characters of a page, times how deep its quotations in quotations are marked: each mark is a copy of all lines."""
# What each mail program wraps a quotation in: Gmail, Thunderbird, Apple Mail, Yahoo, Proton, Zimbra.
_QUOTED = (
    "//blockquote[@type='cite' or contains(@class,'quote') or contains(@style,'border-left')"
    " or .//blockquote or not(ancestor::blockquote)]"
    "|//*[contains(@class,'yahoo_quoted') or contains(@class,'protonmail_quote') or contains(@class,'zmail_extra')]"
)
_UNSEEN = "//script|//style|//head|//title|//template|//iframe|//comment()|//processing-instruction()"


def html_to_text(html: str) -> tuple[str, bool]:
    """The text of a page as a reader sees it, and whether it could be laid out: if not, no quotation is marked.

    Nothing is loaded, nothing is kept of its code.
    """
    html = strip_markers(html[:_LARGEST].replace("\x00", ""))
    try:
        tree = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", html))
        _take_in_what_follows(tree)
        if _is_monstrous(tree):
            return _without_tags(html), False
        _drop_unseen(tree)
        show_form_fields(tree)
        mark_horizontal_rules(tree)
        mark_styles(tree)
        _escape(tree)
        try:
            return _laid_out(tree), True
        except TooWide:
            without_tables(tree)
            return _laid_out(tree), True
    except (etree.LxmlError, ValueError, RecursionError, AssertionError, IndexError, AttributeError, TypeError):
        return _without_tags(html), False


def _drop_unseen(tree: lxml.html.HtmlElement) -> None:
    """Take out what is not seen."""
    for element in tree.xpath(_UNSEEN):
        _drop(element)
    for element in tree.xpath("//*[contains(translate(@style,' ',''),'display:none')]"):
        _drop(element)


def _laid_out(tree: lxml.html.HtmlElement) -> str:
    """The text of a tree, its quotations turned into lines that begin with their sign."""
    layout = HtmlLayout()
    # Innermost first, so that a quotation in a quotation gets two marks.
    for element in reversed(_quotations(tree)):
        sign, tail = quotation_mark(element), element.tail
        element.tail = None  # the library lays it out too
        text = _tidy(layout.text_of(element))
        marked = etree.Element("pre")
        marked.text = "\n" + _escaped("\n".join(_signed(sign, line) for line in text.splitlines())) + "\n"
        marked.tail = tail
        element.getparent().replace(element, marked)
    return _tidy(layout.text_of(tree))


def _escape(tree: lxml.html.HtmlElement) -> None:
    """The library takes what is a character already for an entity once more: « &amp;amp; » is « &amp; », not « & »."""
    for element in tree.iter():
        element.text, element.tail = _escaped(element.text), _escaped(element.tail)


def _escaped(text: str | None) -> str:
    return (text or "").replace("&", "&amp;")


def _signed(sign: str, line: str) -> str:
    return sign + line if line[:1] in (CONTAINED, INDENTED) else f"{sign} {line}".rstrip()


def _quotations(tree: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
    """In the page's order; what is quoted too often stands unmarked in what quotes it."""
    deepest = min(_DEEPEST_QUOTED, 1 + _MOST_MARKED // max(1, sum(map(len, tree.itertext()))))
    levels: dict[lxml.html.HtmlElement, int] = {}
    for element in tree.xpath(_QUOTED):
        around = next((levels[one] for one in element.iterancestors() if one in levels), 0)
        levels[element] = around + 1
    return [one for one, level in levels.items() if level <= deepest and one.getparent() is not None]


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


def _take_in_what_follows(tree: lxml.html.HtmlElement) -> None:
    """Put what stands behind ``</html>`` at the end of the page, where browsers show it.

    The parser makes of it further roots beside the first, which nobody would look at (HTML standard 13.2.6.4.22,
    "after after body": such content belongs to the body).
    """
    body = tree.find("body")
    for further in list(tree.itersiblings()):
        if isinstance(further.tag, str):
            further.tag = "div"
            (tree if body is None else body).append(further)


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
