"""Originals, opened on the way out: recordings that can be searched through, pictures, files, mail sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers
from werkzeug.http import dump_options_header

from config.enums import ArrivalKind, Role
from inbox.consultations.archives import archived_value
from inbox.desk import masked_copies
from inbox.errors import Destroyed, NotStored
from inbox.listings.visibility import Aspect, who_sees
from inbox.models import Arrival, ContributionPart, Medium, Part
from inbox.models.sealed_places import place_of
from inbox.records import references
from inbox.storage.envelope_encryption import vault_of
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow, require_person
from inbox.web.contributions.transcript_view import PLAYED_SOUNDS, SHOWN_PICTURES

pages = Blueprint("media", __name__)

SOURCE_SHOWN = 200_000
"""Bytes of a mail's source that a page shows."""

DOWNLOADED = (ArrivalKind.MAIL, ArrivalKind.FILE, ArrivalKind.FETCHED)
"""Arrivals that are files; the others are requests, which only hold what the pages show anyway."""

# The file came from anybody: shown inside the page or alone, it may not run, load or send anything.
SANDBOX = "default-src 'none'; sandbox"


@dataclass(frozen=True)
class _Original:
    content_type: str
    name: str
    size: int
    start: int
    length: int
    pieces: Iterator[bytes]


@pages.get("/media/<int:medium_id>")
@allow(*who_sees(Aspect.ORIGINALS))
def original(medium_id: int) -> ResponseReturnValue:
    """The original itself."""
    with store_of().read() as session:
        found = session.execute(
            select(Medium, Part).join(Part, Part.id == Medium.part_id).where(Medium.id == medium_id)
        ).one_or_none()
        if found is None or found.Medium.discarded_at is not None:  # its caller chose to speak anew
            abort(404)
        return answer_with(session, found.Medium, found.Part)


@pages.get("/media/<int:medium_id>/masked")
@allow(Role.MODERATOR, Role.OFFICIAL, Role.ADMINISTRATOR)
def masked(medium_id: int) -> ResponseReturnValue:
    """The copy in which what is masked can be neither heard nor read; for officials once a moderator lets them."""
    with store_of().read() as session:
        originals = require_person().sight.sees(Aspect.ORIGINALS)
        copy = masked_copies.copy_for(session, medium_id, originals=originals)
        if copy is None:
            abort(404)
        return answer_with(session, copy, copy.part)


def answer_with(session: Session, medium: Medium, part: Part) -> Response:
    """A file of a part, whole or the range asked for (RFC 9110, section 14); 404 when it is not there any more."""
    wanted = request.range
    if medium.locator is None or part.erased_at is not None:
        abort(404)
    try:
        size = vault_of(session).size_of(medium.locator)
        span = wanted.range_for_length(size) if wanted is not None else (0, size)
        if span is None:
            if wanted is not None and wanted.units == "bytes" and len(wanted.ranges) == 1:
                return Response(status=416, headers={"Content-Range": f"bytes */{size}"})
            span, wanted = (0, size), None  # several ranges at once, or another unit: the whole is a right answer
        opened = _open(session, medium, part, size, span)
    except (Destroyed, NotStored):
        abort(404)
    return _answer(opened, partial=wanted is not None)


def _open(session: Session, medium: Medium, part: Part, size: int, span: tuple[int, int]) -> _Original:
    vault = vault_of(session)
    assert medium.locator is not None
    name = vault.text_left(session, part.key_id, medium.sealed_name, place_of(Medium.sealed_name, medium))
    start, end = span
    return _Original(
        content_type=medium.content_type.partition(";")[0].strip().lower(),
        name=name or f"portevoix-{medium.id}",
        size=size,
        start=start,
        length=end - start,
        # The key and the file are opened now, so the transaction ends before a slow browser has fetched everything.
        pieces=vault.read_file(session, part.key_id, medium.locator, start, end - start),
    )


