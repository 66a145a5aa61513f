"""Numbers in addresses: one that no row can have is an address that is not there."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, abort
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1
"""The largest number a row can have on every server."""


class RowNumber(IntegerConverter):
    """``<int:…>`` of every address: decimal digits that a row's number can have; any other is 404."""

    regex = r"[0-9]{1,10}"

    def __init__(self, map: Map) -> None:  # noqa: A002 — werkzeug's name
        super().__init__(map, max=LARGEST)


def install(app: Flask) -> None:
    """Use it for every address that is registered from now on."""
    app.url_map.converters["int"] = RowNumber


def number_in(query: Mapping[str, str], name: str) -> int | None:
    """A row's number in an address's query; None when there is none. One that no row can have is not found (404)."""
    value = query.get(name, "")
    if not (value.isascii() and value.isdecimal()):
        return None
    if len(value) > 10 or int(value) > LARGEST:
        abort(404)
    return int(value)
