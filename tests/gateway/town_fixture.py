"""A fresh installation with one administrator, for the tests of a town's own pages."""

from __future__ import annotations

import shutil
from pathlib import Path

from flask.testing import FlaskClient

from config.enums import ArrivalKind, Channel, Role
from config.settings.loader import ExternalSettings
from gateway.base.settings_in_force import LiveSettings
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.web.app import create_app
from inbox.accounts.passwords import hash_password
from inbox.accounts.staff import create_person
from inbox.administration import errands
from inbox.storage.database import Store
from tests.signed_in import sign_in_as
from workers.caretaking.errand_runners import run_errand
from workers.runtime.watcher_context import WatcherContext

SECRET = "0123456789abcdef0123456789abcdef"


ACCOUNT = f"AC{SECRET}"


class Town:
    """A fresh installation whose settings file says the town's name, with one administrator."""

    def __init__(self, folder: Path, database: Path) -> None:
        """``database`` is a file with all tables, which is copied."""
        self.outside = ExternalSettings(
            folder, from_file={"town": "essai", "town_name": "Kerouzel", "smtp": {"port": 2525}}
        )
        settings = self.outside.settings()
        settings.data_dir.mkdir()
        shutil.copy(database, settings.data_dir / "portevoix.sqlite")
        self.store = Store.open(settings)
        password = hash_password("une-phrase-de-passe-longue")
        with self.store.write() as session:
            self.clerk_id = create_person(session, "clerk", "Inès Abiven", password, [Role.ADMINISTRATOR]).id
        self.app = create_app(self.outside.settings(), self.store, LiveSettings(self.outside))
        self.clerk: FlaskClient = self.app.test_client()
        self.clerk.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        sign_in_as(self.clerk, self.clerk_id)

    @property
    def settings(self):  # type: ignore[no-untyped-def]
        return self.app.extensions["portevoix"]["settings"]

    @property
    def context(self) -> WatcherContext:
        return WatcherContext(self.settings, self.store)

    def receive_text(self, words: str, language: str | None = None, consultation: str | None = None) -> int:
        """A text from nobody known; the number of the contribution that it is."""
        arrived = IncomingMessage(
            channel=Channel.SMS,
            account="seed",
            external_id=words,
            kind=ArrivalKind.WEBHOOK,
            raw=words.encode(),
            consultation_slug=consultation,
            language=language,
        )
        with self.store.write() as session:
            intake_id = store_message(session, arrived).intake_id
            (made,) = create_contributions(session, intake_id, [NewPart("text", Channel.SMS, body=words)])
        assert made is not None
        return made

    def do_errands(self) -> None:
        """What the caretaker does."""
        while True:
            with self.store.write() as session:
                taken = errands.claim_errand(session)
            if taken is None:
                return
            run_errand(self.context, taken)
