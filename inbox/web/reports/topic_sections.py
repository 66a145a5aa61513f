"""Topics that people named, and kinds, in words and tables: confirmed and only suggested apart."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from config.sense_states import KINDS_OF, KindFacet
from inbox.reports.document_blocks import Block, Paragraph, ParagraphManner, ReportTable, TableLine
from inbox.reports.figure_values import Figures, KindFigures, TopicFigures
from inbox.reports.suppression import SMALLEST_CELL, join_small_cells
from inbox.web.base.formats import number
from inbox.web.reports.report_labels import FACETS, KINDS
from inbox.web.reports.report_links import ReportLinks


def topics(figures: Figures, links: ReportLinks) -> list[Block]:
    """What people named among what many speak of; for and against where it is a proposal."""
    blocks: list[Block] = []
    for one in figures.topics:
        blocks.append(Paragraph(_spoken_of(one), ParagraphManner.LEAD, links.topic(one.topic_id)))
        blocks += _stances(one)
        if one.suggested:
            blocks.append(
                Paragraph(
                    str(_("Only suggested, by their words: %(count)s more.", count=told_number(one.suggested))),
                    ParagraphManner.NOTE,
                )
            )
    if blocks:
        note = _(
            "Groups are proposed by words that stand together; a person named these, and kept their contributions."
        )
        blocks.append(Paragraph(str(note), ParagraphManner.NOTE))
    return blocks


def told_number(count: int) -> str:
    """A number, or that it is below the smallest that is told."""
    return number(count) if count >= SMALLEST_CELL else str(_("fewer than %(k)s", k=SMALLEST_CELL))


def _spoken_of(one: TopicFigures) -> str:
    if 0 < one.confirmed < SMALLEST_CELL:
        return str(_("Fewer than %(k)s contributions speak of “%(name)s”.", k=SMALLEST_CELL, name=one.name))
    return str(
        ngettext(
            "%(count)s contribution speaks of “%(name)s”.",
            "%(count)s contributions speak of “%(name)s”.",
            one.confirmed,
            count=number(one.confirmed),
            name=one.name,
        )
    )


def _stances(one: TopicFigures) -> list[Block]:
    """For and against; those that are few with the next few, so that no number tells of one voice."""
    if not one.is_proposal or one.confirmed < SMALLEST_CELL:
        return []
    unsaid = one.confirmed - one.in_favour - one.against - one.neither
    named = {
        str(_("For")): one.in_favour,
        str(_("Against")): one.against,
        str(_("Neither")): one.neither,
        str(_("Not looked at")): unsaid,
    }
    shown, rest = join_small_cells({name: count for name, count in named.items() if count})
    if not shown:
        return [Paragraph(str(_("Too few are for it, against it or neither to be told apart.")))]
    told = [(name, shown.get(name, 0)) for name, count in named.items() if name in shown or not count]
    told += [(str(_("Others, together")), rest)] if rest else []
    return [
        Paragraph("; ".join(str(_("%(way)s: %(count)s", way=way, count=number(count))) for way, count in told) + ".")
    ]


def kinds(figures: Figures) -> list[Block]:
    """Kinds by what they say of a contribution, confirmed and suggested apart."""
    found = {one.kind: one for one in figures.kinds if one.confirmed or one.suggested}
    if not found:
        return []
    tables = [_kind_table(facet, [found[kind] for kind in KINDS_OF[facet] if kind in found]) for facet in KindFacet]
    note = _("Only what a person has confirmed counts. A contribution can be of several kinds.")
    return [*(table for table in tables if table.lines), Paragraph(str(note), ParagraphManner.NOTE)]


def _kind_table(facet: KindFacet, found: list[KindFigures]) -> ReportTable:
    lines = tuple(
        TableLine((str(KINDS[one.kind]), number(one.confirmed), number(one.suggested)), one.confirmed) for one in found
    )
    head = (str(_("Kind of contribution")), str(_("Confirmed by a person")), str(_("Only suggested, by its words")))
    return ReportTable(str(FACETS[facet]), head, lines)