def _answer(found: _Original, *, partial: bool) -> Response:
    inline = found.content_type in SHOWN_PICTURES | PLAYED_SOUNDS
    headers = Headers()
    headers["Content-Type"] = found.content_type if inline else "application/octet-stream"
    headers["Content-Disposition"] = _disposition(found.name, inline=inline)
    headers["Content-Length"] = str(found.length)
    headers["Accept-Ranges"] = "bytes"
    headers["Content-Security-Policy"] = SANDBOX
    if partial:
        headers["Content-Range"] = f"bytes {found.start}-{found.start + found.length - 1}/{found.size}"
    return Response(found.pieces, status=206 if partial else 200, headers=headers, direct_passthrough=True)


def _disposition(name: str, *, inline: bool) -> str:
    kind = "inline" if inline else "attachment"
    clean = "".join(letter for letter in name if letter.isprintable() and letter not in '/\\"') or "original"
    if clean.isascii():
        return dump_options_header(kind, {"filename": clean})
    plain = clean.encode("ascii", "ignore").decode() or "original"
    # RFC 6266, section 4.3: both forms, for old browsers and new ones.
    return dump_options_header(kind, {"filename": plain, "filename*": f"UTF-8''{quote(clean, safe='')}"})


@pages.get("/contributions/<int:contribution_id>/source/<int:arrival_id>")
@allow(*who_sees(Aspect.ORIGINALS))
def source(contribution_id: int, arrival_id: int) -> ResponseReturnValue:
    """A mail's source, as it arrived."""
    with store_of().read() as session:
        arrival = session.scalar(
            select(Arrival)
            .join(Part, Part.intake_id == Arrival.intake_id)
            .join(ContributionPart, ContributionPart.part_id == Part.id)
            .where(Arrival.id == arrival_id, Arrival.kind == ArrivalKind.MAIL)
            .where(ContributionPart.contribution_id == contribution_id)
        )
        if arrival is None:
            abort(404)
        try:
            raw = b"".join(raw_arrival(session, arrival, SOURCE_SHOWN + 1))
        except (Destroyed, NotStored):
            abort(404)
        reference = references.reference_of(session, contribution_id)
    return render_template(
        "source.html",
        source=raw[:SOURCE_SHOWN].decode("utf-8", "replace"),
        cut=len(raw) > SOURCE_SHOWN,
        reference=reference,
        back_url=url_for("contributions.show", contribution_id=contribution_id),
    )


@pages.get("/arrivals/<int:arrival_id>")
@allow(*who_sees(Aspect.ORIGINALS))
def arrived(arrival_id: int) -> ResponseReturnValue:
    """A file as it arrived, to be opened outside of the browser."""
    with store_of().read() as session:
        arrival = session.get(Arrival, arrival_id)
        if arrival is None or arrival.kind not in DOWNLOADED:
            abort(404)
        try:
            pieces = raw_arrival(session, arrival)
        except (Destroyed, NotStored):
            abort(404)
        name = f"portevoix-{arrival.id}" + (".eml" if arrival.kind is ArrivalKind.MAIL else "")
        size = arrival.size
    return _answer(_Original("application/octet-stream", name, size, 0, size, pieces), partial=False)


def raw_arrival(session: Session, arrival: Arrival, length: int | None = None) -> Iterator[bytes]:
    """What arrived, or its first ``length`` bytes where it is a file; raises ``Destroyed`` and ``NotStored``."""
    vault = vault_of(session)
    key_id = arrival.intake.key_id
    if (sealed := arrival.sealed_raw or archived_value(session, arrival, Arrival.sealed_raw)) is not None:
        return iter([vault.open(session, key_id, sealed, place_of(Arrival.sealed_raw, arrival))])
    if arrival.locator is None:
        raise NotStored(f"arrival {arrival.id}")
    return vault.read_file(session, key_id, arrival.locator, 0, length)
