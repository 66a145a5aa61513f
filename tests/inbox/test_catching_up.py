"""How far lists were read, and what of them is here, on both servers."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from config.names import ArrivalKind, Channel, MediumKind
from gateway.arrivals import Arrived, accept
from gateway.intake import NewPart, contribute
from gateway.media import NewMedium
from inbox import catching_up
from inbox.columns import utc_now
from inbox.erase import erase_intake
from inbox.models import ListCursor
from inbox.store import Store

NUMBER = "+33298000000"


def test_cursor_never_goes_back(store: Store) -> None:
    now = utc_now()
    for until in (now, now - timedelta(days=1)):
        with store.write() as session:
            catching_up.move_cursor(session, "AC", "messages", until=until, looked_back=True)
    with store.read() as session:
        row = session.scalars(select(ListCursor)).one()
        assert (row.complete_until, row.looked_back_at) == (now, now)


def test_what_is_known_of_a_list_on_both_servers(store: Store) -> None:
    ids: dict[str, set[str] | None] = {"CA1": {"RE1", "RE2"}, "CA2": set(), "CA3": None}
    with store.write() as session:
        for number, (call, recordings) in enumerate(ids.items()):
            arrived = Arrived(Channel.VOICEMAIL, "AC", call, ArrivalKind.WEBHOOK, b"x", addressed_to=NUMBER)
            intake = accept(session, arrived).intake_id
            media = [NewMedium(MediumKind.RECORDING, "audio/wav", remote_url="u", name=one) for one in recordings or ()]
            if media:
                contribute(session, intake, [NewPart("speech", Channel.VOICEMAIL, media=tuple(media))])
            if recordings is None:
                erase_intake(session, intake, None, "test")
            catching_up.count_caught_up(session, f"door{number % 2}")
    with store.read() as session:
        assert catching_up.recordings_kept(session, "AC", [*ids, "CA4"]) == ids
        assert catching_up.known_intakes(session, Channel.VOICEMAIL, "AC", [*ids, "CA4"]) == set(ids)
        assert catching_up.known_intakes(session, Channel.SMS, "AC", ids) == set()
        assert catching_up.caught_up_since(session, timedelta(days=7)) == [("door0", 2), ("door1", 1)]
        assert catching_up.receives_at(session, Channel.VOICEMAIL, "AC", (NUMBER, ""))
        assert not catching_up.receives_at(session, Channel.VOICEMAIL, "AC2", (NUMBER, ""))
        assert not catching_up.receives_at(session, Channel.VOICEMAIL, "AC", ("+33298111111", ""))
        assert not catching_up.receives_at(session, Channel.VOICEMAIL, "AC", ("", ""))
        assert catching_up.states_of_sent(session, ["SM1"]) == {}
