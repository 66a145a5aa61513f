"""Splits scanned files into forms, and reads pages and photos."""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from channels.paper.form_layout import FormLayout
from channels.paper.stored_layout import UnknownLayout, layout_from_json
from config.enums import Channel, MediumKind
from gateway.ingest import attached_forms
from gateway.ingest.attached_forms import AttachedForms, OpenedPage
from gateway.ingest.grown_scans import (
    LEFT,
    GrownScanOutcome,
    existing_form_keys,
    has_grown,
    pages_by_form,
    update_existing_forms,
)
from gateway.ingest.rescanned_sheets import check_references_unchanged, complete_existing_sheets, match_known_sheets
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import contributor_id
from gateway.intake.part_media import NewMedium, add_medium, save_transcript
from gateway.intake.part_sealing import NO_KEYS, seal_parts
from gateway.intake.raw_messages import copy_raw_message
from gateway.reading.form_parts import readable_pages
from gateway.reading.opened_mail import OpenedMail
from gateway.reading.readers import WHOLE_FILE, languages_of, parts_of_scans, with_thumbnails
from gateway.receipts import compose_receipt
from inbox.consultations import consultation_versions, printed_forms
from inbox.jobs.steps import Done, Ending, Later, Lease, NeedsPerson
from inbox.models import Arrival, Contribution, Intake, Medium, Part
from inbox.models.sealed_places import place_of
from inbox.paper import keying_desk, scanned_pages
from inbox.paper.page_names import file_number_of
from inbox.paper.scanned_pages import EndedPage
from inbox.records import intake_lookup
from inbox.storage.envelope_encryption import StoredFile, vault_of
from inbox.storage.unit_of_work import Session
from transcription.base.file_types import type_of
from transcription.base.values import Transcript
from transcription.forms.layout import FormPage
from transcription.forms.scanned import ScannedPage
from transcription.pages.page_images import PageImage
from workers.errors import SubjectGone
from workers.runtime.worker_context import WorkerContext
from workers.tasks.media_copies import PAGE_OF, CopiedMedium, CopiedPart, copy_part
from workers.tasks.save_reading import ending_of_reading, note_unreadable
from workers.tasks.split_mail import read_mail

log = logging.getLogger(__name__)

_READ = {MediumKind.PAGE, MediumKind.PHOTO, MediumKind.ZONE, MediumKind.CHARACTERS}
SHOWN_AS_IT_IS = {"image/png", "image/jpeg"}
"""What every browser shows; of everything else the inbox shows the page images we make."""
SHOWN_PIXELS = 35_000_000
"""A larger picture was scaled down to be read, so the words' places do not fit it."""


def split_pages(here: WorkerContext, lease: Lease, folder: Path) -> Callable[[Session], Ending]:
    """SPLIT_PAGES: a scanned file to one part per form; one that cannot be opened is a part that needs a person.

    Run again, it finds the forms by their keys and adds nothing.
    """
    assert lease.intake_id is not None
    opened = read_mail(here, lease.intake_id, folder) if _is_mail(here, lease) else None
    mail = opened.mail if opened else None
    if opened:
        paths, names, pages_per_form = _scans_of_mail(here, lease.intake_id, opened)
    else:
        paths, names, pages_per_form = _scan(here, lease.intake_id, folder)
    with here.store.read() as session:
        typed = scanned_pages.typed_codes(session, lease.intake_id)
        fresh = scanned_pages.typed_since(session, lease.intake_id)
    parts = parts_of_scans(here.readers, paths, folder, pages_per_form, names, printed_layouts(here), typed)
    parts = with_thumbnails(here.readers, parts, folder)
    with here.store.read() as session:
        parts = match_known_sheets(session, lease.intake_id, parts)
        is_renewed = has_grown(session, lease.intake_id) or bool(fresh)
        grown = pages_by_form(session, lease.intake_id) if is_renewed else None
        known = existing_form_keys(session, lease.intake_id, parts, WHOLE_FILE) if grown is not None else NO_KEYS
    parts = seal_parts(here.store.vault, parts, known)

    def save(session: Session) -> Ending:
        assert lease.intake_id is not None
        check_references_unchanged(session, parts)
        outcome = GrownScanOutcome()
        if grown is not None:
            outcome = update_existing_forms(
                session, lease.intake_id, parts, grown, WHOLE_FILE, _with_pages(parts, fresh)
            )
        alone = mail if mail and not mail.never_answer and sum(p.not_contribution is None for p in parts) == 1 else None
        if alone:  # somebody's own scanner, perhaps; several forms are several people's, and no one's address is theirs
            intake = session.get_one(Intake, lease.intake_id)
            intake.contributor_id = intake.contributor_id or contributor_id(session, alone.sender)
        for contribution in create_contributions(session, lease.intake_id, parts):
            if contribution is not None:
                if alone:
                    compose_receipt.queue_mail_receipt(session, here.settings, contribution, alone)
                # The reference stands on the batch's printed list.
                compose_receipt.record_receipt_given(session, session.get_one(Contribution, contribution))
        scanned_pages.record_page_ends(session, lease.intake_id, _endings(parts))
        complete_existing_sheets(session, parts)
        return NeedsPerson(LEFT) if outcome.left else Done()

    return save


