"""The measures of each variant and size, as ``STYLES``."""

from __future__ import annotations

from dataclasses import replace

from channels.paper.form_kinds import FormVariant, SheetSize
from channels.paper.geometry import A4, A5
from channels.paper.laying.style import FormStyle
from channels.paper.laying.typeset import TypeStyle
from channels.paper.printed_places import FontFace

_A4 = FormStyle(
    *A4,
    slip=32.0,
    question=TypeStyle(19, FontFace.BOLD),
    title=TypeStyle(12, FontFace.BOLD),
    heading=TypeStyle(12.5, FontFace.BOLD),
    body=TypeStyle(10),
    strong=TypeStyle(10, FontFace.BOLD),
    label=TypeStyle(10.5),
    small=TypeStyle(8.2),
    reference=TypeStyle(15, FontFace.BOLD),
)
_A5 = FormStyle(
    *A5,
    slip=27.0,
    edge=7.0,
    mark=5.0,
    module=0.7,
    margin=11.0,
    gap=2.6,
    question=TypeStyle(13.5, FontFace.BOLD),
    title=TypeStyle(9.5, FontFace.BOLD),
    heading=TypeStyle(9.5, FontFace.BOLD),
    body=TypeStyle(8),
    strong=TypeStyle(8, FontFace.BOLD),
    label=TypeStyle(8.4),
    small=TypeStyle(7),
    reference=TypeStyle(13, FontFace.BOLD),
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
    question=TypeStyle(22, FontFace.BOLD),
    title=TypeStyle(16, FontFace.BOLD),
    heading=TypeStyle(19, FontFace.BOLD),
    body=TypeStyle(15),
    strong=TypeStyle(15, FontFace.BOLD),
    label=TypeStyle(15.5),
    small=TypeStyle(12.5),
    reference=TypeStyle(22, FontFace.BOLD),
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
    question=TypeStyle(22, FontFace.BOLD),
    label=TypeStyle(11),
    box=6.5,
    box_line=0.45,
    tile=13.0,
    rule_pitch=10.0,
)

STYLES = {
    (FormVariant.STANDARD, SheetSize.A4): _A4,
    (FormVariant.STANDARD, SheetSize.A5): _A5,
    (FormVariant.LARGE_PRINT, SheetSize.A4): _LARGE,
    (FormVariant.PICTOGRAMS, SheetSize.A4): _PICTOGRAMS,
    (FormVariant.REPLY, SheetSize.A4): replace(
        _A4,
        slip=31.0,
        folds=(1 / 3, 2 / 3),
        cell=(6.2, 7.0),
        gap=2.5,
        question=TypeStyle(16, FontFace.BOLD),
        least_writing=64.0,
        one_zone=True,
        one_page=True,
    ),
}
"""Which variants there are, in which sizes: large print and pictograms need the larger sheet."""
