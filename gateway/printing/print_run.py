"""``print_run``: copies of a consultation's form as a PDF, each with a reference issued for it."""

from __future__ import annotations

from dataclasses import dataclass

from channels.base.errors import ChannelError
from channels.paper.form_kinds import FormVariant, SheetSize
from channels.paper.form_layout import FormLayout, form_number
from channels.paper.geometry import A4
from channels.paper.laying.form import lay_out
from channels.paper.laying.wording import FormWording
from channels.paper.printing.forms import print_forms
from channels.paper.printing.numbered_cards import print_cards
from channels.paper.printing.poster import print_poster
from channels.paper.printing.trial_sheet import print_trial_sheet
from channels.paper.stored_layout import layout_to_json
from config.wording.consultation import Consultation
from inbox.consultations import consultation_versions, printed_forms
from inbox.storage.database import Store

MOST_COPIES = 2000
"""Of one run: a box of paper, and a file that every computer opens."""


class CannotPrint(ChannelError):
    """What was asked for cannot be printed."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class PrintOrder:
    """What somebody wants printed. ``copies`` 0 is one sheet without a number, to be photocopied."""

    consultation: str
    language: str = ""
    """Nothing stands for the consultation's usual one."""
    variant: FormVariant = FormVariant.STANDARD
    size: SheetSize = SheetSize.A4
    copies: int = 1


@dataclass(frozen=True, slots=True)
class PrintedRun:
    """The file, and what it should be called."""

    pdf: bytes
    name: str
    references: tuple[str, ...]


def print_run(store: Store, order: PrintOrder) -> PrintedRun:
    """Lay the form out as it stands now, keep it, issue references, print; raises errors with their remedy."""
    if not 0 <= order.copies <= MOST_COPIES:
        raise CannotPrint(f"{order.copies} copies cannot be printed at once", f"print up to {MOST_COPIES} at a time")
    consultation, version_id, number_of_version, language = _asked_for(store, order.consultation, order.language)
    layout = lay_out(consultation, number_of_version, variant=order.variant, size=order.size, language=language)
    stored = layout_to_json(layout)
    form = form_number(stored)
    with store.write() as session:
        printed_forms.keep_layout(session, form, stored, version_id)
        issued = printed_forms.issue_copies(session, form, order.copies)
    pdf = print_forms(layout, issued or [None])
    name = f"{order.consultation}-{order.variant}-{order.size}-{language}.pdf"
    return PrintedRun(pdf, name, tuple(issued))


def render_trial_sheet(store: Store, order: PrintOrder) -> PrintedRun:
    """The sheet by which a copier is tried, filled in with known marks; raises as ``print_run`` does."""
    consultation, version_id, number_of_version, language = _asked_for(store, order.consultation, order.language)
    layout = lay_out(consultation, number_of_version, variant=order.variant, size=SheetSize.A4, language=language)
    stored = layout_to_json(layout)
    with store.write() as session:
        printed_forms.keep_layout(session, form_number(stored), stored, version_id)
    pdf = print_trial_sheet(layout, FormWording(consultation, language))
    return PrintedRun(pdf, f"{order.consultation}-test-{language}.pdf", ())


def print_card_run(store: Store, order: PrintOrder) -> PrintedRun:
    """Numbered cards, whose number is keyed on the phone; raises as ``print_run`` does."""
    if not 1 <= order.copies <= MOST_COPIES:
        raise CannotPrint(f"{order.copies} cards cannot be printed at once", f"print up to {MOST_COPIES} at a time")
    consultation, version_id, number_of_version, language = _asked_for(store, order.consultation, order.language)
    if not consultation.addresses.phones:
        raise CannotPrint("the consultation has no telephone number", "write it under [addresses] first")
    # Nothing of a card is read: its layout only says of which consultation its numbers are.
    layout = FormLayout(
        town=consultation.town,
        consultation=consultation.slug,
        version=number_of_version,
        variant=FormVariant.STANDARD,
        size=SheetSize.A4,
        language=language,
        width=A4[0],
        height=A4[1],
        groups=(),
        pages=(),
    )
    stored = layout_to_json(layout)
    with store.write() as session:
        printed_forms.keep_layout(session, form_number(stored), stored, version_id)
        issued = printed_forms.issue_copies(session, form_number(stored), order.copies)
    name = f"{order.consultation}-cards-{language}.pdf"
    return PrintedRun(print_cards(FormWording(consultation, language), issued), name, tuple(issued))


def render_poster(store: Store, slug: str, language: str = "") -> PrintedRun:
    """A consultation's poster as it stands now; raises errors with their remedy."""
    consultation, _version, _number, language = _asked_for(store, slug, language)
    return PrintedRun(print_poster(consultation, language), f"{slug}-poster-{language}.pdf", ())


def _asked_for(store: Store, slug: str, language: str) -> tuple[Consultation, int, int, str]:
    """The consultation as it stands, its version's row and number, and the language; raises CannotPrint."""
    with store.read() as session:
        version = consultation_versions.current_version(session, slug)
        if version is None:
            known = ", ".join(
                consultation_versions.as_consultation(one).slug
                for one in consultation_versions.current_versions_by_slug(session)
            )
            raise CannotPrint(f"there is no consultation {slug}", f"known: {known or 'none'}")
        consultation, version_id, number_of_version = (
            consultation_versions.as_consultation(version),
            version.id,
            version.number,
        )
    language = language or consultation.language
    if language not in consultation.languages:
        raise CannotPrint(f"{slug} has no {language}", f"its languages are {', '.join(consultation.languages)}")
    return consultation, version_id, number_of_version, language
