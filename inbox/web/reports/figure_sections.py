"""Figures in words and tables: one sentence for one figure, with the way to what it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from config.enums import Bucket, Channel
from inbox.reports.document_blocks import Block, Paragraph, ParagraphManner, ReportTable, TableLine
from inbox.reports.figure_values import CampaignFigures, Figures, ThemeFigures
from inbox.reports.figures import CAMPAIGN
from inbox.reports.suppression import SMALLEST_CELL, join_small_cells
from inbox.web.base.formats import number, percent
from inbox.web.base.labels import BUCKETS, CHANNELS
from inbox.web.base.page_language import language_name
from inbox.web.reports.report_links import ReportLinks

_BUCKETS = (
    Bucket.PUBLISHED,
    Bucket.IN_REVIEW,
    Bucket.WAITING,
    Bucket.SET_ASIDE,
    Bucket.VOTE,
    Bucket.QUARANTINED,
    Bucket.NOT_CONTRIBUTION,
    Bucket.ERASED,
)
_MOST_BARS = 30


def counted(caption: str, what: str, counts: Sequence[tuple[str, int]], *, chart: bool = True) -> ReportTable:
    """How many contributions there are of each of these."""
    lines = tuple(TableLine((label, number(count)), count) for label, count in counts)
    return ReportTable(caption, (what, str(_("Contributions"))), lines, is_chart=chart)


def _suppressed(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Cells that may be published; what too few share is counted together."""
    shown, rest = join_small_cells(counts)
    return [*shown.items(), *([(str(_("Others, together")), rest)] if rest else [])]


# --- how many -------------------------------------------------------------------------------------------------


def participation_section(figures: Figures, links: ReportLinks) -> list[Block]:
    """How many, by which way, when, where, in which language."""
    published = ngettext(
        "%(count)s contribution has been published.",
        "%(count)s contributions have been published.",
        figures.published,
        count=number(figures.published),
    )
    blocks: list[Block] = [Paragraph(str(published), ParagraphManner.LEAD, links.listed(view="published"))]
    if not figures.published:
        return blocks
    shown, rest = channels_told(figures.channels)
    blocks.append(Paragraph(_without_internet(shown, rest, figures.published)))
    ways = [(str(CHANNELS[channel]), count) for channel, count in shown.items()]
    together = [(str(_("Others, together")), rest)] if rest else []
    blocks.append(counted(str(_("By which way")), str(_("Way in")), [*ways, *together]))
    blocks.append(counted(str(_("When they arrived")), str(_("Period")), _periods(figures.days)))
    if figures.centres:
        centres = _suppressed(dict(figures.centres))
        blocks.append(counted(str(_("Handed in at a centre")), str(_("Centre")), centres))
    if figures.released is not None:
        among = _(
            "Centres and ages are counted among the %(rows)s contributions of the open-data edition, as it says them.",
            rows=number(figures.released.rows),
        )
        blocks.append(Paragraph(str(among), ParagraphManner.NOTE))
    if len(figures.languages) > 1:
        named = {
            language_name(language) if language else str(_("unknown")): count for language, count in figures.languages
        }
        blocks.append(counted(str(_("In which language")), str(_("Language")), _suppressed(named)))
    blocks.append(
        Paragraph(
            str(
                _(
                    "Numbers of ways in, periods, centres and languages below %(k)s are counted together, so that "
                    "nobody can be recognised. No address is asked for.",
                    k=SMALLEST_CELL,
                )
            ),
            ParagraphManner.NOTE,
        )
    )
    return blocks


def channels_told(counts: Mapping[Channel, int]) -> tuple[dict[Channel, int], int]:
    """Every way in that may be told, those by which nobody came too, and how many came by the others together."""
    shown, rest = join_small_cells({channel: count for channel, count in counts.items() if count})
    told = {channel: shown.get(channel, 0) for channel in Channel}
    return {channel: count for channel, count in told.items() if count or not counts.get(channel)}, rest


