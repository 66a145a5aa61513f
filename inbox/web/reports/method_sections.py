"""What is not in a report, what machines did, and how it was made: in words."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from inbox.reports.document_blocks import Block, Paragraph, ReportTable, TableLine
from inbox.reports.figure_values import Figures
from inbox.reports.figures import CAMPAIGN
from inbox.web.base.formats import number, percent
from inbox.web.base.labels import SET_ASIDE_REASONS
from inbox.web.reports.figure_sections import counted
from inbox.web.reports.report_links import ReportLinks


def set_aside_section(figures: Figures, links: ReportLinks) -> list[Block]:
    """What was set aside, by reason."""
    said = ngettext(
        "%(count)s contribution was read by a moderator, kept, and not published.",
        "%(count)s contributions were read by a moderator, kept, and not published.",
        figures.set_aside,
        count=number(figures.set_aside),
    )
    blocks: list[Block] = [Paragraph(str(said), url=links.listed(view="aside"))]
    if figures.reasons:
        lines = [(str(SET_ASIDE_REASONS[reason]), count) for reason, count in figures.reasons]
        blocks.append(counted(str(_("Why they were set aside")), str(_("Reason")), lines))
    return blocks


def unread_section(figures: Figures) -> list[Block]:
    """What no machine could read."""
    waiting = ngettext(
        "%(count)s contribution waits for a person to hear or read it, because no machine could.",
        "%(count)s contributions wait for a person to hear or read them, because no machine could.",
        figures.needs_person,
        count=number(figures.needs_person),
    )
    broken = ngettext(
        "%(count)s arrival is in quarantine: reading it failed three times, and a person looks at it.",
        "%(count)s arrivals are in quarantine: reading them failed three times, and a person looks at them.",
        figures.quarantined,
        count=number(figures.quarantined),
    )
    return [Paragraph(str(waiting)), Paragraph(str(broken))]


def machine_section(figures: Figures, label: Callable[[str], str]) -> list[Block]:
    """What machines suggested and read, and what people made of it."""
    done = figures.machine
    decided = done.themes_kept + done.themes_removed
    blocks: list[Block] = [
        Paragraph(
            str(
                _(
                    "Themes: %(suggested)s suggested on what was published. "
                    "People kept %(kept)s and removed %(removed)s%(share)s.",
                    suggested=number(done.themes_suggested),
                    kept=number(done.themes_kept),
                    removed=number(done.themes_removed),
                    share=_right(done.themes_kept, decided),
                )
            )
        )
    ]
    looked = done.confirmed_unchanged + done.corrected
    blocks.append(
        Paragraph(
            str(
                _(
                    "Recordings and pages: %(read)s published contributions were read by a machine first. "
                    "Of those a person then looked over, %(same)s were confirmed as they were, and "
                    "%(corrected)s corrected%(share)s.",
                    read=number(done.read_by_machine),
                    same=number(done.confirmed_unchanged),
                    corrected=number(done.corrected),
                    share=_right(done.confirmed_unchanged, looked),
                )
            )
        )
    )
    if figures.models:
        blocks.append(_models(figures, label))
    return blocks


def _right(right: int, decided: int) -> str:
    """How often a machine was right, in words; nothing where nobody has looked."""
    return str(_(" (right in %(share)s)", share=percent(right / decided))) if decided else ""


def _models(figures: Figures, label: Callable[[str], str]) -> ReportTable:
    def share(value: float | None) -> str:
        return str(_("abstains")) if value is None else percent(value)

    lines = tuple(
        TableLine(
            (
                label(one.theme),
                number(one.decisions),
                share(one.precision),
                share(one.coverage if one.precision is not None else None),
                ", ".join(one.words) or "–",
            )
        )
        for one in figures.models
    )
    head = (_("Theme"), _("Decisions"), _("Right when it suggests"), _("Found of what people kept"), _("By words like"))
    return ReportTable(str(_("Themes learned from moderators’ decisions")), tuple(map(str, head)), lines)


def method_section() -> list[Block]:
    """How it was made, in plain words."""
    said = (
        _(
            "Every contribution was read by a person before it was published. Names and the like were masked. "
            "Only published texts are counted by theme and quoted here."
        ),
        _(
            "The quotations are the residents’ own words, whole sentences, unchanged. A computer chose them by "
            "counting: typical is who says what many say, divergent who objects where most do not, apart who is least "
            "like the others. What an official chose is marked as such."
        ),
        _(
            "A contribution is one resident’s message. Texts that say the same, but for mishearing and misspelling, "
            "are found by comparing letters; from %(count)s on they are shown as a campaign.",
            count=format_decimal(CAMPAIGN),
        ),
        _(
            "Sentences marked with a name were written by an official. All others are made by counting, "
            "and open what they count."
        ),
    )
    return [Paragraph(str(one)) for one in said]
