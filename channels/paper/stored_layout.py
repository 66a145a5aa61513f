"""A layout as it is stored: JSON with a format number, so that a form is read years after it was printed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from channels.base.errors import ChannelError
from channels.paper.form_kinds import Alphabet, Corner, FormVariant, SheetSize, ZoneKind
from channels.paper.form_layout import FormLayout, LayoutPage
from channels.paper.geometry import Rectangle
from channels.paper.printed_places import FontFace, Panel, PrintedText
from channels.paper.read_places import CharacterRow, CodePlace, CornerMark, TickBox, TickGroup, Zone

FORMAT = 1
"""Raised when the meaning of what is stored changes; ``layout_from_json`` goes on reading the older ones."""


class UnknownLayout(ChannelError):
    """A stored layout that this version cannot read."""

    retryable = False
    remedy = "read it with a version of Portevoix at least as new as the one that printed the form"


def layout_to_json(layout: FormLayout) -> bytes:
    """The layout in UTF-8; the same layout gives the same bytes."""
    table = {"format": FORMAT, **asdict(layout)}
    return json.dumps(table, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def layout_from_json(stored: bytes) -> FormLayout:
    """The layout that ``layout_to_json`` wrote, or ``UnknownLayout``."""
    try:
        table = json.loads(stored)
        if table["format"] != FORMAT:
            raise UnknownLayout(f"the layout has format {table['format']}; known is {FORMAT}")
        return _layout(table)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnknownLayout(f"this is no layout of a form: {error!r}") from error


def _layout(table: Mapping[str, Any]) -> FormLayout:
    fields = {key: value for key, value in table.items() if key != "format"}
    return FormLayout(
        **fields
        | {
            "variant": FormVariant(table["variant"]),
            "size": SheetSize(table["size"]),
            "groups": tuple(TickGroup(**group) for group in table["groups"]),
            "pages": tuple(_page(page) for page in table["pages"]),
        }
    )


def _page(table: Mapping[str, Any]) -> LayoutPage:
    return LayoutPage(
        number=table["number"],
        handed_in=Rectangle(**table["handed_in"]),
        marks=tuple(CornerMark(**_placed(mark, corner=Corner)) for mark in table["marks"]),
        codes=tuple(CodePlace(**_placed(code)) for code in table["codes"]),
        boxes=tuple(TickBox(**_placed(box)) for box in table["boxes"]),
        rows=tuple(_row(row) for row in table["rows"]),
        zones=tuple(Zone(**_placed(zone, kind=ZoneKind)) for zone in table["zones"]),
        panels=tuple(Panel(**_placed(panel)) for panel in table["panels"]),
        texts=tuple(PrintedText(**text | {"face": FontFace(text["face"])}) for text in table["texts"]),
    )


def _placed(table: Mapping[str, Any], **named: type[StrEnum]) -> dict[str, Any]:
    known = {name: kind(table[name]) for name, kind in named.items()}
    return {**table, "place": Rectangle(**table["place"]), **known}


def _row(table: Mapping[str, Any]) -> CharacterRow:
    cells = tuple(Rectangle(**cell) for cell in table["cells"])
    return CharacterRow(**{**table, "alphabet": Alphabet(table["alphabet"]), "cells": cells})
