"""Pages and exports read from a replica, each person's own writes included; whatever else asks reads the primary.

Who somebody is, is read from the primary, before: a session that was ended opens nothing. What a request has written
is noted in the session's cookie, as a place in the database's log, and a replica that is not there yet does
not answer that browser. Doors, and programs with a token, have no session, and read the primary.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, request, session
from flask.typing import ResponseReturnValue
from werkzeug.wsgi import ClosingIterator

from inbox.errors import InboxError, ReplicaLost
from inbox.storage.database import Store
from inbox.storage.unit_of_work import SQLAlchemyError
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import Access, access_of, is_signed_in

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_WRITTEN = "written"
"""What of the cookie says how far this browser's own writes reach."""
_SAFE_METHODS = frozenset({"GET", "HEAD"})


def install(app: Flask, store: Store) -> None:
    """Choose before each view, after the guard; nothing where there is no replica."""
    if store.replica is None:
        return
    app.before_request(_choose_server)
    app.after_request(_note_written)
    app.register_error_handler(ReplicaLost, _ask_primary)
    app.wsgi_app = _EndedChoice(app.wsgi_app, store)  # type: ignore[method-assign]  # how Flask documents it


class _EndedChoice:
    """Takes the choice back once an answer has been sent: an export reads while it is."""

    def __init__(self, below: WSGIApplication, store: Store) -> None:
        self._below, self._store = below, store

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._store.prefer_replica(None)
        return ClosingIterator(self._below(environ, start_response), [lambda: self._store.prefer_replica(None)])


def _access() -> Access | None:
    return access_of(current_app, request.endpoint) if request.endpoint else None


def _choose_server() -> None:
    access = _access()
    reads = access is not None and not access.proof and request.method in _SAFE_METHODS
    written = session.get(_WRITTEN, 0) if access is not None and not access.sessionless and reads else 0
    store_of().prefer_replica(written if reads else None)


def _note_written(response: Response) -> Response:
    """After a write by somebody who is signed in: how far it reaches."""
    access, store = _access(), store_of()
    if access is None or access.sessionless or access.proof or not store.has_written or not is_signed_in():
        return response
    assert store.replica is not None
    try:
        session[_WRITTEN] = store.replica.place_written()
    except (SQLAlchemyError, InboxError):
        session.pop(_WRITTEN, None)  # whoever asks next is told that the database is away
    return response


def _ask_primary(_error: ReplicaLost) -> ResponseReturnValue:
    """Make the page anew: it has been read only, and the replica is left alone from now on."""
    store_of().prefer_replica(None)
    return current_app.dispatch_request()
