"""A browser in which somebody has signed in before: what others do wrong at that login does not hold it up.

It holds a sealed cookie for this: a random name of its own, and a mark for each login, good until the password
changes. It opens nothing and says nothing of who uses it.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadSignature

from inbox.accounts.sign_in_limits import AttemptOrigin, known_browser_mark
from inbox.accounts.staff import normalise_login
from inbox.models import Person
from inbox.web.base.app_context import store_of
from inbox.web.base.sealed_cookies import CookieSealer

LASTS = 180 * 24 * 3600
"""Seconds."""

_MOST_LOGINS = 8
"""On a shared desk; the longest unused goes first."""


def origin_of(login: str) -> AttemptOrigin:
    """Where a try for this login comes from."""
    held = _held()
    mark = str(held["marks"].get(normalise_login(login), ""))
    return AttemptOrigin(request.remote_addr or "", held["browser"] if mark else "", mark)


def know(person: Person) -> None:
    """Have this browser known by somebody who has just signed in with it."""
    held = _held()
    browser = held["browser"] or secrets.token_hex(8)
    marks = {login: mark for login, mark in held["marks"].items() if login != person.login}
    marks[person.login] = known_browser_mark(store_of().keyring, AttemptOrigin(browser=browser), person.password_hash)
    newest = dict(list(marks.items())[-_MOST_LOGINS:])
    sealed = _sealer().dumps({"browser": browser, "marks": newest})
    config = current_app.config

    @after_this_request
    def _give(response: Response) -> Response:
        response.set_cookie(
            _name(),
            sealed,
            max_age=LASTS,
            secure=bool(config["SESSION_COOKIE_SECURE"]),
            httponly=True,
            samesite="Lax",
        )
        return response


def _held() -> dict[str, Any]:
    try:
        held = _sealer().loads(request.cookies.get(_name(), ""))
        return {"browser": str(held["browser"]), "marks": dict(held["marks"])}
    except (BadSignature, KeyError, TypeError, ValueError):
        return {"browser": "", "marks": {}}


def _name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-browser"


def _sealer() -> CookieSealer:
    secret = current_app.secret_key
    assert secret is not None
    return CookieSealer(secret, b"portevoix browser cookie")


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_name(agent: str) -> str:
    """Which browser a User-Agent header names, coarsely: enough for its owner to know it again in a list."""
    named = (next((name for sign, name in table if sign in agent), "") for table in (_BROWSERS, _SYSTEMS))
    return " · ".join(filter(None, named))
