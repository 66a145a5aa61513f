"""People who take part: recognised by a keyed hash of their address, which itself is sealed and apart."""

import re
import unicodedata
from datetime import datetime

from sqlalchemy import bindparam, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from config.enums import AddressKind
from config.phone_numbers import to_e164
from inbox.models import (
    Contribution,
    Contributor,
    ContributorAddress,
    GivenAnswer,
    Intake,
    Message,
    OptOut,
    Part,
)
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import unit_of
from inbox.storage.upsert import insert_if_new

_SPACES = re.compile(r"\s+")


def normalise_address(kind: AddressKind, value: str, region: str) -> str:
    """One spelling of an address; empty when nothing is left of it.

    Numbers as ``config.phone_numbers`` spells them; ``region`` says whose national numbers are meant. Mail is
    case-folded as a whole: that two mailboxes differ by capitals only is allowed by RFC 5321 and done by nobody.
    """
    if kind is AddressKind.PHONE:
        return to_e164(value, region)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", value).strip()).casefold()


def normalise_for_installation(session: Session, kind: AddressKind, value: str) -> str:
    """An address as this installation spells it."""
    return normalise_address(kind, value, unit_of(session).region)


def address_hash(session: Session, kind: AddressKind, value: str) -> str:
    """The keyed hash (hex) by which an address is recognised; it never changes."""
    text = f"{kind.value}:{normalise_for_installation(session, kind, value)}"
    return vault_of(session).keyring.keyed_hash("address", text.encode("utf-8", "surrogatepass"))


_contributors = Contributor.__table__
_KNOWN = select(_contributors.c.id).where(_contributors.c.address_hash == bindparam("known_as"))


def find_contributor(session: Session, kind: AddressKind, value: str) -> int | None:
    """The contributor behind an address, if there is one already."""
    known_as = address_hash(session, kind, value)
    return session.connection().execute(_KNOWN, {"known_as": known_as}).scalar()


def get_or_create_contributor(session: Session, kind: AddressKind, value: str) -> Contributor | None:
    """The contributor behind an address, made on first sight; None for an address without content.

    The row is held until the transaction ends, so that an erasure that happens meanwhile does not
    take away somebody who is just writing again.
    """
    clean = normalise_for_installation(session, kind, value)
    if not clean:
        return None
    known_as = address_hash(session, kind, value)
    while True:
        insert_if_new(session, Contributor, address_hash=known_as, created_at=utc_now())
        contributor = session.scalar(
            select(Contributor).where(Contributor.address_hash == known_as).with_for_update(read=True, key_share=True)
        )
        if contributor is not None:
            # A letter is addressed as it was written; it is only recognised without regard to capitals.
            written = _SPACES.sub(" ", value.strip()) if kind is AddressKind.POSTAL else clean
            _keep_address(session, contributor.id, kind, written)
            return contributor
        # Erased between the two statements: make it again.


def _keep_address(session: Session, contributor_id: int, kind: AddressKind, value: str) -> None:
    if session.scalar(select(exists().where(ContributorAddress.contributor_id == contributor_id))):
        return
    vault = vault_of(session)
    key = vault.new_key(session)
    place = place_of(ContributorAddress.sealed_value, {"contributor_id": contributor_id})
    is_new = insert_if_new(
        session,
        ContributorAddress,
        contributor_id=contributor_id,
        kind=kind,
        key_id=key.id,
        sealed_value=vault.seal_text(session, key.id, value, place),
    )
    if not is_new:  # somebody else's transaction was first, with a key of its own
        session.delete(key)
        session.flush()


def address_of(session: Session, contributor: Contributor | int) -> tuple[AddressKind, str] | None:
    """Where a contributor can be answered; None once erased. Only what sends may ask."""
    contributor_id = contributor if isinstance(contributor, int) else contributor.id
    row = session.get(ContributorAddress, contributor_id)
    if row is None:
        return None
    place = place_of(ContributorAddress.sealed_value, row)
    return row.kind, vault_of(session).open_text(session, row.key_id, row.sealed_value, place)


def forget_if_unused(session: Session, contributor_id: int) -> bool:
    """Delete a contributor, and destroy the address, when nothing living refers to them any more; whether it did.

    An opt-out stays: it has the hash itself.
    """
    session.flush()
    held = session.scalar(select(Contributor.id).where(Contributor.id == contributor_id).with_for_update())
    used = [
        exists().where(Intake.contributor_id == contributor_id, Intake.erased_at.is_(None)),
        exists().where(Part.contributor_id == contributor_id, Part.erased_at.is_(None)),
        exists().where(Contribution.contributor_id == contributor_id, Contribution.erased_at.is_(None)),
    ]
    if held is None or session.scalar(select(or_(*used))):
        return False
    for model in (Intake, Part, Contribution, Message, GivenAnswer):
        session.execute(update(model).where(model.contributor_id == contributor_id).values(contributor_id=None))
    key_id = session.scalar(
        delete(ContributorAddress)
        .where(ContributorAddress.contributor_id == contributor_id)
        .returning(ContributorAddress.key_id)
    )
    if key_id is not None:
        vault_of(session).destroy_key(session, key_id)
    session.execute(delete(Contributor).where(Contributor.id == contributor_id))
    return True


# --- opt-outs -----------------------------------------------------------------------------------


def opt_out(session: Session, kind: AddressKind, value: str, town: str, said_at: datetime | None = None) -> bool:
    """No more messages from this town to this address, until it asks for them again; False when it has already.

    With ``said_at``, when the wish was said (None: just now), which may be long before it is found.
    """
    return _set_opt_out(session, address_hash(session, kind, value), town, said_at, active=True)


def opt_out_contributor(session: Session, contributor_id: int, town: str, said_at: datetime) -> bool:
    """The same for whoever is behind this contributor, without opening the address."""
    known_as = session.get_one(Contributor, contributor_id).address_hash
    return _set_opt_out(session, known_as, town, said_at, active=True)


def opt_in(session: Session, kind: AddressKind, value: str, town: str, said_at: datetime | None = None) -> bool:
    """The address wants messages from this town again; False when it has asked for none since ``said_at``."""
    return _set_opt_out(session, address_hash(session, kind, value), town, said_at, active=False)


def has_opted_out(session: Session, kind: AddressKind, value: str, town: str) -> bool:
    """Whether this address wants no messages from this town."""
    known_as = address_hash(session, kind, value)
    return bool(session.scalar(select(OptOut.active).where(OptOut.address_hash == known_as, OptOut.town == town)))


def _set_opt_out(session: Session, known_as: str, town: str, said_at: datetime | None, *, active: bool) -> bool:
    changed_at = said_at or utc_now()
    if insert_if_new(session, OptOut, address_hash=known_as, town=town, active=active, changed_at=changed_at):
        return True
    change = update(OptOut).where(OptOut.address_hash == known_as, OptOut.town == town)
    if said_at is not None:
        change = change.where(OptOut.changed_at <= said_at)
    changed = change.values(active=active, changed_at=changed_at).returning(OptOut.id)
    return session.scalar(changed) is not None