def _without_internet(shown: Mapping[Channel, int], rest: int, published: int) -> str:
    """How many came without it; at least how many, where an exact number would tell how few wrote mails."""
    offline = sum(count for channel, count in shown.items() if channel is not Channel.EMAIL)
    if rest and Channel.EMAIL not in shown:
        said = _(
            "At least %(count)s of them came without the internet: by telephone, text message or on paper.",
            count=number(offline),
        )
        return str(said)
    said = _(
        "%(count)s of them (%(share)s) came without the internet: by telephone, text message or on paper.",
        count=number(offline + rest),
        share=percent((offline + rest) / published),
    )
    return str(said)


def _periods(days: Sequence[tuple[date, int]]) -> list[tuple[str, int]]:
    """Days, or weeks, or months: the finest that are few enough to be seen, and in none of which a few stand alone."""
    for spread in (_by_day, _by_week, _by_month):
        counts = spread(days)
        if len(counts) <= _MOST_BARS and all(count == 0 or count >= SMALLEST_CELL for _label, count in counts):
            return counts
    return _suppressed(dict(_by_month(days)))


def _by_day(days: Sequence[tuple[date, int]]) -> list[tuple[str, int]]:
    """Every day from the first to the last, so that silence is seen."""
    counts, first = dict(days), days[0][0]
    every = (first + timedelta(days=after) for after in range((days[-1][0] - first).days + 1))
    return [(str(format_date(day, "d MMM yyyy")), counts.get(day, 0)) for day in every]


def _by_week(days: Sequence[tuple[date, int]]) -> list[tuple[str, int]]:
    counts, first = dict(days), days[0][0]
    monday = first - timedelta(days=first.weekday())
    weeks = (monday + timedelta(days=after) for after in range(0, (days[-1][0] - monday).days + 1, 7))
    return [
        (
            str(_("week of %(day)s", day=format_date(week, "d MMM yyyy"))),
            sum(counts.get(week + timedelta(days=after), 0) for after in range(7)),
        )
        for week in weeks
    ]


def _by_month(days: Sequence[tuple[date, int]]) -> list[tuple[str, int]]:
    months: dict[tuple[int, int], int] = {}
    for day, count in days:
        months[day.year, day.month] = months.get((day.year, day.month), 0) + count
    return [(str(format_date(date(year, month, 1), "MMM yyyy")), count) for (year, month), count in months.items()]


def ledger_section(figures: Figures, links: ReportLinks) -> list[Block]:
    """Everything that arrived, in one place each."""
    balanced = (
        _("%(count)s arrived, and each is counted in exactly one place.", count=number(figures.units))
        if figures.balanced
        else _("%(count)s arrived, but the ledger does not balance: ask an administrator.", count=number(figures.units))
    )
    lines = [
        *((str(BUCKETS[bucket]), figures.buckets.get(bucket, 0)) for bucket in _BUCKETS),
        (str(_("Arrived in all")), figures.units),
    ]
    table = ReportTable(
        str(_("What arrived, by where it stands")),
        (str(_("Where it stands")), str(_("Count"))),
        tuple(TableLine((label, number(count)), count) for label, count in lines),
    )
    manner = ParagraphManner.BODY if figures.balanced else ParagraphManner.WARNING
    note = _("Counted are messages, calls, mails and forms; several of one person can make one contribution.")
    return [Paragraph(str(balanced), manner, links.ledger()), table, Paragraph(str(note), ParagraphManner.NOTE)]


# --- about what ---------------------------------------------------------------------------------------------------


def themes_section(figures: Figures, labels: Mapping[str, str]) -> list[Block]:
    """All themes beside one another."""
    if not figures.published:
        return []
    lines = tuple(
        TableLine((labels[one.key], number(one.count), number(one.confirmed)), one.count) for one in figures.themes
    )
    head = (str(_("Theme")), str(_("Contributions")), str(_("Of these confirmed by a person")))
    blocks: list[Block] = [ReportTable(str(_("Themes of what was published")), head, lines, is_chart=True)]
    unthemed = ngettext(
        "%(count)s contribution has none of these themes.",
        "%(count)s contributions have none of these themes.",
        figures.unthemed,
        count=number(figures.unthemed),
    )
    several = _("A contribution may have several themes, so these numbers add up to more than there are contributions.")
    return [*blocks, Paragraph(str(unthemed)), Paragraph(str(several), ParagraphManner.NOTE)]