def _with_pages(parts: Iterable[NewPart], pages: Collection[tuple[int, int]]) -> set[str]:
    """The keys of the parts in which any of these pages (file, page) stands."""
    return {
        part.key for part in parts if any((file_number_of(part.key), page) in pages for page, _ending in part.pages)
    }


def _endings(parts: Iterable[NewPart]) -> Iterable[EndedPage]:
    for part in parts:
        for number, ending in part.pages:
            yield EndedPage(file_number_of(part.key), number, ending, part.key)


def printed_layouts(here: WorkerContext) -> dict[str, FormLayout]:
    """Every form that was printed here, by its number; one that this version cannot read is left out, and told."""
    with here.store.read() as session:
        stored = printed_forms.all_layouts(session)
    found = {}
    for number, layout in stored.items():
        try:
            found[number] = layout_from_json(layout)
        except UnknownLayout as error:
            log.warning("The layout of form %s cannot be read: %s", number, error)
    return found


def _is_mail(here: WorkerContext, lease: Lease) -> bool:
    """Whether the scans came by a copier's mail."""
    with here.store.read() as session:
        return session.get_one(Intake, lease.intake_id).channel is Channel.EMAIL


_Scans = tuple[list[Path], list[str], int]
"""Scanned files, what they are called, and how many pages one form has."""


def _scans_of_mail(here: WorkerContext, intake_id: int, opened: OpenedMail) -> _Scans:
    with here.store.read() as session:
        return opened.scans, opened.names, _pages_expected(session.get_one(Intake, intake_id))


def _scan(here: WorkerContext, intake_id: int, folder: Path) -> _Scans:
    """The file as it came last: it may have grown since it came first."""
    with here.store.read() as session:
        arrival = intake_lookup.newest_arrival(session, intake_id)
        if arrival is None:
            raise SubjectGone(f"Intake {intake_id} has no arrival.")
        headers = {}
        if arrival.sealed_headers is not None:
            place = place_of(Arrival.sealed_headers, arrival)
            headers = vault_of(session).open_json(session, arrival.intake.key_id, arrival.sealed_headers, place)
        # A file of before there was the column says it in its headers.
        handed_in = arrival.intake.pages_per_form or int(headers.get("pages_per_form") or 0)
        pages_per_form = handed_in or _pages_expected(arrival.intake)
        return [copy_raw_message(session, arrival, folder / "scan")], [headers.get("name", "")], pages_per_form


def _pages_expected(intake: Intake) -> int:
    version = intake.consultation_version
    return consultation_versions.as_consultation(version).pages_per_form if version else 1


@dataclass(frozen=True, slots=True)
class _ReadPage:
    medium: CopiedMedium
    page: PageImage
    transcript: Transcript
    own_image: bool
    """Whether the page image is kept as a medium of its own, on which the words' boxes lie."""


def read_pages(here: WorkerContext, lease: Lease, folder: Path) -> Callable[[Session], Ending]:
    """READ_PAGES: every page and photo of a part to a transcript.

    What a browser cannot show gets page images (PNG or JPEG) as media of their own. Run again, it finds
    them by the medium they were made of, and adds the transcripts once more; the newest count.
    """
    part = copy_part(here, lease.part_id, _READ, folder)
    languages = languages_of(part.consultation, part.language, here.settings.language)
    problems: list[str] = []
    opened = _opened(here, part, folder, problems)
    forms = _forms(here, lease.part_id, opened)
    read = [
        _ReadPage(medium, page.image, _read(here, medium, page.image, languages), own)
        for medium, page, own in opened
        if (medium.id, page.image.number) not in forms.pages
    ]
    read = _with_guesses(here, read)
    stored = _stored_images(here, lease.part_id, read)

    def save(session: Session) -> Ending:
        assert lease.part_id is not None
        vault_of(session).offer(session, [image.locator for image in stored.values()])
        kept = _page_images(session, lease.part_id)
        for one in read:
            own = stored.get(_origin(one))
            medium_id = _page_medium(session, lease.part_id, kept, one, own) if one.own_image else one.medium.id
            save_transcript(session, medium_id, one.transcript)
            if one.medium.kind is MediumKind.ZONE and one.transcript.words:
                keying_desk.withdraw_tasks(session, one.medium.id)
        if attached_forms.ingest_attached_forms(session, lease.part_id, forms):
            return Later("The zones of the form in it are read next.", after=timedelta(0))
        return ending_of_reading([one.transcript for one in read], problems)

    return save


