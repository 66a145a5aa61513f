"""The pages, filled with the seed, as a client and as a server that a browser can open."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from config.settings.schema import Settings
from inbox.migrations import migrate
from inbox.storage.database import Store
from inbox.web import MenuEntry, register
from tests.inbox.pages.browsing import browser, page
from tests.inbox.pages.seed import Seeded, seed
from tests.signed_in import sign_in_as
from transcription.text.personal_data import find_personal

__all__ = ["browser", "page"]


@dataclass
class Inbox:
    """One filled inbox."""

    app: Flask
    store: Store
    seeded: Seeded

    def client(self, login: str | None = None, language: str = "en") -> FlaskClient:
        """A browser without scripts, signed in as ``login``."""
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        if login:
            # As after signing in, which is tested by itself and slow by intention.
            sign_in_as(client, self.seeded.people[login])
        return client


def post(client: FlaskClient, path: str, values: dict[str, object], page: str = "/sign-in"):  # type: ignore[no-untyped-def]
    """Send a form with the token of this client's session."""
    client.get(page)  # any page with a form gives the session its token
    return client.post(path, data={"csrf_token": token_of(client), **values})


def token_of(client: FlaskClient) -> str:
    """The token a page of this session holds."""
    text = client.get("/sign-in", follow_redirects=True).text
    return text.split('name="csrf_token" value="')[1].split('"')[0]


def make_app(store: Store, folder: Path, *doors: Blueprint, entries: Sequence[MenuEntry] = ()) -> Flask:
    """The pages, without the gateway's own doors."""
    app = Flask("pages", static_folder=None)
    settings = Settings(folder=folder, town_name="Ville d'Exemple", language="fr")
    app.config.update(SECRET_KEY="only for tests", SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax")
    app.extensions["portevoix"] = {"settings": settings, "store": store}
    for door in doors:
        app.register_blueprint(door)
    register(app, store, entries, find_personal)
    return app


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Seeded]:
    """A folder with a filled inbox, to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    store = Store.open(Settings(folder=folder))
    migrate(store.engine)
    seeded = seed(store)
    store.close()
    return folder, seeded


@pytest.fixture
def inbox(filled: tuple[Path, Seeded], tmp_path: Path) -> Iterator[Inbox]:
    """A filled inbox of one's own."""
    folder, seeded = filled
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    store = Store.open(Settings(folder=tmp_path))
    yield Inbox(make_app(store, tmp_path), store, seeded)
    store.close()


@pytest.fixture
def served(inbox: Inbox) -> Iterator[str]:
    """The address of a running server with the filled inbox."""
    with serving(inbox.app) as address:
        yield address


class serving:  # noqa: N801 — used as a block, like contextlib's own
    """Serve an application on a free port of loopback while the block lasts."""

    def __init__(self, app: Flask) -> None:
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
