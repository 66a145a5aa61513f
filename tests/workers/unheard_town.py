"""A town whose webhooks do not come through, and its provider, of whose lists the reconciler is to make the best."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import requests
from pydantic import SecretStr
from sqlalchemy import func, select

from channels.providers.twilio.provider import TwilioProvider
from channels.providers.twilio.section import Twilio
from channels.providers.twilio.texts import TEXTS
from channels.sms import text_message
from config.enums import AddressKind
from config.settings.schema import Settings
from config.wording.consultation import read_consultation
from gateway.ingest.ingest import PostedWebhook, ingest_text
from inbox.consultations import consultation_versions, contributors
from inbox.listings.ledger import count_ledger
from inbox.models import Part
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.at_once import understand_at_once
from tests.opened import text_in
from tests.standins.telephone import Telephone
from workers.runtime.watcher_context import WatcherContext
from workers.watchers.reconciliation_pass import ReconciliationPass

NUMBER = "+33298000000"
RESIDENT, OTHER = "+33639980001", "+33639980002"
NOBODY_LISTENS = "http://127.0.0.1:9"
WAV = b"RIFF" + bytes(16_040)


class Town:
    """A gateway whose webhooks do not come through, and its provider."""

    def __init__(self, store: Store, settings: Settings, provider: Telephone) -> None:
        self.here = WatcherContext(settings, store)
        understand_at_once(store, settings)
        self.provider = provider

    def reconcile(
        self, since: datetime | None = None, grace: float = 0, began: datetime | None = None
    ) -> ReconciliationPass:
        with requests.Session() as http:
            done = ReconciliationPass(
                self.here, http, TwilioProvider(self.here.settings), timedelta(seconds=grace), since=since
            )
            done.began = began or utc_now()
            done.run()
        return done

    def taken_in(self, **options: object) -> dict[str, int]:
        found = self.reconcile(**options).taken_in  # type: ignore[arg-type]
        return {name.value: count for name, count in found.items() if count}

    def webhook(self, sid: str, **more: str) -> None:
        """The webhook of a text that came after all."""
        (listed,) = (one for one in self.provider.api.received if one["sid"] == sid)
        fields = {"AccountSid": listed["account_sid"], "MessageSid": sid, "From": listed["from"], "To": listed["to"]}
        (text,) = text_message.parse_text_message(
            fields | {"Body": listed["body"], "NumMedia": listed["num_media"]} | more, TEXTS
        )
        with self.here.store.write() as session:
            ingest_text(session, text, PostedWebhook(b"webhook", {}))

    def count(self, model: type, *where: object) -> int:
        with self.here.store.read() as session:
            return session.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]

    def bodies(self) -> list[str]:
        """What was texted, in the order in which it was taken in."""
        with self.here.store.read() as session:
            parts = session.scalars(select(Part).order_by(Part.id)).all()
            return [text_in(p) for p in parts if p.sealed_body]

    def has_opted_out(self, number: str) -> bool:
        with self.here.store.read() as session:
            return contributors.has_opted_out(session, AddressKind.PHONE, number, self.here.settings.town)

    def listed(self, name: str) -> int:
        """How many requests the provider got since the last time, of this list; all are forgotten."""
        found = sum(1 for asked in self.provider.api.asked if asked.startswith(name))
        self.provider.api.asked.clear()
        return found


def account_at(provider: Telephone) -> Twilio:
    """A town's account at the stand-in, which brings and sends under one number."""
    return Twilio(
        account_sid=provider.api.account_sid,
        auth_tokens=(SecretStr(provider.api.auth_token),),
        api_base=provider.base,
        receives=NUMBER,
        sender=NUMBER,
    )


@contextmanager
def town_of(store: Store, folder: Path) -> Iterator[Town]:
    """A town with one consultation, and a provider whose webhooks nobody hears."""
    with Telephone(NOBODY_LISTENS) as provider:
        settings = Settings(folder=folder, twilio=account_at(provider))
        with store.write() as session:
            consultation_versions.import_consultation(session, read_consultation(settings.consultation_files[0]))
        yield Town(store, settings, provider)


def assert_balanced(town: Town) -> None:
    with town.here.store.read() as session:
        counted = count_ledger(session)
    assert counted.balanced, counted.problems
