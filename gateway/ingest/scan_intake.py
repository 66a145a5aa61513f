"""The door of paper: scanned files, as a folder or a page hands them over, each taken in once.

A scanner may go on writing after its file was taken in. What begins with a file that is here
already is that file, grown: it becomes a further arrival of the same intake, and is split
again. The file is read and sealed before; everything else runs in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from channels.paper.scan_files.beginnings import digests_of_beginnings
from config.enums import ArrivalKind, Channel, StepKind
from gateway.intake.intake_store import IncomingMessage, StoredIntake, store_message
from gateway.intake.sealed_originals import SealedOriginal, seal_original
from inbox.jobs import steps
from inbox.models import Arrival, Intake
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.paper import scan_lookup
from inbox.records import history
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session

GROWS_FOR = timedelta(days=30)
"""Longer than a scanner adds pages to one file."""

TRIED_AGAIN_WITHIN = timedelta(minutes=15)
"""How soon somebody whose handing in broke off tries again."""

LEAST_PROOF = 1024
"""Bytes: two files may begin alike with so few and be strangers, as all that one copier makes begin alike."""

Beginnings = Mapping[int, frozenset[str]]
"""By size in bytes, the SHA-256 (hex) of a file that would have grown to this one."""


@dataclass(frozen=True, slots=True)
class IncomingScan:
    """A scanned file as a folder or a page handed it over."""

    path: Path
    account: str
    """The folder or the centre."""
    digest: str
    """SHA-256 of the file, hex: copiers name every scan scan0001.pdf, so the name identifies nothing.

    Of an empty file it is one of its own: each is another scan that came to nothing.
    """
    name: str = ""
    pages_per_form: int = 1
    consultation_slug: str | None = None
    centre_id: int | None = None
    entered_by_id: int | None = None
    batch_id: int | None = None
    """The batch it was handed in with; None when it is the first, or alone."""
    same_file: str = ""
    """What tells a file in a folder from every other one, whatever is written into it; empty where nothing does."""
    beginnings: Beginnings = field(default_factory=dict, repr=False)
    """Of the files taken in by this account that this one may have grown from."""
    original: SealedOriginal | None = field(default=None, repr=False)
    """It as it will be stored; made by ``seal_scan`` before a transaction begins."""

    @property
    def headers(self) -> dict[str, str]:
        """What is kept of a file beside its bytes; the version before looks for the pages of a form here."""
        return {"name": self.name, "pages_per_form": str(self.pages_per_form), "same_file": self.same_file}


def known_beginnings(store: Store, path: Path, account: str) -> Beginnings:
    """What a file begins with, as far as anything so large was taken in by this account; reads the whole file."""
    with store.read() as session:
        sizes = scan_lookup.known_file_sizes(session, account, utc_now() - GROWS_FOR)
    return digests_of_beginnings(path, sizes)


def seal_scan(store: Store, scan: IncomingScan) -> IncomingScan:
    """The same, ready to be stored: with the key of the intake that it goes on with, if there is one.

    ``ingest_scan`` raises ``Overtaken`` should that have changed in between: then it is made ready anew.
    """
    with store.read() as session:
        known = scan_lookup.intake_of_file(session, scan.account, scan.digest) or _grown_from(session, scan, held=False)
        living = known is not None and known.erased_at is None
        key = vault_of(session).key_of(session, known.key_id) if known is not None and living else None
    return replace(scan, original=seal_original(store.vault, scan.path, scan.headers, key))


def is_already_ingested(session: Session, account: str, digest: str) -> bool:
    """Whether this very file was taken in before by this account."""
    return scan_lookup.intake_of_file(session, account, digest) is not None


def ingest_scan(session: Session, scan: IncomingScan) -> StoredIntake:
    """A scanned file, raw; it is split into its forms in a step. One that has grown since is split again."""
    intake = scan_lookup.intake_of_file(session, scan.account, scan.digest) or _grown_from(session, scan)
    accepted = store_message(
        session,
        IncomingMessage(
            channel=Channel.PAPER,
            account=scan.account,
            external_id=intake.external_id if intake else scan.digest,
            kind=ArrivalKind.FILE,
            raw=scan.path,
            headers=scan.headers,
            original=scan.original,
            addressed_to=scan.account,
            consultation_slug=scan.consultation_slug,
            centre_id=scan.centre_id,
            entered_by_id=scan.entered_by_id,
        ),
    )
    if accepted.arrival_is_new:
        session.get_one(Intake, accepted.intake_id).pages_per_form = scan.pages_per_form
    if accepted.is_new:
        session.get_one(Intake, accepted.intake_id).batch_id = scan.batch_id
        steps.add_step(session, StepKind.SPLIT_PAGES, intake=accepted.intake_id)
    elif accepted.arrival_is_new:
        # Whoever splits what was there before loses the step, and saves nothing of it.
        steps.add_step(session, StepKind.SPLIT_PAGES, intake=accepted.intake_id, again=True)
        history.record_event(session, f"intake:{accepted.intake_id}", "grown", details={"bytes": _size_of(scan)})
    return accepted


def _size_of(scan: IncomingScan) -> int:
    return scan.original.size if scan.original is not None else scan.path.stat().st_size


def current_folder_batch(session: Session, account: str, within: timedelta) -> int | None:
    """The batch that a file of this folder still belongs to: that of the last one, if it came so shortly before."""
    return scan_lookup.last_batch(session, account, utc_now() - within)


def recent_upload_batch(session: Session, intake_id: int, person_id: int) -> int | None:
    """The batch of a file that this person handed in just now, or a moment ago, when that broke off and is repeated."""
    intake = session.get_one(Intake, intake_id)
    if intake.entered_by_id != person_id or intake.received_at < utc_now() - TRIED_AGAIN_WITHIN:
        return None
    return intake.batch_id or intake.id


def _grown_from(session: Session, scan: IncomingScan, *, held: bool = True) -> Intake | None:
    """The intake whose newest file this one begins with; the longest where there are several."""
    for file in scan_lookup.newest_files(session, scan.account, utc_now() - GROWS_FOR, scan.beginnings):
        is_alike = file.digest in scan_lookup.file_keys(session, scan.beginnings[file.size])
        if is_alike and (file.size >= LEAST_PROOF or _lay_where(session, file, scan)):
            intake = session.get_one(Intake, file.intake_id, with_for_update=held or None, populate_existing=held)
            if intake.erased_at is None:
                return intake
    return None


def _lay_where(session: Session, file: scan_lookup.NewestFile, scan: IncomingScan) -> bool:
    """Whether what was taken in is the very file that this one lies in now."""
    if not scan.same_file or file.sealed_headers is None:
        return False
    place = place_of(Arrival.sealed_headers, file)
    headers = vault_of(session).open_json(session, file.key_id, file.sealed_headers, place)
    return bool(headers.get("same_file") == scan.same_file)
