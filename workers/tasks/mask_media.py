"""Makes copies of recordings and pages in which nothing masked is left, and reads them again to be sure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from config.enums import MediumKind
from gateway.intake.part_media import NewMedium, add_medium
from gateway.reading.readers import languages_of
from inbox.desk import masked_copies
from inbox.desk.covered_areas import CoverOrder, area_in_pixels
from inbox.desk.masked_copies import CopyProblem
from inbox.jobs.steps import Done, Ending, Lease
from inbox.models import Part
from inbox.records import intake_lookup
from inbox.storage.envelope_encryption import StoredFile, vault_of
from inbox.storage.unit_of_work import Session
from transcription.audio.masked_sound import MASKED_SOUND_TYPE
from transcription.base.values import Transcript
from transcription.pages.masked_page import MASKED_PAGE_TYPE
from transcription.pages.page_images import PageImage
from workers.runtime.worker_context import WorkerContext
from workers.tasks.media_copies import CopiedMedium, CopiedPart, copy_part

_PAGES = (MediumKind.PAGE, MediumKind.PHOTO, MediumKind.ZONE)


@dataclass(frozen=True, slots=True)
class _Copied:
    """A copy, or why there is none."""

    covering: CoverOrder
    content_type: str = ""
    path: Path | None = None
    problem: CopyProblem | None = None


def mask_recordings(here: WorkerContext, lease: Lease, folder: Path) -> Callable[[Session], Ending]:
    """MASK_RECORDINGS: a copy of each recording with a tone over what is masked, heard again by the engines.

    Run again, it makes the copies that are still ordered.
    """
    part, wanted = _ordered(here, lease, (MediumKind.RECORDING,), folder)
    language = languages_of(part.consultation, part.language, here.settings.language)[0]

    def copy(medium: CopiedMedium, covering: CoverOrder) -> _Copied:
        spans = [(float(word["start"]), float(word["end"])) for word in _covered(covering)]
        spans += [(start, end) for start, end in covering.areas]
        path = here.readers.mask_recording(medium.path, spans, folder)
        return _checked(covering, here.readers.read_recording(path, language), MASKED_SOUND_TYPE, path)

    return _saving(here, lease, [_copied(copy, medium, covering) for medium, covering in wanted])


def mask_pages(here: WorkerContext, lease: Lease, folder: Path) -> Callable[[Session], Ending]:
    """MASK_PAGES: a copy of each page with black boxes over what is masked, and grey ones over what nobody read."""
    part, wanted = _ordered(here, lease, _PAGES, folder)
    languages = languages_of(part.consultation, part.language, here.settings.language)

    def copy(medium: CopiedMedium, covering: CoverOrder) -> _Copied:
        workdir = folder / f"mask-{medium.id}"
        workdir.mkdir()
        page = _page(here.readers.open_pages(medium.path, workdir))
        sheet = covering.sheet or {"turns": 0, "unread": []}
        boxes = [_box(word["box"]) for word in _covered(covering)]
        turns = int(sheet["turns"])
        boxes += [area_in_pixels(area, turns, page.width, page.height) for area in covering.areas]
        unread = [_box(box) for box in sheet["unread"]]
        path = here.readers.mask_page(page, boxes, unread, turns, workdir)
        (workdir / "again").mkdir()
        again = here.readers.read_page(_page(here.readers.open_pages(path, workdir / "again")), languages)
        return _checked(covering, again, MASKED_PAGE_TYPE, path)

    return _saving(here, lease, [_copied(copy, medium, covering) for medium, covering in wanted])


def _ordered(
    here: WorkerContext, lease: Lease, kinds: Sequence[MediumKind], folder: Path
) -> tuple[CopiedPart, list[tuple[CopiedMedium, CoverOrder]]]:
    part = copy_part(here, lease.part_id, kinds, folder)
    with here.store.read() as session:
        assert lease.part_id is not None
        coverings = {one.medium_id: one for one in masked_copies.cover_orders(session, lease.part_id, lease.kind)}
    return part, [(medium, coverings[medium.id]) for medium in part.media if medium.id in coverings]


def _copied(copy: Callable[[CopiedMedium, CoverOrder], _Copied], medium: CopiedMedium, covering: CoverOrder) -> _Copied:
    """The copy, unless nothing tells where the masked words are."""
    is_placed = all("start" in word or "box" in word for word in _covered(covering))
    if covering.lost or not is_placed:
        return _Copied(covering, problem=CopyProblem.NOT_FOUND)
    return copy(medium, covering)


def _checked(covering: CoverOrder, again: Transcript, content_type: str, path: Path) -> _Copied:
    words = [asdict(word) for word in again.words]
    if covering.still_in(words):
        return _Copied(covering, problem=CopyProblem.STILL_THERE)
    return _Copied(covering, content_type, path)


def _covered(covering: CoverOrder) -> list[dict[str, Any]]:
    return [covering.words[place] for place in sorted(covering.coverage.places)]


def _box(box: Sequence[float]) -> tuple[float, float, float, float]:
    left, top, width, height = map(float, box)
    return left, top, width, height


def _page(pages: Sequence[PageImage]) -> PageImage:
    """The picture of which words were read: what has several pages has a medium for each."""
    return pages[0]


def _saving(here: WorkerContext, lease: Lease, copies: Sequence[_Copied]) -> Callable[[Session], Ending]:
    stored = _stored(here, lease.part_id, copies)

    def save(session: Session) -> Ending:
        assert lease.part_id is not None
        vault_of(session).offer(session, [one.locator for one in stored.values()])
        part = session.get_one(Part, lease.part_id)
        for one in copies:
            medium_id = one.covering.medium_id
            if one.problem is not None:
                masked_copies.mark_copy_failed(session, medium_id, one.problem)
            else:
                _keep(session, part, one, stored[medium_id])
        return Done()

    return save


def _stored(here: WorkerContext, part_id: int | None, copies: Iterable[_Copied]) -> dict[int, StoredFile]:
    """The copies, sealed before anything is saved."""
    with here.store.read() as session:
        assert part_id is not None
        key = vault_of(session).key_of(session, session.get_one(Part, part_id).key_id)
    return {one.covering.medium_id: here.store.vault.store(key, one.path) for one in copies if one.path is not None}


def _keep(session: Session, part: Part, one: _Copied, file: StoredFile) -> None:
    """In the place of the copy before, where there was one."""
    copy = masked_copies.previous_copy(session, one.covering.medium_id)
    if copy is None:
        position = intake_lookup.last_medium_position(session, part.id) + 1
        copy = add_medium(session, part, position, NewMedium(MediumKind.MASKED, one.content_type, stored=file))
    else:
        copy.locator, copy.size = vault_of(session).keep(session, part.key_id, file), file.size
        copy.content_type = one.content_type
    masked_copies.mark_copy_made(
        session, one.covering.medium_id, copy, len(one.covering.coverage.places) + len(one.covering.areas)
    )
