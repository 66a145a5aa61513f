"""Who may enter: stated at every route, checked in one place before any view runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFProtect

from config.enums import Role
from inbox.accounts import sign_in_sessions
from inbox.listings.visibility import Visibility, visibility_of
from inbox.models import Person
from inbox.models.column_types import utc_now
from inbox.web.base import confirmation, known_browsers, typed_text
from inbox.web.base.app_context import store_of
from inbox.web.base.sealed_cookies import SealedCookies
from inbox.web.base.security_headers import add_security_headers

View = TypeVar("View", bound=Callable[..., Any])

_MARK = "portevoix_access"
_SESSION = "token"
"""What of the cookie holds the session's token."""
OUTSIDE = "outside"
"""What of the cookie holds what a provider outside has signed, with which the session there is ended."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

csrf = CSRFProtect()


@dataclass(frozen=True)
class Access:
    """Who may enter a route: everybody, some roles, or whoever brings a proof the view itself checks."""

    roles: frozenset[Role] = frozenset()
    public: bool = False
    proof: str = ""
    sessionless: bool = False
    """Whether the page has no session: no cookie is read or set, so that its forms carry no authority and no token."""
    confirmed: bool = False
    """Whether the person must have given the password within the last quarter of an hour."""

    def __str__(self) -> str:
        """The statement in words, for the manual."""
        if self.public:
            return "public"
        return self.proof or ", ".join(sorted(self.roles)) + (", confirmed" if self.confirmed else "")


@dataclass(frozen=True)
class SignedIn:
    """The person of this request, apart from any database session."""

    id: int
    login: str
    name: str
    roles: frozenset[Role]
    language: str | None = None
    centre_id: int | None = None
    centre: str | None = None
    session_id: int = 0
    confirmed_at: datetime | None = None

    def may(self, *roles: Role) -> bool:
        """Whether the person has one of these roles."""
        return not self.roles.isdisjoint(roles)

    @cached_property
    def sight(self) -> Visibility:
        """What the person may see of contributions."""
        return visibility_of(self.roles)

    @property
    def recently_confirmed(self) -> bool:
        """Whether this session's owner has given the password within the last quarter of an hour."""
        return self.confirmed_at is not None and utc_now() < self.confirmed_at + sign_in_sessions.CONFIRMED_FOR


class RouteUnstated(RuntimeError):
    """A route does not say who may enter; nobody does until it says so."""


def _stating(view: View, access: Access) -> View:
    setattr(view, _MARK, access)
    return view


def public(view: View) -> View:
    """State that everybody may enter."""
    return _stating(view, Access(public=True))


def open_to_all(view: View) -> View:
    """State that everybody may enter, and that the page knows nobody: it reads and sets no cookie."""
    return _stating(view, Access(public=True, sessionless=True))


def allow(*roles: Role, confirmed: bool = False) -> Callable[[View], View]:
    """State that signed-in people with one of these roles may enter.

    ``confirmed`` asks them for the password once more when they gave it longer ago than a quarter of an hour: for
    what cannot be undone, takes residents' words out of here, or gives rights.
    """
    if not roles:
        raise ValueError("allow() needs a role; use @public for a route open to everybody")
    return lambda view: _stating(view, Access(roles=frozenset(roles), confirmed=confirmed))


def proven(by: str) -> Callable[[View], View]:
    """State that the view checks a proof of its own, such as a provider's signature; it has no session and no CSRF."""
    return lambda view: _stating(view, Access(proof=by))


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What the route behind an endpoint states, or None when it states nothing."""
    return cast("Access | None", getattr(app.view_functions[endpoint], _MARK, None))


def endpoints_without_access(app: Flask) -> list[str]:
    """Endpoints that do not state who may enter."""
    return sorted({rule.endpoint for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) is None})


def check_routes(app: Flask) -> None:
    """Refuse to start when a route does not state who may enter."""
    if missing := endpoints_without_access(app):
        raise RouteUnstated(
            f"these routes do not say who may enter: {', '.join(missing)}; "
            "put @allow(…), @public or @proven(…) of inbox.web.base.guard on each"
        )


def current_person() -> SignedIn | None:
    """Who is signed in, read once per request; None when the session ended, elsewhere too."""
    if "person" not in g:
        g.person = _read_person()
    return cast("SignedIn | None", g.person)


def require_person() -> SignedIn:
    """Who is signed in, on a route that demands a role."""
    person = current_person()
    if person is None:
        abort(401)
    return person


def sign_in_person(person: Person) -> None:
    """Start the session of a person who has just proved who they are."""
    language, outside = session.get("language"), session.get(OUTSIDE)
    with store_of().write() as rows:
        token = sign_in_sessions.create_session(
            rows, person.id, known_browsers.browser_name(request.user_agent.string), utc_now()
        )
    session.clear()  # a new session identity: nothing set before signing in survives it but these
    # A centre's desk is shared: there the cookie ends with the browser.
    session.permanent = all(role.role is not Role.CENTRE for role in person.roles)
    session[_SESSION] = token
    if language:
        session["language"] = language
    if outside:
        session[OUTSIDE] = outside
    g.pop("person", None)
    known_browsers.know(person)


def is_signed_in() -> bool:
    """Whether this browser holds a session, of whomever; what it is worth, ``current_person`` says."""
    return _SESSION in session


def clear_browser_session() -> None:
    """Drop what this browser holds of its session, keeping only the chosen language."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    g.pop("person", None)


