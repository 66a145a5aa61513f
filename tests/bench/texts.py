"""A text message to a durable intake against a file that is as durable."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from channels.values import Address, IncomingText
from config.consultation import read_consultation
from config.names import AddressKind
from config.settings import Settings
from gateway.doors import Posted, take_in_text
from inbox import consultations
from inbox.migrations import migrate
from inbox.store import Store
from tests.bench.durable import write_durably
from tests.bench.pairs import Pair

TEXTS = 100


@contextlib.contextmanager
def text_pairs(folder: Path) -> Iterator[list[Pair]]:
    """Texts by the hundred."""
    yield [text_pair(folder)]


def text_pair(folder: Path) -> Pair:
    """A hundred texts to durable intakes, each in its own transaction, against files with fsync and rename."""
    settings = Settings(data_dir=folder / "data", keys_dir=folder / "keys", town="bench")
    store = Store.open(settings)
    migrate(store.engine)
    with store.write() as session:
        consultations.import_consultation(session, read_consultation(settings.consultation_files[0]))
    text = IncomingText(
        account="AC" + "0" * 32,
        external_id="",
        sender=Address(AddressKind.PHONE, "+33639980098"),
        addressed_to="+33298000000",
        body="Il faudrait plus de bancs rue de Siam",
    )
    body = urlencode({"Body": text.body, "From": "+33639980098"}).encode()

    def ours() -> None:
        for _ in range(TEXTS):
            with store.write() as session:
                # Everybody writes once: texts of one person in a row would be joined.
                sender = Address(AddressKind.PHONE, f"+336{secrets.randbelow(10**8):08}")
                one = replace(text, external_id="SM" + secrets.token_hex(16), sender=sender)
                take_in_text(session, settings, one, Posted(body, {"path": "/hooks/sms"}))

    target = folder / "files"
    target.mkdir()

    def bare() -> None:
        for _ in range(TEXTS):
            write_durably(target, secrets.token_hex(16), body)

    return Pair(f"{TEXTS} texts", ours, bare, "intake, contribution, reference, receipt queued ÷ a file, fsync, rename")
