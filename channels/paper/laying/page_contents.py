"""What a consultation's form asks, in its order."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from channels.paper.form_kinds import Alphabet, ZoneKind
from channels.paper.laying.asking import BoxOption, CharacterBlock, TickGrid
from channels.paper.laying.blocks import Block, FormParagraphs, HeadingBlock, PanelPair, ZoneBlock
from channels.paper.laying.number_boxes import NumberBoxes
from channels.paper.laying.style import FormStyle
from channels.paper.laying.wording import FormWording
from config.enums import VoteBy
from config.wording.consultation import Consultation
from config.wording.projects import CARD_ROW, vote_row

_ALPHABETS = {"telephone": Alphabet.DIGITS, "name": Alphabet.LETTERS}


def form_blocks(wording: FormWording, style: FormStyle, left_out: Collection[str] = ()) -> list[Block]:
    """The blocks of a form, the first page's first; without the groups of boxes (``age``, ``quarter``) left out."""
    form = wording.consultation.form
    blocks = [_question(wording, style), _frame(wording), *_themes(wording)]
    zones = _writing(wording, style)
    blocks += zones[:1]
    if "quarter" not in left_out:
        blocks += _quarters(wording)
    if "age" not in left_out:
        blocks += _ages(wording)
    blocks += zones[1:]
    if form.drawing and not style.one_zone:
        heading = HeadingBlock(wording.say("form_draw"), wording.say("form_draw_hint"), "drawing")
        blocks.append(ZoneBlock("drawing", ZoneKind.DRAWING, heading, style.least_drawing))
    blocks += [*_vote(wording, style), *_contact(wording)]
    if len(style.folds) == 1:
        blocks.append(information_blocks(wording, style))
    return blocks


def _question(wording: FormWording, style: FormStyle) -> Block:
    question = wording.own(wording.consultation.question)
    return FormParagraphs(((question, style.question), (wording.say("form_lead"), style.body)))


def _frame(wording: FormWording) -> Block:
    consultation = wording.consultation
    return PanelPair(
        ("yes", wording.say("form_can_change"), wording.own(consultation.can_change)),
        ("no", wording.say("form_cannot_change"), wording.own(consultation.cannot_change)),
    )


def _themes(wording: FormWording) -> list[Block]:
    consultation = wording.consultation
    if not (consultation.form.ask_themes and consultation.themes):
        return []
    options = [BoxOption(theme.key, wording.own(theme.label), theme.pictogram) for theme in consultation.themes]
    return [TickGrid("themes", HeadingBlock(wording.say("form_themes"), wording.say("form_several"), "tick"), options)]


def _quarters(wording: FormWording) -> list[Block]:
    quarters = wording.consultation.form.quarters
    if not quarters:
        return []
    options = [BoxOption(quarter.key, wording.own(quarter.label), "place") for quarter in quarters]
    return [TickGrid("quarter", HeadingBlock(wording.say("form_quarter"), wording.say("form_one"), "place"), options)]


def _ages(wording: FormWording) -> list[Block]:
    limits = wording.consultation.form.age_limits
    if not limits:
        return []
    options = [BoxOption(f"0-{limits[0] - 1}", wording.say("form_age_under", age=limits[0]), "person")]
    options += [
        BoxOption(f"{young}-{old - 1}", wording.say("form_age_between", age=young, until=old - 1), "person")
        for young, old in pairwise(limits)
    ]
    options.append(BoxOption(f"{limits[-1]}-", wording.say("form_age_over", age=limits[-1]), "person"))
    return [TickGrid("age", HeadingBlock(wording.say("form_age"), wording.say("form_one"), "person"), options)]


def _writing(wording: FormWording, style: FormStyle) -> list[Block]:
    """One zone with our words, or those that the consultation asks for."""
    asked = wording.consultation.form.zones
    hint = "form_write_or_draw_hint" if style.one_zone and wording.consultation.form.drawing else "form_write_hint"
    headings = [(zone.key, HeadingBlock(wording.own(zone.label), "", "pencil")) for zone in asked] or [
        ("opinion", HeadingBlock(wording.say("form_write"), wording.say(hint), "pencil"))
    ]
    return [ZoneBlock(name, ZoneKind.WRITING, heading, style.least_writing) for name, heading in headings]


def _contact(wording: FormWording) -> list[Block]:
    asked = wording.consultation.form.contact
    if not asked:
        return []
    rows = [(name, wording.say(f"form_{name}"), _ALPHABETS[name]) for name in asked]
    return [CharacterBlock(HeadingBlock(wording.say("form_contact"), wording.say("form_contact_hint"), "answer"), rows)]


_PROJECT_DIGITS, _CARD_DIGITS = 3, 9
_MOST_LISTED = 15
"""Projects whose names stand on the form; more hang beside the box."""


def _votes_on_paper(consultation: Consultation) -> bool:
    """Whether a form asks for a vote: where it can tell whose voice it is, which a centre's word cannot on paper."""
    by = consultation.vote.by
    tells = by is VoteBy.CARD or (by is VoteBy.ADDRESS and "telephone" in consultation.form.contact)
    return bool(consultation.projects) and tells


def _vote(wording: FormWording, style: FormStyle) -> list[Block]:
    """The projects, boxes for the numbers of those that are supported, and for the card where cards vote."""
    consultation = wording.consultation
    if not _votes_on_paper(consultation):
        return []
    by_card, most = consultation.vote.by is VoteBy.CARD, consultation.vote.most
    hint = wording.say("form_vote_hint_card" if by_card else "form_vote_hint", most=most)
    names = [vote_row(number) for number in range(1, most + 1)]
    found: list[Block] = [NumberBoxes(HeadingBlock(wording.say("form_vote"), hint, "tick"), names, _PROJECT_DIGITS)]
    if len(consultation.projects) <= _MOST_LISTED:
        listed = " · ".join(f"{one.number} {wording.own(one.label)}" for one in consultation.projects)
        found.append(FormParagraphs(((listed, style.body),)))
    if by_card:
        found.append(NumberBoxes(HeadingBlock(wording.say("form_vote_card")), (CARD_ROW,), _CARD_DIGITS))
    return found


def information_blocks(wording: FormWording, style: FormStyle) -> Block:
    """What happens with the sheet, and one's rights; on a reply sheet it stands on the back."""
    return FormParagraphs(
        ((wording.say("form_information_title"), style.strong), (wording.say("form_information"), style.small))
    )
