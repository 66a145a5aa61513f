"""The process that takes votes in for ``tests.soak.votes``: it goes on after the last answered; it may die anywhere."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from channels.base.values import Address, IncomingCall, IncomingText
from channels.intent.votes import VoteSaid
from channels.voice import Place, Position
from config.enums import AddressKind, ArrivalKind, Channel, Queue
from config.settings.loader import Settings
from gateway.ingest import call_intake, vote_intake
from gateway.ingest.ingest import PostedWebhook, ingest_texts, prepare_text
from gateway.intake.contribute import create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.reading.readers import Readers
from inbox.models import Intake
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from workers.pools.light_steps import drain_light_queue
from workers.runtime.worker_context import WorkerContext

NUMBER = "+33298000000"


def main(here: Path) -> None:
    """Take in what was not answered yet, in order."""
    settings = Settings(data_dir=here / "data", keys_dir=here / "keys")
    store = Store.open(settings)
    shop = WorkerContext(settings, store, Readers(settings))
    said = [json.loads(line) for line in (here / "said.jsonl").read_text().splitlines()]
    answered = here / "answered"
    start = int(answered.read_text() or 0) if answered.exists() else 0
    drain_light_queue(shop, Queue.URGENT)
    for place, one in enumerate(said[start:], start):
        _WAYS[one["way"]](shop, one)
        fresh = answered.with_suffix(".new")
        fresh.write_text(str(place + 1))
        fresh.replace(answered)
    store.close()


def _text(shop: WorkerContext, one: dict) -> None:
    projects = " et ".join(map(str, one["projects"]))
    body = f"{'NON' if one['back'] else 'OUI'} {projects} CARTE {one['card']}"
    sender = Address(AddressKind.PHONE, one["phone"])
    text = IncomingText("AC", f"SM{one['id']}", sender, NUMBER, body)
    with shop.store.write() as session:
        ingest_texts(session, [prepare_text(shop.store.vault, text, PostedWebhook(body.encode(), {}))])
    drain_light_queue(shop, Queue.URGENT)


def _call(shop: WorkerContext, one: dict) -> None:
    digits = f"{one['card']}*{one['projects'][0]}"
    caller = Address(AddressKind.PHONE, one["phone"])
    call = IncomingCall("AC", f"CA{one['id']}", caller, NUMBER, digits=digits)
    posted = PostedWebhook(b"", {}).sealed(shop.store.vault)
    with shop.store.write() as session:
        call_intake.process_call_request(session, shop.settings, Place(Position.VOTE, "fr"), call, posted)


def _desk(shop: WorkerContext, one: dict) -> None:
    """At the desk, and from a sheet that is keyed there."""
    arrived = IncomingMessage(
        channel=Channel.PAPER,
        account="vote-desk",
        external_id=f"{one['way']}-{one['id']}",
        kind=ArrivalKind.ENTRY,
        raw=b"",
        consultation_slug="rues-et-places",
    )
    said = VoteSaid(tuple(one["projects"]), one["back"], card=one["card"])
    with shop.store.write() as session:
        intake = session.get_one(Intake, store_message(session, arrived).intake_id)
        version = intake.consultation_version
        assert version is not None
        asked = vote_intake.voting_consultation(intake)
        voter = vote_intake.identify_voter(session, intake, asked, said, None)
        vote_intake.store_vote(
            session, shop.settings, intake, said, voter, at=utc_now(), once=f"desk:{arrived.external_id}"
        )
        create_contributions(session, intake.id, [vote_intake.voice_part(Channel.PAPER)])


_WAYS = {"text": _text, "call": _call, "desk": _desk, "sheet": _desk}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
