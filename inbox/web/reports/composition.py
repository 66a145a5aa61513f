"""A report in words: each sentence is made of one figure, or quoted; pages and documents show these blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import format_date, format_datetime, ngettext
from flask_babel import gettext as _

from config.wording.consultation import Consultation
from inbox.records import references
from inbox.reports.document_blocks import (
    AuthorSentence,
    Block,
    Paragraph,
    ParagraphManner,
    QuoteBlock,
    ReportDocument,
    ReportSection,
)
from inbox.reports.figure_values import Figures
from inbox.reports.report_editing import OwnSentence, ReportArrangement
from inbox.reports.report_quotations import QuotedPassage
from inbox.web.base.app_context import settings_of
from inbox.web.base.formats import number
from inbox.web.base.labels import CHANNELS
from inbox.web.contributions.theme_labels import theme_label
from inbox.web.reports import age_sections, figure_sections, method_sections, quarter_sections, topic_sections
from inbox.web.reports.report_labels import ROLES, SECTIONS
from inbox.web.reports.report_links import PublicReportLinks, ReportLinks


@dataclass(frozen=True)
class ComposedReport:
    """All that a report is composed of."""

    slug: str
    consultation: Consultation
    figures: Figures
    quoted: Sequence[QuotedPassage]
    edit: ReportArrangement
    references: Mapping[int, str]
    """Of the contributions that own sentences speak of."""
    language: str
    kept: str = ""
    """Of a version: which one, by whom, in words."""
    for_all: bool = False
    """Whether everybody reads it: then no reference stands in it, and links lead to public pages."""

    def said(self, words: Mapping[str, str]) -> str:
        """The consultation's own words in the reader's language, or in its own."""
        return words.get(self.language) or words[self.consultation.language]

    def quotes_of(self, theme: str) -> list[QuotedPassage]:
        """What is quoted on a theme, what people chose first."""
        return sorted((one for one in self.quoted if one.theme == theme), key=lambda one: not one.chosen_by_person)


def compose_report(report: ComposedReport, *, absolute: bool = False) -> ReportDocument:
    """The report as blocks; ``absolute`` addresses for files that leave the browser."""
    links = (PublicReportLinks if report.for_all else ReportLinks)(report.slug, absolute)
    makers: dict[str, Callable[[ComposedReport, ReportLinks], ReportSection]] = {
        "question": _question,
        "who": lambda one, to: _figures(_who(one.figures, to), "who", one, to),
        "ledger": lambda one, to: _figures(figure_sections.ledger_section(one.figures, to), "ledger", one, to),
        "themes": _themes,
        "campaigns": _campaigns,
        "topics": lambda one, to: _figures(topic_sections.topics(one.figures, to), "topics", one, to),
        "kinds": lambda one, to: _figures(topic_sections.kinds(one.figures), "kinds", one, to),
        "questions": _questions,
        "places": lambda one, to: _figures(_where(one.figures), "places", one, to),
        "aside": lambda one, to: _figures(method_sections.set_aside_section(one.figures, to), "aside", one, to),
        "unread": lambda one, to: _figures(method_sections.unread_section(one.figures), "unread", one, to),
        "machine": lambda one, to: _figures(
            method_sections.machine_section(one.figures, lambda key: _theme(one, key)), "machine", one, to
        ),
        "method": lambda one, to: _figures(method_sections.method_section(), "method", one, to),
    }
    sections = [makers[key](report, links) for key in report.edit.ordered(list(SECTIONS))]
    title = report.edit.title or str(_("%(title)s: what residents said", title=report.said(report.consultation.title)))
    return ReportDocument(
        title=title,
        subtitle=report.kept or str(_("As it stands on %(when)s", when=_moment(report))),
        language=report.language,
        town=report.consultation.town_name,
        sections=tuple(one for one in sections if one.blocks or one.sections),
        closing=_closing(report),
    )


def _closing(report: ComposedReport) -> str:
    return str(
        _(
            "Made on %(when)s from version %(version)s of the consultation. Every figure is counted from the "
            "contributions, every quotation is word for word; nothing in it was written by a machine.",
            when=_moment(report),
            version=report.figures.version,
        )
    )


def _moment(report: ComposedReport) -> str:
    return str(format_datetime(report.figures.at, "d MMMM yyyy, HH:mm"))


# --- sections -------------------------------------------------------------------------------------------


def _section(
    key: str, report: ComposedReport, links: ReportLinks, blocks: Sequence[Block], inner: Sequence[ReportSection] = ()
) -> ReportSection:
    """A section under its heading, with what an official wrote in it."""
    default = _theme(report, key.removeprefix("theme:")) if key.startswith("theme:") else str(SECTIONS.get(key, key))
    own = [_own(one, report, links) for one in report.edit.of(key)]
    return ReportSection(
        key=key,
        title=report.edit.headings.get(key, default),
        blocks=(*blocks, *own),
        sections=tuple(inner),
        is_hidden=key in report.edit.hidden,
    )


def _figures(blocks: Sequence[Block], key: str, report: ComposedReport, links: ReportLinks) -> ReportSection:
    return _section(key, report, links, blocks)


def _own(sentence: OwnSentence, report: ComposedReport, links: ReportLinks) -> AuthorSentence:
    count = len(sentence.voices)
    spoken = [
        (references.format_reference(report.references.get(one, "")), links.contribution(one))
        for one in sentence.voices
    ]
    if count:
        voices = ngettext("Speaks of %(num)s contribution:", "Speaks of %(num)s contributions:", count)
    else:
        voices = _("Speaks of no contribution: this is the author’s own opinion or knowledge.")
    author = _("%(name)s, %(day)s", name=sentence.author, day=_day(sentence.at.date()))
    return AuthorSentence(
        sentence.text, str(author), str(voices), () if report.for_all else tuple(spoken), sentence.number
    )


def _question(report: ComposedReport, links: ReportLinks) -> ReportSection:
    one = report.consultation
    blocks: list[Block] = [
        Paragraph(report.said(one.question), ParagraphManner.LEAD),
        Paragraph(str(_("What could change: %(what)s", what=report.said(one.can_change)))),
        Paragraph(str(_("What could not: %(what)s", what=report.said(one.cannot_change)))),
        Paragraph(str(_("Who decides: %(who)s", who=report.said(one.decides)))),
        Paragraph(
            str(_("Open from %(opens)s to %(closes)s.", opens=_day(one.opens), closes=_day(one.closes))),
            ParagraphManner.NOTE,
        ),
    ]
    if one.answer_by:
        blocks.append(Paragraph(str(_("The town answers by %(day)s.", day=_day(one.answer_by))), ParagraphManner.NOTE))
    return _section("question", report, links, blocks)


def _themes(report: ComposedReport, links: ReportLinks) -> ReportSection:
    figures = report.figures
    labels = {one.key: _theme(report, one.key) for one in figures.themes}
    present = [one for one in figures.themes if one.count]
    inner = []
    for key in report.edit.ordered([f"theme:{one.key}" for one in present]):
        one = next((theme for theme in present if f"theme:{theme.key}" == key), None)
        if one is not None:
            quotes = [_quote(quoted, links) for quoted in report.quotes_of(one.key)]
            inner.append(_section(key, report, links, [*figure_sections.theme_section(one, figures, links), *quotes]))
    return _section("themes", report, links, figure_sections.themes_section(figures, labels), inner)


def _campaigns(report: ComposedReport, links: ReportLinks) -> ReportSection:
    blocks: list[Block] = list(figure_sections.repetition_section(report.figures))
    for campaign in report.figures.campaigns:
        blocks += figure_sections.campaign_section(campaign)
        quotes = report.quotes_of(f"campaign:{campaign.group_id}")
        # What one of them says alone is put in front: many who repeat a text do not hide it.
        own_first = sorted(quotes, key=lambda one: one.role.value != "own_voice")
        blocks += [_quote(one, links) for one in own_first]
    return _section("campaigns", report, links, blocks)


def _questions(report: ComposedReport, links: ReportLinks) -> ReportSection:
    quotes = [_quote(one, links) for one in report.quoted if one.role.value == "question"]
    return _section("questions", report, links, [*figure_sections.unanswered_section(report.figures), *quotes])


def _who(figures: Figures, links: ReportLinks) -> list[Block]:
    """How many took part, and of which age where forms ask for it."""
    said = figure_sections.participation_section(figures, links)
    return [*said, *age_sections.ages(figures.ages, settings_of())]


def _where(figures: Figures) -> list[Block]:
    """The places and the quarters that are spoken of."""
    return [*figure_sections.places_section(figures), *quarter_sections.quarters(figures.quarters, settings_of())]


# --- words ----------------------------------------------------------------------------------------------------


def _quote(one: QuotedPassage, links: ReportLinks) -> QuoteBlock:
    channel, day = CHANNELS[one.channel], _day(one.received_at.date())
    if isinstance(links, PublicReportLinks):
        source = f"{channel}, {day}"
    else:
        number_of = references.format_reference(one.reference)
        source = _("%(channel)s, %(day)s, no. %(reference)s", channel=channel, day=day, reference=number_of)
    shortened = _("shortened")
    more = f" ({shortened})" if one.is_cut else ""
    return QuoteBlock(
        text=one.text,
        role=str(ROLES[one.role]),
        source=f"{source}{more}",
        url=links.contribution(one.contribution_id),
        language=one.language,
        quotation_id=one.id,
    )


def _theme(report: ComposedReport, key: str) -> str:
    return theme_label(key, report.consultation, report.language)


def _day(day: date) -> str:
    return str(format_date(day, "d MMMM yyyy"))


def key_figures(report: ComposedReport) -> list[tuple[str, str]]:
    """The few figures that stand at the head of the page: number and what it counts."""
    figures = report.figures
    return [
        (number(figures.units), str(_("arrived in all"))),
        (number(figures.published), str(_("contributions published"))),
        (number(figures.texts), str(_("different texts"))),
        (number(figures.in_review), str(_("still to be reviewed"))),
    ]
