"""What becomes of scanned pages, in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from config.enums import PageEnd
from inbox.web.base.labels import Label

ENDINGS: dict[PageEnd, Label] = {
    PageEnd.FORM: _l("Read"),
    PageEnd.LETTER: _l("Read as a letter"),
    PageEnd.MISSING_SIDE: _l("Other side missing"),
    PageEnd.DUPLICATE: _l("Scanned twice, counted once"),
    PageEnd.BLANK: _l("Blank"),
    PageEnd.FOREIGN: _l("Not one of our forms"),
    PageEnd.UNREADABLE: _l("Unreadable"),
    PageEnd.TEST_SHEET: _l("Test sheet"),
}

MARKS: dict[PageEnd, tuple[str, str]] = {
    PageEnd.FORM: ("check", "good"),
    PageEnd.LETTER: ("check", "good"),
    PageEnd.MISSING_SIDE: ("alert", "warn"),
    PageEnd.DUPLICATE: ("aside", ""),
    PageEnd.BLANK: ("aside", ""),
    PageEnd.FOREIGN: ("aside", ""),
    PageEnd.UNREADABLE: ("alert", "bad"),
    PageEnd.TEST_SHEET: ("check", ""),
}
"""The icon of an ending, and its colour: no colour stands without its words."""

TO_DO: dict[PageEnd, Label] = {
    PageEnd.MISSING_SIDE: _l("Only one side of this sheet was scanned. Scan both sides again."),
    PageEnd.UNREADABLE: _l("Scan this page again, flat and straight, or type in the number printed beside its code."),
}


def count_in_words(ending: PageEnd, pages: int) -> str:
    """« 3 blank pages », in the page's language."""
    said = {
        PageEnd.FORM: ngettext("%(num)d page of forms read", "%(num)d pages of forms read", pages),
        PageEnd.LETTER: ngettext("%(num)d page read as a letter", "%(num)d pages read as letters", pages),
        PageEnd.MISSING_SIDE: ngettext(
            "%(num)d page without its other side", "%(num)d pages without their other side", pages
        ),
        PageEnd.DUPLICATE: ngettext("%(num)d page scanned twice", "%(num)d pages scanned twice", pages),
        PageEnd.BLANK: ngettext("%(num)d blank page", "%(num)d blank pages", pages),
        PageEnd.FOREIGN: ngettext(
            "%(num)d page that is none of our forms", "%(num)d pages that are none of our forms", pages
        ),
        PageEnd.UNREADABLE: ngettext("%(num)d unreadable page", "%(num)d unreadable pages", pages),
        PageEnd.TEST_SHEET: ngettext("%(num)d test sheet", "%(num)d test sheets", pages),
    }
    return str(said[ending])
