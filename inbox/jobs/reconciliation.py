"""How far the provider's lists have been read, which of their entries are here, and what was missing."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from config.enums import Channel
from inbox.consultations import consultation_versions
from inbox.models import CaughtUp, Intake, ListCursor, Medium, Message, Part
from inbox.models.sealed_places import place_of
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_if_new

_AT_ONCE = 500


def list_cursor(session: Session, account: str, name: str) -> ListCursor | None:
    """How far a list has been read; None before it was read to its end for the first time."""
    return session.get(ListCursor, (account, name))


def move_cursor(session: Session, account: str, name: str, *, until: datetime, looked_back: bool) -> None:
    """All that was listed at ``until`` is here; never backwards."""
    if insert_if_new(session, ListCursor, account=account, name=name, complete_until=until, looked_back_at=until):
        return
    row = session.get_one(ListCursor, (account, name), with_for_update=True, populate_existing=True)
    row.complete_until = max(row.complete_until, until)
    if looked_back:
        row.looked_back_at = max(row.looked_back_at, until)


def count_caught_up(session: Session, door: str) -> None:
    """Add one to what came in today without its webhook."""
    today = datetime.now(UTC).date()
    if insert_if_new(session, CaughtUp, day=today, door=door, count=1):
        return
    session.execute(
        update(CaughtUp).where(CaughtUp.day == today, CaughtUp.door == door).values(count=CaughtUp.count + 1)
    )


def caught_up_since(session: Session, ago: timedelta) -> list[tuple[str, int]]:
    """How much came in without its webhook in these last days, by door."""
    rows = session.execute(
        select(CaughtUp.door, func.sum(CaughtUp.count))
        .where(CaughtUp.day >= (datetime.now(UTC) - ago).date())
        .group_by(CaughtUp.door)
        .order_by(CaughtUp.door)
    )
    return [(door, int(count)) for door, count in rows]


def known_intakes(session: Session, channel: Channel, account: str, external_ids: Iterable[str]) -> set[str]:
    """Those of the identifiers that have come in already, erased ones included."""
    return {
        known
        for some in _batches(external_ids)
        for known in session.scalars(
            select(Intake.external_id).where(
                Intake.channel == channel, Intake.account == account, Intake.external_id.in_(some)
            )
        )
    }


def recordings_kept(session: Session, account: str, call_ids: Iterable[str]) -> dict[str, set[str] | None]:
    """Which recordings are known of each call that has come in; None of an erased one, which takes no more."""
    found: dict[str, set[str] | None] = {}
    vault = vault_of(session)
    for some in _batches(call_ids):
        rows = session.execute(
            select(Intake.external_id, Intake.erased_at, Part.key_id, Medium)
            .outerjoin(Part, Part.intake_id == Intake.id)
            .outerjoin(Medium, Medium.part_id == Part.id)
            .where(Intake.channel == Channel.VOICEMAIL, Intake.account == account, Intake.external_id.in_(some))
        ).all()
        found |= {call: set() if erased is None else None for call, erased, _, _ in rows}
        named = [(found[call], key_id, medium) for call, _, key_id, medium in rows if medium is not None]
        vault.open_keys(session, {key_id for _, key_id, _ in named})
        for kept, key_id, medium in named:
            name = medium.sealed_name
            if kept is not None and name is not None:
                kept.add(vault.open_text(session, key_id, name, place_of(Medium.sealed_name, medium)))
    return found


def states_of_sent(session: Session, provider_ids: Iterable[str]) -> dict[str, str]:
    """The states of our own messages, by the provider's identifier."""
    return {
        str(known): state.value
        for some in _batches(provider_ids)
        for known, state in session.execute(
            select(Message.provider_id, Message.state).where(
                Message.provider_id.in_(some), Message.sent_at.is_not(None)
            )
        )
    }


def is_own_number(session: Session, channel: Channel, account: str, addresses: Iterable[str]) -> bool:
    """Whether one of these numbers or services is ours: a consultation's, or one through which something came."""
    named = [one for one in addresses if one]
    if any(consultation_versions.version_for_address(session, channel, one) for one in named):
        return True
    came = exists().where(Intake.channel == channel, Intake.account == account, Intake.addressed_to.in_(named))
    return bool(session.scalar(select(came)))


def _batches(values: Iterable[str]) -> Iterable[list[str]]:
    every = sorted(set(values))
    return (every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE))