def theme_section(one: ThemeFigures, figures: Figures, links: ReportLinks) -> list[Block]:
    """One theme: how many, and how many of that is sure."""
    said = ngettext(
        "%(count)s contribution speaks of it, %(share)s of what was published.",
        "%(count)s contributions speak of it, %(share)s of what was published.",
        one.count,
        count=number(one.count),
        share=percent(one.count / figures.published if figures.published else None),
    )
    sure = _(
        "Confirmed by a person: %(confirmed)s; only suggested by a machine: %(suggested)s.",
        confirmed=number(one.confirmed),
        suggested=number(one.count - one.confirmed),
    )
    return [
        Paragraph(str(said), url=links.listed(view="published", theme=one.key)),
        Paragraph(str(sure), ParagraphManner.NOTE),
    ]


def repetition_section(figures: Figures) -> list[Block]:
    """How many say the same, counted both ways."""
    if not figures.repeated:
        return []
    said = _(
        "%(published)s contributions were published; they are %(texts)s different texts. Each voice counts, "
        "and none was left out: both numbers are said.",
        published=number(figures.published),
        texts=number(figures.texts),
    )
    blocks: list[Block] = [Paragraph(str(said))]
    if figures.campaign_count:
        found = ngettext(
            "%(count)s text was sent by %(least)s people or more.",
            "%(count)s texts were each sent by %(least)s people or more.",
            figures.campaign_count,
            count=number(figures.campaign_count),
            least=CAMPAIGN,
        )
        largest = _("The largest are shown: %(shown)s.", shown=number(len(figures.campaigns)))
        is_cut = len(figures.campaigns) < figures.campaign_count
        blocks.append(Paragraph(f"{found} {largest}" if is_cut else str(found)))
    return blocks


def campaign_section(one: CampaignFigures) -> list[Block]:
    """One campaign, counted both ways."""
    shown, rest = join_small_cells(one.channels)
    told = [(str(CHANNELS[channel]), count) for channel, count in sorted(shown.items(), key=lambda item: -item[1])]
    told += [(str(_("others, together") if shown else _("various ways")), rest)] if rest else []
    ways = ", ".join(str(_("%(way)s: %(count)s", way=way, count=number(count))) for way, count in told)
    said = _("%(voices)s voices, 1 text (%(ways)s).", voices=number(one.voices), ways=ways)
    own = ngettext(
        "%(count)s of them adds words of its own.",
        "%(count)s of them add words of their own.",
        one.with_own_words,
        count=number(one.with_own_words),
    )
    return [Paragraph(str(said), ParagraphManner.LEAD), *([Paragraph(str(own))] if one.with_own_words else [])]


def unanswered_section(figures: Figures) -> list[Block]:
    """What was asked of the town, and has no answer."""
    if not any(one.kind.value == "question" and one.confirmed for one in figures.kinds):
        return []
    said = ngettext(
        "%(count)s question, confirmed as one by a person, has had no answer.",
        "%(count)s questions, confirmed as such by a person, have had no answer.",
        figures.unanswered,
        count=number(figures.unanswered),
    )
    return [Paragraph(str(said))]


def places_section(figures: Figures) -> list[Block]:
    """The places that are named most."""
    shown = [one for one in figures.places if one.count >= SMALLEST_CELL]
    if not shown:
        return []
    lines = tuple(TableLine((one.place, one.quarter or "–", number(one.count)), one.count) for one in shown)
    head = (str(_("Place")), str(_("Quarter")), str(_("Contributions that name it")))
    note = _(
        "Found by the town’s own list of places, also where a name was misheard or misspelt; shown from %(k)s on.",
        k=SMALLEST_CELL,
    )
    return [
        ReportTable(str(_("Places named most")), head, lines, is_chart=True),
        Paragraph(str(note), ParagraphManner.NOTE),
    ]
