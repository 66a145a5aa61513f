"""How far lists were read, and what of them is here, on both servers."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from config.enums import ArrivalKind, Channel, MediumKind
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.intake.part_media import NewMedium
from inbox.erasure.erase import erase_intake
from inbox.jobs import reconciliation
from inbox.models import ListCursor
from inbox.models.column_types import utc_now
from inbox.storage.database import Store

NUMBER = "+33298000000"


def test_cursor_never_goes_back(store: Store) -> None:
    now = utc_now()
    for until in (now, now - timedelta(days=1)):
        with store.write() as session:
            reconciliation.move_cursor(session, "AC", "messages", until=until, looked_back=True)
    with store.read() as session:
        row = session.scalars(select(ListCursor)).one()
        assert (row.complete_until, row.looked_back_at) == (now, now)


def test_what_is_known_of_a_list_on_both_servers(store: Store) -> None:
    ids: dict[str, set[str] | None] = {"CA1": {"RE1", "RE2"}, "CA2": set(), "CA3": None}
    with store.write() as session:
        for number, (call, recordings) in enumerate(ids.items()):
            arrived = IncomingMessage(Channel.VOICEMAIL, "AC", call, ArrivalKind.WEBHOOK, b"x", addressed_to=NUMBER)
            intake = store_message(session, arrived).intake_id
            media = [NewMedium(MediumKind.RECORDING, "audio/wav", remote_url="u", name=one) for one in recordings or ()]
            if media:
                create_contributions(session, intake, [NewPart("speech", Channel.VOICEMAIL, media=tuple(media))])
            if recordings is None:
                erase_intake(session, intake, None, "test")
            reconciliation.count_caught_up(session, f"door{number % 2}")
    with store.read() as session:
        assert reconciliation.recordings_kept(session, "AC", [*ids, "CA4"]) == ids
        assert reconciliation.known_intakes(session, Channel.VOICEMAIL, "AC", [*ids, "CA4"]) == set(ids)
        assert reconciliation.known_intakes(session, Channel.SMS, "AC", ids) == set()
        assert reconciliation.caught_up_since(session, timedelta(days=7)) == [("door0", 2), ("door1", 1)]
        assert reconciliation.is_own_number(session, Channel.VOICEMAIL, "AC", (NUMBER, ""))
        assert not reconciliation.is_own_number(session, Channel.VOICEMAIL, "AC2", (NUMBER, ""))
        assert not reconciliation.is_own_number(session, Channel.VOICEMAIL, "AC", ("+33298111111", ""))
        assert not reconciliation.is_own_number(session, Channel.VOICEMAIL, "AC", ("", ""))
        assert reconciliation.states_of_sent(session, ["SM1"]) == {}
