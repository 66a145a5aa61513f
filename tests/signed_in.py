"""A client that is signed in, as after giving the password, which is tested by itself and slow by intention."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient

from inbox.accounts import sign_in_sessions
from inbox.models.column_types import utc_now


def sign_in_as(client: FlaskClient, person: int, ago: timedelta = timedelta(0)) -> str:
    """Begin a session of this person in this client, so long ago; its token."""
    store = client.application.extensions["portevoix"]["store"]
    with store.write() as session:
        token = sign_in_sessions.create_session(session, person, "Firefox \N{MIDDLE DOT} Linux", utc_now() - ago)
    with client.session_transaction() as cookie:
        cookie["token"] = token
    return token
