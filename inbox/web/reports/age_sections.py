"""Which ages speak, where forms ask for it, beside how many of that age live there: who does not speak."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from flask_babel import gettext as _

from config.settings.schema import Settings
from inbox.quarters import population
from inbox.reports.document_blocks import Block, Paragraph, ParagraphManner, ReportTable, TableLine
from inbox.reports.figure_values import AgeFigures
from inbox.reports.suppression import SMALLEST_CELL, join_small_cells
from inbox.web.base.formats import number, percent

log = logging.getLogger(__name__)

_UNSAID = "\x00unsaid"


def ages(figures: AgeFigures, settings: Settings) -> list[Block]:
    """A table, and in words which ages speak less than half as much as they are many; nothing where nobody said any."""
    if not figures.groups:
        return []
    shown, rest = join_small_cells({**dict(figures.groups), _UNSAID: figures.unsaid})
    unsaid = shown.pop(_UNSAID, 0)
    people = _people(list(dict(figures.groups)), settings)
    said, living = sum(shown.values()), sum(people.values())
    head, blank = (str(_("Age")), str(_("Contributions"))), ("–", "–") if people else ()
    more = (str(_("Share of those who said")), str(_("Share of the inhabitants"))) if people else ()
    lines = [
        TableLine(
            (age_label(key), number(count), *(_shares(count / said, people.get(key), living) if people else ())), count
        )
        for key, count in shown.items()
    ]
    if rest:
        lines.append(TableLine((str(_("Others, together")), number(rest), *blank), rest))
    if unsaid:
        lines.append(TableLine((str(_("Not asked, or not said")), number(unsaid), *blank), unsaid))
    blocks: list[Block] = [ReportTable(str(_("Age, as ticked on forms")), (*head, *more), tuple(lines), is_chart=True)]
    quiet = [
        _(
            "%(age)s: %(people)s of the inhabitants, %(voices)s of those who said their age.",
            age=age_label(key),
            people=percent(people[key] / living),
            voices=percent(count / said),
        )
        for key, count in shown.items()
        if key in people and count / said < people[key] / living / 2
    ]
    blocks += [Paragraph(f"{_('Speaks less than half as much as it is large:')} {one}") for one in quiet]
    few = [age_label(key) for key in people if key not in shown]
    if few:
        told = _("Of these ages too few speak to be shown apart, or nobody: %(ages)s.", ages=", ".join(few))
        blocks.append(Paragraph(str(told)))
    note = _(
        "Age is asked on paper forms alone, and nobody has to say it. Numbers below %(k)s are counted together.",
        k=SMALLEST_CELL,
    )
    return [*blocks, Paragraph(str(note), ParagraphManner.NOTE)]


def age_label(key: str) -> str:
    """An age group in words."""
    first, _dash, last = key.partition("-")
    if first == "0" and last:
        return str(_("under %(age)s", age=int(last) + 1))
    return str(_("%(first)s to %(last)s", first=first, last=last) if last else _("%(age)s and over", age=first))


def _shares(voices: float, people: int | None, living: int) -> tuple[str, str]:
    return percent(voices), percent(people / living) if people and living else "–"


def _people(keys: list[str], settings: Settings) -> Mapping[str, int]:
    spans = {key: _span(key) for key in keys}
    try:
        counts = population.ages(settings.population_file)
    except OSError as error:
        log.error("population_file cannot be used: %s", error)
        return {}
    by_span = population.people_of_groups(counts, spans.values())
    return {key: by_span[span] for key, span in spans.items() if span in by_span}


def _span(key: str) -> tuple[int, int]:
    first, _dash, last = key.partition("-")
    return int(first), int(last) if last else population.OLDEST
