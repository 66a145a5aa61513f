"""HTML laid out as text, with a limit on what tables may grow to: a cell is padded to the widest of its column."""

from __future__ import annotations

from itertools import zip_longest

import lxml.html
from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_document_state import HtmlDocumentState
from inscriptis.model.table import Table
from inscriptis.model.tag import CustomHtmlTagHandlerMapping
from inscriptis.model.tag.table_tag import table_start_handler

_MOST_IN_TABLES = 4_000_000
"""Characters with padding, of all tables of a page together."""


class TooWide(Exception):
    """The tables of a page would grow beyond all measure."""


class HtmlLayout:
    """Lays out the pieces of one page; its tables share one limit."""

    def __init__(self) -> None:
        self._left = _MOST_IN_TABLES
        self._config = ParserConfig(
            css=CSS_PROFILES["strict"].copy(),
            display_links=False,
            display_images=False,
            custom_html_tag_handler_mapping=CustomHtmlTagHandlerMapping({"table": self._open_table}, {}),
        )

    def text_of(self, tree: lxml.html.HtmlElement) -> str:
        """An element's text, line by line; raises ``TooWide``, and what the library raises on damaged pages."""
        text: str = Inscriptis(tree, self._config).get_text()
        return text

    def take(self, characters: int) -> None:
        """Count what a table is about to grow to; raises ``TooWide``."""
        self._left -= characters
        if self._left < 0:
            raise TooWide

    def _open_table(self, state: HtmlDocumentState, attributes: dict[str, str]) -> None:
        table_start_handler(state, attributes)
        opened = state.current_table.pop()
        state.current_table.append(_Measured(opened.left_margin_len, opened.cell_separator, self))


class _Measured(Table):  # type: ignore[misc] # the library says nothing of its types
    """A table that is measured before it is padded."""

    def __init__(self, left_margin_len: int, cell_separator: str, layout: HtmlLayout) -> None:
        super().__init__(left_margin_len, cell_separator)
        self._layout = layout

    def get_text(self) -> str:
        lines = sum(max((cell.normalize_blocks() for cell in row.columns), default=0) for row in self.rows)
        columns = zip_longest(*(row.columns for row in self.rows))
        self._layout.take(lines * sum(max(cell.width for cell in column if cell) for column in columns))
        text: str = super().get_text()
        return text


def without_tables(tree: lxml.html.HtmlElement) -> None:
    """Let every cell stand on lines of its own, so that nothing has to be padded."""
    for element in tree.iter("table", "thead", "tbody", "tfoot", "tr", "td", "th"):
        element.tag = "div"
