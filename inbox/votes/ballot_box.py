"""The sealed box of a consultation's voices: this puts in, and cannot take out.

A voice is sealed to the open half of the box's key (X25519, HKDF-SHA-256, AES-256-GCM) with who gave it, known by a
keyed hash, for what and when. The row that holds it says none of this, nor by what it came: whoever reads the rows,
with all keys but the box's own, learns how many voices there are.
"""

from __future__ import annotations

import json
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy.orm import Session

from config.enums import AddressKind, VoteBy
from inbox.consultations import contributors
from inbox.models import BallotBox, Vote, VoteCard
from inbox.models.sealed_places import Place, place_of
from inbox.storage import crypto
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_if_new
from inbox.votes.rule import CastVoice

HALF_BYTES = 32
_LONGEST = 320
"""Bytes of what is sealed: a hash, at most twenty projects and a moment. All are as long, so that none stands out."""


def cast_vote(session: Session, consultation_id: int, voice: CastVoice, at: datetime, once: str) -> bool:
    """Keep a voice, unless what it came with (``once``) brought it before; whether it is new."""
    box = _box_of(session, consultation_id)
    said = json.dumps([voice.voter, list(voice.projects), voice.takes_back, at.isoformat()], separators=(",", ":"))
    came_with = f"{consultation_id}:{once}".encode("utf-8", "surrogatepass")
    row = {"consultation_id": consultation_id, "once": vault_of(session).keyring.keyed_hash("vote", came_with)}
    return insert_if_new(
        session,
        Vote,
        **row,
        sealed_said=seal_for_key(box.open_half, said.encode().ljust(_LONGEST), place_of(Vote.sealed_said, row)),
    )


def voter_by_address(session: Session, consultation_id: int, kind: AddressKind, address: str) -> str:
    """The voter behind an address."""
    return _voter(session, consultation_id, kind.value, contributors.normalise_for_installation(session, kind, address))


def voter_by_card(session: Session, consultation_id: int, card: str) -> str:
    """The voter who holds a card."""
    return _voter(session, consultation_id, VoteBy.CARD.value, card)


def voter_by_centre_list(session: Session, consultation_id: int, centre_id: int | None, word: str) -> str:
    """The voter of whom a centre says that it has not voted there before, by that centre's own list."""
    return _voter(
        session, consultation_id, VoteBy.CENTRE.value, f"{centre_id or 0}:{' '.join(word.split()).casefold()}"
    )


def is_card(session: Session, consultation_id: int, card: str) -> bool:
    """Whether the town gave out a card of this number for this consultation."""
    return session.get(VoteCard, (consultation_id, card_hash(session, card))) is not None


def card_hash(session: Session, card: str) -> str:
    """How a card's number is kept."""
    return vault_of(session).keyring.keyed_hash("vote-card", card.encode())


def _voter(session: Session, consultation_id: int, kind: str, value: str) -> str:
    said = f"{consultation_id}:{kind}:{value}".encode("utf-8", "surrogatepass")
    return vault_of(session).keyring.keyed_hash("voter", said)


def _box_of(session: Session, consultation_id: int) -> BallotBox:
    box = session.get(BallotBox, consultation_id)
    if box is not None:
        return box
    half, vault = X25519PrivateKey.generate(), vault_of(session)
    key = vault.new_key(session)
    place = place_of(BallotBox.sealed_half, {"consultation_id": consultation_id})
    is_new = insert_if_new(
        session,
        BallotBox,
        consultation_id=consultation_id,
        open_half=half.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
        key_id=key.id,
        sealed_half=vault.seal(session, key.id, half.private_bytes_raw(), place),
        voters=0,
    )
    if not is_new:  # somebody else's transaction was first, with a key of its own
        session.delete(key)
        session.flush()
    return session.get_one(BallotBox, consultation_id)


def seal_for_key(open_half: bytes, value: bytes, place: Place) -> bytes:
    """Seal a value to whoever has the other half: a fresh open half of our own, then what was sealed with both."""
    ours = X25519PrivateKey.generate()
    shared = ours.exchange(X25519PublicKey.from_public_bytes(open_half))
    beside = ours.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return beside + crypto.seal(shared_key(shared, beside, open_half), value, place)


def shared_key(shared: bytes, ours: bytes, theirs: bytes) -> bytes:
    """The key that both halves lead to."""
    info = b"portevoix vote" + ours + theirs
    return HKDF(algorithm=SHA256(), length=crypto.KEY_BYTES, salt=None, info=info).derive(shared)
