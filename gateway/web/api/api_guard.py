"""Who asks the API, how often, and how it says what is wrong: problem details (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from inbox.accounts import api_tokens
from inbox.accounts.api_tokens import ApiRight, TokenHolder
from inbox.errors import InboxError
from inbox.listings.visibility import Visibility, visibility_of
from inbox.models.column_types import utc_now
from inbox.storage.opening_log import Opening
from inbox.web.base import error_pages
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import proven

View = TypeVar("View", bound=Callable[..., Any])
BASE = "/api/v1"
LONGEST_BODY = 64 * 1024


class ProblemDetails(Exception):
    """What is wrong with a request."""

    def __init__(self, status: int, title: str, detail: str = "", headers: dict[str, str] | None = None) -> None:
        self.status, self.title, self.detail, self.headers = status, title, detail, headers or {}
        super().__init__(title)


def require_token(right: ApiRight) -> Callable[[View], View]:
    """Let only programs in whose token has this right, brought in ``Authorization: Bearer``, and not too often."""

    def guarded(view: View) -> View:
        @wraps(view)
        def checked(**place: Any) -> Response:
            try:
                check_token(right, _bearer())
                return cast("Response", view(**place))
            except ProblemDetails as problem:
                return problem_response(problem)
            except InboxError as error:
                return problem_response(ProblemDetails(409, type(error).__name__, error.remedy))

        return cast("View", proven(by="a token of the API")(checked))

    return guarded


def _bearer() -> str:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.casefold() == "bearer" else ""


def check_token(right: ApiRight, token: str) -> None:
    """See who asks, or raise what is wrong: no token, not this right, too often, too much."""
    now = utc_now()
    acting = None
    if token:
        with store_of().write() as session:
            acting = api_tokens.use_token(session, token, now)
    if acting is None:
        raise ProblemDetails(
            401, "A token is needed", "Send Authorization: Bearer TOKEN.", {"WWW-Authenticate": "Bearer"}
        )
    if not acting.may_ask:
        wait = str(api_tokens.seconds_until_allowed(now))
        raise ProblemDetails(
            429, "Too many requests", f"At most {api_tokens.A_MINUTE} a minute.", {"Retry-After": wait}
        )
    if right not in acting.rights:
        raise ProblemDetails(403, "This token may not do that", f"It needs the right: {right.value}.")
    if request.content_length is not None and request.content_length > LONGEST_BODY:
        raise ProblemDetails(413, "The body is too large")
    request.max_content_length = LONGEST_BODY
    g.acting = acting


def current_token() -> TokenHolder:
    """Who asks."""
    return cast("TokenHolder", g.acting)


def token_visibility() -> Visibility:
    """What whoever asks may see: just what the pages show to this role."""
    return visibility_of([current_token().role])


def record_opening(action: str, subject: str, count: int | None = None) -> None:
    """Leave a row of what was read, before it leaves."""
    words = f"{subject} (token {current_token().token_id})"
    store_of().openings.note(Opening(current_token().person_id, action, words, count), utc_now())


def json_response(value: Any, status: int = 200) -> Response:
    """A value as JSON."""
    return Response(json.dumps(value, ensure_ascii=False) + "\n", status=status, mimetype="application/json")


def problem_response(problem: ProblemDetails) -> Response:
    """What is wrong, as problem details."""
    body = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": problem.detail}
    response = Response(json.dumps(body), status=problem.status, mimetype="application/problem+json")
    response.headers.update(problem.headers)
    return response


def install(app: Flask, others: Mapping[str, Callable[[HTTPException], Response]]) -> None:
    """Have what no route answers told as problem details where a program asked; ``others`` tell it their own way."""

    def no_route(error: HTTPException) -> Any:
        for begins, told in others.items():
            if request.path.startswith(begins):
                return told(error)
        if not request.path.startswith("/api/"):
            return error_pages.http_error_page(error)
        headers = {name: value for name, value in error.get_headers() if name == "Allow"}
        return problem_response(ProblemDetails(error.code or 404, error.name, "", headers))

    for code in (404, 405):
        app.register_error_handler(code, no_route)
