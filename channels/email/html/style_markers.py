"""What a page shows without words, turned into signs that stand in its text: rules, colours and styles, quotations."""

from __future__ import annotations

import re

import lxml.html
from lxml import etree

from channels.email.patterns.markers import CONTAINED, INDENTED, RULED, STYLED, UNSTYLED

_MOST_STYLED = 3000
_STYLES = ("b", "strong", "i", "em", "mark", "u", "ins", "font")
_NO_ANSWERS = ("a", "h1", "h2", "h3", "h4", "h5", "h6", "th", "table", "body", "html")
_NO_FIELDS = ("hidden", "submit", "button", "reset", "image", "file", "password")
_COLOUR = re.compile(r"(?:^|[;\s])(?:background(?:-color)?|color)\s*:\s*([^;]{1,60})", re.IGNORECASE)
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})\b", re.IGNORECASE)
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})")
_GREYS = re.compile(
    r"^\s*(?:black|white|gr[ae]y|silver|(?:dark|light|dim)gr[ae]y|inherit|transparent|windowtext|initial|"
    r"currentcolor|none|auto|unset|whitesmoke)\b",
    re.IGNORECASE,
)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)|font-style\s*:\s*italic", re.IGNORECASE)
# The classes of mail programs; pages that people copy from have quotations of their own (« wp-block-quote »).
_PROGRAMS = re.compile(
    r"(?:^|\s)(?:(?:gmail|yahoo|ymail|protonmail|tutanota|spark|mailru|mailbird|airmail|zoho)[-_]?(?:block)?quoted?"
    r"(?:_container)?|zmail_extra|iosymail)(?:\s|$)",
    re.IGNORECASE,
)
_UNMOVED = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)", re.IGNORECASE)
_COLOURED_AT = 40  # of 255: less between the strongest and the weakest of red, green and blue is a grey


def mark_horizontal_rules(tree: lxml.html.HtmlElement) -> None:
    """Let each rule across the page stand as a line of its own."""
    for rule in list(tree.iter("hr")):
        line = etree.Element("pre")
        line.text, line.tail = f"\n{RULED}\n", rule.tail
        if (parent := rule.getparent()) is not None:
            parent.replace(rule, line)


def show_form_fields(tree: lxml.html.HtmlElement) -> None:
    """Let what was filled into the fields of a form stand beside its questions, and ticks as [x] or [ ]."""
    for field in tree.iter("input"):
        kind = (field.get("type") or "text").lower()
        if kind in ("checkbox", "radio"):
            shown = "[x]" if field.get("checked") is not None else "[ ]"
        else:
            shown = "" if kind in _NO_FIELDS else (field.get("value") or "").strip()
        if shown:
            field.tail = f" {shown} {field.tail or ''}"
    for choice in tree.xpath("//select[.//option[@selected]]"):
        for option in choice.xpath(".//option[not(@selected)]"):
            option.text = None


def mark_styles(tree: lxml.html.HtmlElement) -> None:
    """Put signs around words that stand out by colour or style."""
    for element in [one for one in tree.iter() if _stands_out(one)][:_MOST_STYLED]:
        element.text = STYLED + (element.text or "")
        if len(element):
            element[-1].tail = (element[-1].tail or "") + UNSTYLED
        else:
            element.text += UNSTYLED


def quotation_mark(quotation: lxml.html.HtmlElement) -> str:
    """Whether a mail program wrapped this as a quotation, or it is only moved in, as people do with lists."""
    style, classes = quotation.get("style") or "", quotation.get("class") or ""
    if quotation.tag == "blockquote" and _UNMOVED.search(style):  # Gmail's button « indent »
        return INDENTED
    if quotation.get("type") == "cite" or _PROGRAMS.search(classes) or quotation.tag != "blockquote":
        return CONTAINED
    return INDENTED


def _stands_out(element: lxml.html.HtmlElement) -> bool:
    if not isinstance(element.tag, str) or element.tag in _NO_ANSWERS or not _is_styled(element):
        return False
    # Only now: a page may be deep, and this looks all the way up.
    return next(element.iterancestors("a"), None) is None


def _is_styled(element: lxml.html.HtmlElement) -> bool:
    style = element.get("style") or ""
    if element.tag == "font":
        return _is_coloured(element.get("color") or "")
    if element.tag in _STYLES or _BOLD.search(style):
        return True
    return any(_is_coloured(value) for value in _COLOUR.findall(style))


def _is_coloured(value: str) -> bool:
    """Whether a colour is one, rather than black, white or a grey."""
    if found := _HEX.search(value):
        digits = found[1] if len(found[1]) == 6 else "".join(c * 2 for c in found[1])
        parts = [int(digits[i : i + 2], 16) for i in (0, 2, 4)]
    elif rgb := _RGB.search(value):
        parts = [int(one) for one in rgb.groups()]
    else:
        return bool(value.strip()) and not _GREYS.match(value) and value.strip()[:1].isalpha()
    return max(parts) - min(parts) >= _COLOURED_AT
