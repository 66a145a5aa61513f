"""The measures of each variant and size, as ``STYLES``."""

from __future__ import annotations

from dataclasses import replace

from channels.paper.form_kinds import Size, Variant
from channels.paper.geometry import A4, A5
from channels.paper.laying.style import Style
from channels.paper.laying.typeset import Type
from channels.paper.printed_places import Face

_A4 = Style(
    *A4,
    slip=32.0,
    question=Type(19, Face.BOLD),
    title=Type(12, Face.BOLD),
    heading=Type(12.5, Face.BOLD),
    body=Type(10),
    strong=Type(10, Face.BOLD),
    label=Type(10.5),
    small=Type(8.2),
    reference=Type(15, Face.BOLD),
)
_A5 = Style(
    *A5,
    slip=27.0,
    edge=7.0,
    mark=5.0,
    module=0.7,
    margin=11.0,
    gap=2.6,
    question=Type(13.5, Face.BOLD),
    title=Type(9.5, Face.BOLD),
    heading=Type(9.5, Face.BOLD),
    body=Type(8),
    strong=Type(8, Face.BOLD),
    label=Type(8.4),
    small=Type(7),
    reference=Type(13, Face.BOLD),
    box=4.0,
    box_line=0.3,
    box_gap=1.4,
    cell=(5.2, 6.6),
    rule_pitch=7.5,
    least_writing=75.0,
    one_zone=True,
)
_LARGE = replace(
    _A4,
    slip=42.0,
    gap=4.0,
    question=Type(22, Face.BOLD),
    title=Type(16, Face.BOLD),
    heading=Type(19, Face.BOLD),
    body=Type(15),
    strong=Type(15, Face.BOLD),
    label=Type(15.5),
    small=Type(12.5),
    reference=Type(22, Face.BOLD),
    box=7.0,
    box_line=0.5,
    box_gap=2.0,
    cell=(8.6, 11.0),
    rule_pitch=13.0,
    least_writing=75.0,
    one_zone=True,
)
_PICTOGRAMS = replace(
    _A4,
    least_writing=70.0,
    question=Type(22, Face.BOLD),
    label=Type(11),
    box=6.5,
    box_line=0.45,
    tile=13.0,
    rule_pitch=10.0,
)

STYLES = {
    (Variant.STANDARD, Size.A4): _A4,
    (Variant.STANDARD, Size.A5): _A5,
    (Variant.LARGE_PRINT, Size.A4): _LARGE,
    (Variant.PICTOGRAMS, Size.A4): _PICTOGRAMS,
    (Variant.REPLY, Size.A4): replace(
        _A4,
        slip=31.0,
        folds=(1 / 3, 2 / 3),
        cell=(6.2, 7.0),
        gap=2.5,
        question=Type(16, Face.BOLD),
        least_writing=64.0,
        one_zone=True,
    ),
}
"""Which variants there are, in which sizes: large print and pictograms need the larger sheet."""
