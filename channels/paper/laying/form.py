"""``lay_out``: the form of a consultation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from channels.base.errors import ChannelError
from channels.paper.form_kinds import FormVariant, SheetSize
from channels.paper.form_layout import FormLayout, LayoutPage
from channels.paper.geometry import Rectangle
from channels.paper.laying.asking import TickGrid
from channels.paper.laying.blocks import Block
from channels.paper.laying.builder import PageBuilder
from channels.paper.laying.composing import fill_page, paginate
from channels.paper.laying.page_contents import form_blocks
from channels.paper.laying.page_edges import (
    add_footer,
    add_header,
    add_page_codes,
    add_registration_marks,
    add_tear_off_slip,
    returned_part_of_page,
)
from channels.paper.laying.reply import lay_out_reply_back
from channels.paper.laying.style import FormStyle
from channels.paper.laying.style_table import STYLES
from channels.paper.laying.wording import FormWording
from channels.paper.read_places import TickGroup
from config.wording.consultation import Consultation

_MOST_PAGES = 9
"""A code has one digit for the page."""


class NoPrepaidReply(ChannelError):
    """A reply sheet without the post's authorisation."""

    remedy = "write reply_authorisation and reply_address under [form] in the consultation file"


_ZONES = (1.0, 0.85, 0.7, 0.6, 0.5)
"""Least sizes of zones that are tried, in parts of the style's own; the first that has the fewest pages is taken."""
_ONE_PAGE: tuple[tuple[str, ...], ...] = ((), ("age",), ("age", "quarter"))
"""What a sheet that has one page to ask on leaves out in turn: there the writing matters more."""


class NoSuchForm(ChannelError):
    """A variant that is not made in this size, or a form that would have too many pages."""

    remedy = "choose A4 for large print, pictograms and reply sheets; ask less where a form gets too long"


def lay_out(
    consultation: Consultation, version: int, *, variant: FormVariant, size: SheetSize, language: str
) -> FormLayout:
    """The form of a consultation version, or ``NoSuchForm``. The same arguments give the same layout."""
    style = STYLES.get((variant, size))
    if style is None:
        raise NoSuchForm(f"there is no form {variant} in {size}")
    if variant is FormVariant.REPLY and not consultation.form.reply_authorisation:
        raise NoPrepaidReply("the consultation has no authorisation for prepaid replies")
    wording = FormWording(consultation, language)
    blocks = _fewest_pages(wording, style)
    pages = _pages(blocks, variant, style, wording)
    return FormLayout(
        town=consultation.town,
        consultation=consultation.slug,
        version=version,
        variant=variant,
        size=size,
        language=language,
        width=style.width,
        height=style.height,
        groups=_groups(blocks),
        pages=pages,
    )


def _fewest_pages(wording: FormWording, style: FormStyle) -> list[Block]:
    """The blocks with zones as large as they can be at first, or smaller, or fewer, where that saves a page."""
    tries = [
        form_blocks(
            wording,
            replace(style, least_writing=style.least_writing * part, least_drawing=style.least_drawing * part),
            left_out,
        )
        for left_out in (_ONE_PAGE if style.one_page else ((),))
        for part in _ZONES
    ]
    return min(tries, key=lambda blocks: len(paginate(blocks, style, wording)))


def _groups(blocks: Sequence[Block]) -> tuple[TickGroup, ...]:
    return tuple(
        TickGroup(block.group, several=block.group == "themes") for block in blocks if isinstance(block, TickGrid)
    )


def _pages(
    blocks: Sequence[Block], variant: FormVariant, style: FormStyle, wording: FormWording
) -> tuple[LayoutPage, ...]:
    by_page = paginate(blocks, style, wording)
    if len(by_page) > _MOST_PAGES:
        raise NoSuchForm(f"the form would have {len(by_page)} pages; there can be {_MOST_PAGES}")
    if variant is FormVariant.REPLY:
        if len(by_page) > 1:
            raise NoSuchForm("what the reply sheet asks does not fit on one page; ask less")
        return _page(by_page[0], 1, 2, style, wording), lay_out_reply_back(style, wording)
    return tuple(_page(on_it, number, len(by_page), style, wording) for number, on_it in enumerate(by_page, 1))


def _page(blocks: Sequence[Block], number: int, pages: int, style: FormStyle, wording: FormWording) -> LayoutPage:
    sheet = (number + 1) // 2
    place = returned_part_of_page(style, sheet)
    builder = PageBuilder(style, wording)
    add_registration_marks(builder, place)
    add_page_codes(builder, place)
    add_header(builder, number, pages)
    fill_page(builder, blocks, sheet)
    add_footer(builder, place, wording.say(_foot(style, number)))
    if number == 1 and style.slip:
        add_tear_off_slip(builder, Rectangle(0, place.bottom, style.width, style.slip))
    return builder.finished(number, place)


def _foot(style: FormStyle, number: int) -> str:
    if len(style.folds) > 1:
        return "form_reply_fold"
    return "form_foot" if number == 1 else "form_foot_back"
