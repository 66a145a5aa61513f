"""Numbers in addresses: one that no row can have is an address that is not there."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, abort
from werkzeug.routing import IntegerConverter

DIGITS = 9
"""Of the largest number that has an address: fewer than the columns of any server hold, and more rows than any town."""


class RowNumber(IntegerConverter):
    """``<int:…>`` of every address; whatever else stands there is no address of ours, whichever way it is asked for."""

    regex = rf"[0-9]{{1,{DIGITS}}}"


def install(app: Flask) -> None:
    """Use it for every address that is registered from now on."""
    app.url_map.converters["int"] = RowNumber


def number_in(query: Mapping[str, str], name: str) -> int | None:
    """A row's number in an address's query; None when there is none. One that no row can have is not found (404)."""
    value = query.get(name, "")
    if not (value.isascii() and value.isdecimal()):
        return None
    if len(value) > DIGITS:
        abort(404)
    return int(value)