def end_session() -> None:
    """End the session itself: no copy of its cookie opens anything any more."""
    token = session.get(_SESSION)
    if isinstance(token, str):
        with store_of().write() as rows:
            sign_in_sessions.end_session(rows, token)
    clear_browser_session()


def _read_person() -> SignedIn | None:
    token = session.get(_SESSION)
    if not isinstance(token, str):
        return None
    with store_of().read() as rows:
        found = sign_in_sessions.find_session(rows, token, utc_now())
        if found is None:
            return None
        row, person = found
        g.seen_at = row.seen_at
        return SignedIn(
            id=person.id,
            login=person.login,
            name=person.name,
            roles=frozenset(role.role for role in person.roles),
            language=person.language,
            centre_id=person.centre_id,
            centre=person.centre.name if person.centre else None,
            session_id=row.id,
            confirmed_at=row.confirmed_at,
        )


def _needs_no_session(access: Access) -> bool:
    """Whether somebody may come in whose session is not asked for; where there is none, nobody is known."""
    if access.sessionless:
        g.person = None
    return access.sessionless or bool(access.proof)


def _enforce() -> ResponseReturnValue | None:
    """Run before every view: no statement, no entry; roles, then the form's token."""
    if request.endpoint is None:
        return None  # no such page: Flask answers 404 or 405
    access = access_of(current_app, request.endpoint)
    if access is None:
        raise RouteUnstated(f"{request.endpoint} does not say who may enter")
    if _needs_no_session(access):
        return None
    if request.method not in _SAFE_METHODS:
        typed_text.keep_what_was_typed()  # first of all: an old token must not cost anybody a text
    if not access.public:
        person = current_person()
        if person is None:
            return _to_sign_in()
        if not person.may(*access.roles):
            abort(403)
        sign_in_sessions.extend_session(store_of(), person.session_id, g.seen_at, utc_now())
    if request.method not in _SAFE_METHODS:
        csrf.protect()
    if _asks_for_password(access) and not require_person().recently_confirmed:
        return confirmation.ask_for_password(require_person().login, require_person().session_id)
    return None


def _asks_for_password(access: Access) -> bool:
    """Whether the password must have been given lately: where a route says so, and for all administrators change."""
    administration = access.roles == {Role.ADMINISTRATOR} and request.method not in _SAFE_METHODS
    return access.confirmed or administration


def _to_sign_in() -> ResponseReturnValue:
    if _SESSION in session:
        clear_browser_session()
        if lost := typed_text.unsaved_text():
            return _handed_back(lost), 401
        flash(_("Your session has ended. Please sign in again."), "warning")
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    if (sheet := typed_text.kept_sheet()) is not None:
        flash(_("What you typed is kept: sign in again, and it is there."), "warning")
        target = url_for("contributions.show", contribution_id=sheet.contribution_id)
    return redirect(url_for("sign_in.form", next=target))


def _handed_back(lost: str) -> str:
    """A text that came too late to be kept, to be copied: it stands nowhere else."""
    return render_template(
        "error.html",
        problem=_("Your session has ended"),
        remedy=_("What you typed was not stored. Copy it, sign in again, and paste it there."),
        typed=lost,
    )


def install_without_sessions(app: Flask) -> None:
    """Put the guard and the security headers on an application in which nobody is signed in: no cookie is read or set.

    Raises ``RouteUnstated`` when a route registered by now does not say who may enter, or asks for somebody.
    """
    app.before_request(_enforce)
    app.after_request(add_security_headers)
    check_routes(app)
    if asking := [rule.endpoint for rule in app.url_map.iter_rules() if _asks_for_somebody(app, rule.endpoint)]:
        raise RouteUnstated(f"nobody is signed in here, and these routes ask for somebody: {', '.join(asking)}")


def _asks_for_somebody(app: Flask, endpoint: str) -> bool:
    access = access_of(app, endpoint)
    return access is None or bool(access.roles)


def install(app: Flask) -> None:
    """Put the guard, the form tokens and the security headers on every route of the application."""
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False  # else files everybody may cache would carry the cookie
    app.session_interface = SealedCookies()
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)  # the guard asks for it, except where a proof is checked
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # a token lasts as long as its session
    csrf.init_app(app)
    app.before_request(_enforce)
    app.after_request(add_security_headers)
