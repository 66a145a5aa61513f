"""A caller's own recording, played back within the call: an address that is good for this call, for some hours.

The provider's copy wants credentials, which a spoken menu cannot carry; ours is sealed, and opened for
whoever brings the address that only the answer to this call has held.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from config.call_length import LONGEST_CALL
from gateway.ingest.ingest import SPEECH
from gateway.intake.part_media import medium_name, part_media_of
from inbox.errors import Destroyed, NotStored
from inbox.models import Intake, Medium, Part
from inbox.models.column_types import utc_now
from inbox.records import intake_lookup
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session

PLAYED = "played_in_call"


@dataclass(frozen=True)
class PlayableRecording:
    """A recording, opened."""

    content_type: str
    size: int
    pieces: Iterator[bytes]


def playback_url(session: Session, intake: Intake, recording_sid: str, base: str) -> str:
    """Where a recording of this call can be played from, or nothing as long as it has not been fetched."""
    part = intake_lookup.part_with_key(session, intake.id, SPEECH)
    with vault_of(session).keyring.for_call(intake.id):
        return _url_of(session, intake, part, recording_sid, base)


def _url_of(session: Session, intake: Intake, part: Part | None, recording_sid: str, base: str) -> str:
    for medium in part_media_of(session, part) if part is not None else []:
        is_here = medium.locator is not None and medium.discarded_at is None
        if part is not None and is_here and medium_name(session, part, medium) == recording_sid:
            # By the call's beginning, so that a repeated request gets the same body.
            until = int((intake.received_at + LONGEST_CALL).timestamp())
            proof = _proof(session, medium.id, until)
            return f"{base}/heard?" + urlencode({"m": medium.id, "u": until, "p": proof})
    return ""


def open_recording(session: Session, query: Mapping[str, str]) -> PlayableRecording | None:
    """The recording an address names; None when the address is not ours, its time is over, or the file is gone."""
    asked = [query.get(name, "") for name in ("m", "u")]
    if not all(re.fullmatch(r"[0-9]{1,15}", value) for value in asked):
        return None
    medium_id, until = (int(value) for value in asked)
    if not hmac.compare_digest(_proof(session, medium_id, until).encode(), query.get("p", "").encode()):
        return None
    medium = session.get(Medium, medium_id)
    if utc_now().timestamp() > until or medium is None or medium.locator is None or medium.discarded_at is not None:
        return None
    part = session.get_one(Part, medium.part_id)
    vault = vault_of(session)
    try:
        with vault.keyring.for_call(part.intake_id):
            pieces = vault.read_file(session, part.key_id, medium.locator)
        return PlayableRecording(medium.content_type, vault.size_of(medium.locator), pieces)
    except (Destroyed, NotStored):
        return None


def _proof(session: Session, medium_id: int, until: int) -> str:
    return vault_of(session).keyring.keyed_hash(PLAYED, f"{medium_id} {until}".encode())
