"""A mail over the size limit, of which only the beginning was fetched and kept: what is known of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from inbox.models import Arrival
from inbox.models.sealed_places import place_of
from inbox.records.waiting_mails import WaitingMail
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session


@dataclass(frozen=True, slots=True)
class TruncatedMail:
    """What the mail server says of a mail that was not fetched whole; the arrival's raw bytes are its beginning."""

    size: int
    """Bytes of the whole mail."""
    outline: tuple[str, ...] = ()
    """One line per part: content type, file name and size, as ``channels.email.mime.outline`` writes them."""

    @property
    def headers(self) -> dict[str, str]:
        """As an arrival keeps it."""
        return {"size": str(self.size), "outline": "\n".join(self.outline)}

    @classmethod
    def of(cls, session: Session, arrival: Arrival) -> Self | None:
        """What an arrival keeps of a mail that was cut; None when the mail is there whole, or erased."""
        return cls.kept(session, arrival.intake.key_id, arrival)

    @classmethod
    def kept(cls, session: Session, key_id: int, arrival: Arrival | WaitingMail) -> Self | None:
        """The same, with the key of its intake."""
        if arrival.sealed_headers is None:
            return None
        place = place_of(Arrival.sealed_headers, arrival)
        headers = vault_of(session).open_json(session, key_id, arrival.sealed_headers, place)
        if "size" not in headers:
            return None
        return cls(size=int(headers["size"]), outline=tuple(filter(None, headers["outline"].split("\n"))))
