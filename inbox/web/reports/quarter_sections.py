"""Which quarters are spoken of, on a map of outlines alone, and beside how many live there: who does not speak."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from flask_babel import gettext as _

from config.settings.schema import Settings
from inbox.quarters import outlines, population
from inbox.quarters.outlines import NoOutlines, Outline, TownMap
from inbox.quarters.population import NoPopulation
from inbox.reports.document_blocks import (
    Area,
    AreaMap,
    Block,
    MapTile,
    Paragraph,
    ParagraphManner,
    ReportTable,
    TableLine,
)
from inbox.reports.figure_values import QuarterFigures
from inbox.reports.suppression import SMALLEST_CELL, join_small_cells
from inbox.web.base.formats import number, percent

log = logging.getLogger(__name__)

_WIDTH = 600
_SEVERAL, _NONE = "\x00several", "\x00none"


def quarters(figures: QuarterFigures, settings: Settings) -> list[Block]:
    """A table, a map where the town has outlines, and who does not speak where it says how many live where."""
    if not figures.quarters:
        return []
    shown, rest = join_small_cells({**dict(figures.quarters), _SEVERAL: figures.several, _NONE: figures.none})
    apart = {name: count for name, count in shown.items() if name not in (_SEVERAL, _NONE)}
    people = _population(settings)
    blocks: list[Block] = [_table(apart, shown, rest, people)]
    drawn = _town_map(settings)
    if drawn is not None:
        blocks.append(_map(drawn, apart, settings.map_tiles))
    blocks += _silent(apart, people, dict(figures.quarters))
    note = _(
        "Counted is the quarter whose places a contribution names, not where its author lives. Numbers below %(k)s are "
        "counted together.",
        k=SMALLEST_CELL,
    )
    return [*blocks, Paragraph(str(note), ParagraphManner.NOTE)]


def _table(apart: Mapping[str, int], shown: Mapping[str, int], rest: int, people: Mapping[str, int]) -> ReportTable:
    named, living = sum(apart.values()), sum(people.values())
    others = [(_("Several quarters"), shown.get(_SEVERAL, 0)), (_("No quarter named"), shown.get(_NONE, 0))]
    lines = [
        TableLine((name, number(count), *(_shares(name, count, named, people, living) if people else ())), count)
        for name, count in apart.items()
    ]
    blank = ("–", "–") if people else ()
    lines += [TableLine((str(label), number(count), *blank), count) for label, count in others if count]
    if rest:
        lines.append(TableLine((str(_("Others, together")), number(rest), *blank), rest))
    head = (str(_("Quarter")), str(_("Contributions")))
    more = (str(_("Share of what names a quarter")), str(_("Share of the inhabitants"))) if people else ()
    return ReportTable(str(_("Quarters that are spoken of")), (*head, *more), tuple(lines), is_chart=True)


def _shares(name: str, count: int, named: int, people: Mapping[str, int], living: int) -> tuple[str, str]:
    lives = people.get(name)
    return percent(count / named), percent(lives / living) if lives and living else "–"


def _silent(apart: Mapping[str, int], people: Mapping[str, int], known: Mapping[str, int]) -> list[Block]:
    """Who does not speak, in words: quarters with fewer contributions than inhabitants, as shares."""
    if not people:
        return []
    named, living = sum(apart.values()), sum(people.values())
    quiet = [
        _(
            "%(quarter)s: %(people)s of the inhabitants, %(voices)s of the contributions that name a quarter.",
            quarter=name,
            people=percent(people[name] / living),
            voices=percent(count / named),
        )
        for name, count in apart.items()
        if name in people and count / named < people[name] / living / 2
    ]
    few = sorted(name for name in people if name not in apart)
    blocks: list[Block] = [Paragraph(f"{_('Speaks less than half as much as it is large:')} {one}") for one in quiet]
    if few:
        said = _("Of these quarters too few speak to be shown apart, or nobody: %(quarters)s.", quarters=", ".join(few))
        blocks.append(Paragraph(str(said)))
    if unknown := sorted(name for name in known if name not in people):
        said = _("Not in the population file: %(quarters)s.", quarters=", ".join(unknown))
        blocks.append(Paragraph(str(said), ParagraphManner.NOTE))
    return blocks


def _map(drawn: TownMap, apart: Mapping[str, int], tiles: str) -> AreaMap:
    most = max(apart.values(), default=1)
    areas = tuple(_area(one, apart.get(one.name), most) for one in drawn.outlines)
    ground = outlines.tiles_of(drawn, tiles) if tiles else []
    return AreaMap(
        str(_("Quarters on a map: the darker, the more contributions")),
        _WIDTH,
        _scaled(drawn.height),
        areas,
        tuple(MapTile(url, *(round(one * _WIDTH, 2) for one in place)) for url, *place in ground),
    )


def _area(one: Outline, count: int | None, most: int) -> Area:
    path = "".join(f"M{'L'.join(f'{_scaled(x)},{_scaled(y)}' for x, y in ring)}Z" for ring in one.rings)
    x, y = one.middle
    value = number(count) if count is not None else f"< {SMALLEST_CELL}"
    return Area(one.name, path, (_scaled(x), _scaled(y)), (count or 0) / most, value)


def _scaled(share: float) -> int:
    return round(share * _WIDTH)


def _population(settings: Settings) -> Mapping[str, int]:
    try:
        return population.population(settings.population_file)
    except (OSError, NoPopulation) as error:
        log.error("population_file cannot be used: %s", error)
        return {}


def _town_map(settings: Settings) -> TownMap | None:
    try:
        return outlines.town_map(settings.quarters_file)
    except (OSError, NoOutlines) as error:
        log.error("quarters_file cannot be used: %s", error)
        return None