_OpenedPages = list[tuple[CopiedMedium, ScannedPage, bool]]
"""Pages with the medium they are of, and whether their image is kept as a medium of its own."""


def _opened(here: WorkerContext, part: CopiedPart, folder: Path, problems: list[str]) -> _OpenedPages:
    """The pages of a part's media; those of a message are looked at for forms of ours, unless those were taken in."""
    layouts = readable_pages(printed_layouts(here)) if part.is_message else []
    opened: _OpenedPages = []
    for medium in part.media:
        if medium.made_from is None and medium.id not in part.forms_taken:
            workdir = folder / f"pages-{medium.id}"
            workdir.mkdir()
            with note_unreadable(problems):
                pages = _pages_of(here, medium, workdir, layouts)
                own = _needs_own_image(medium.path, [page.image for page in pages])
                opened += [(medium, page, own) for page in pages]
    return opened


def _pages_of(
    here: WorkerContext, medium: CopiedMedium, workdir: Path, layouts: Sequence[FormPage]
) -> list[ScannedPage]:
    if layouts and medium.kind in (MediumKind.PAGE, MediumKind.PHOTO):
        return here.readers.open_scans(medium.path, workdir, layouts)
    return [ScannedPage(page) for page in here.readers.open_pages(medium.path, workdir)]


def _forms(here: WorkerContext, part_id: int | None, opened: _OpenedPages) -> AttachedForms:
    pages = [OpenedPage(medium.id, page) for medium, page, _own in opened if page.form is not None]
    if not pages or part_id is None:
        return AttachedForms()
    return attached_forms.seal_attached_forms(
        here.store, part_id, attached_forms.find_attached_forms(pages, printed_layouts(here))
    )


def _read(here: WorkerContext, medium: CopiedMedium, page: PageImage, languages: Sequence[str]) -> Transcript:
    if medium.kind is MediumKind.CHARACTERS:
        return here.readers.read_characters(page)
    return (
        here.readers.read_zone(page, languages)
        if medium.kind is MediumKind.ZONE
        else here.readers.read_page(page, languages)
    )


def _with_guesses(here: WorkerContext, read: Sequence[_ReadPage]) -> list[_ReadPage]:
    """The same, with guesses at what a person types in: all of a part's at once."""
    zones = [one for one in read if one.medium.kind is MediumKind.ZONE]
    rows = [one for one in read if one.medium.kind is MediumKind.CHARACTERS]
    found = here.readers.with_guesses(
        [(one.page, one.transcript) for one in zones], [(one.page, one.transcript) for one in rows]
    )
    guessed = {one.medium.id: transcript for one, transcript in zip([*zones, *rows], found, strict=True)}
    return [replace(one, transcript=guessed.get(one.medium.id, one.transcript)) for one in read]


def _needs_own_image(path: Path, pages: list[PageImage]) -> bool:
    shown = len(pages) == 1 and pages[0].width * pages[0].height < SHOWN_PIXELS
    return not shown or type_of(path).mime not in SHOWN_AS_IT_IS


def _page_images(session: Session, part_id: int) -> dict[str, int]:
    """The page images a part has already, by what they were made of."""
    part = session.get_one(Part, part_id)
    vault = vault_of(session)
    media = intake_lookup.media_with_source(session, part_id)
    return {
        vault.open_text(session, part.key_id, one.sealed_source, place_of(Medium.sealed_source, one)): one.id
        for one in media
        if one.sealed_source
    }


def _origin(one: _ReadPage) -> str:
    return f"{PAGE_OF}{one.medium.id}/{one.page.number}"


def _stored_images(here: WorkerContext, part_id: int | None, read: Iterable[_ReadPage]) -> dict[str, StoredFile]:
    """The page images that the part has not yet, sealed before anything is saved, by what they were made of."""
    wanted = {_origin(one): one.page.path for one in read if one.own_image}
    if not wanted or part_id is None:
        return {}
    with here.store.read() as session:
        kept = _page_images(session, part_id)
        key = vault_of(session).key_of(session, session.get_one(Part, part_id).key_id)
    return {origin: here.store.vault.store(key, path) for origin, path in wanted.items() if origin not in kept}


def _page_medium(
    session: Session, part_id: int, kept: dict[str, int], one: _ReadPage, stored: StoredFile | None
) -> int:
    origin = _origin(one)
    if origin in kept:
        return kept[origin]
    part = session.get_one(Part, part_id)
    last = intake_lookup.last_medium_position(session, part_id)
    kind = one.page.content_type
    image = NewMedium(MediumKind.PAGE, kind, stored=stored, name=f"page {one.page.number}")
    medium = add_medium(session, part, last + 1, image)
    place = place_of(Medium.sealed_source, medium)
    medium.sealed_source = vault_of(session).seal_text(session, part.key_id, origin, place)
    return medium.id
