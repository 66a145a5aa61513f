"""How Open311 says things: each answer as JSON or as XML, and what is wrong as a list of codes and descriptions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, TypeVar, cast
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Response, request
from werkzeug.exceptions import HTTPException

from gateway.web.api.api_guard import ProblemDetails, check_token
from inbox.accounts.api_tokens import ApiRight
from inbox.errors import InboxError
from inbox.web.base.app_context import settings_of
from inbox.web.base.guard import open_to_all, proven

View = TypeVar("View", bound=Callable[..., Any])
Table = Mapping[str, Any]

# Characters that no XML 1.0 document may hold (section 2.2), and halves of surrogate pairs.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def open311_reply(kind: str, root: str, item: str, rows: Sequence[Table] | Table, status: int = 200) -> Response:
    """Rows as ``kind`` says; in XML each is an ``item`` within ``root``, and a table alone is the root itself."""
    if kind != "xml":
        return Response(json.dumps(rows, ensure_ascii=False) + "\n", status=status, mimetype="application/json")
    top = Element(root)
    if isinstance(rows, Mapping):
        _fill(top, rows)
    else:
        for row in rows:
            _fill(SubElement(top, item), row)
    written = tostring(top, encoding="utf-8", xml_declaration=True)
    return Response(written, status=status, content_type="text/xml; charset=utf-8")


def _fill(element: Element, row: Table) -> None:
    for name, value in row.items():
        below = SubElement(element, name)
        if isinstance(value, list):
            for one in value:
                _fill(SubElement(below, name.removesuffix("s")), one)
        elif value is not None:
            below.text = _NO_XML.sub("", str(value).lower() if isinstance(value, bool) else str(value))


def wrong(kind: str, problem: ProblemDetails) -> Response:
    """What is wrong."""
    said = f"{problem.title}. {problem.detail}".strip().removesuffix(". .")
    # GeoReport v2 knows no 401: 403 is a key that is missing or wrong.
    code = 403 if problem.status == 401 else problem.status
    response = open311_reply(kind, "errors", "error", [{"code": code, "description": said}], code)
    response.headers.update({name: value for name, value in problem.headers.items() if name != "WWW-Authenticate"})
    return response


def fault_key(view: View) -> View:
    """Let only programs in whose token may deal with faults: as ``api_key`` in the body or query, or as a bearer."""

    @wraps(view)
    def checked(*, kind: str, **place: Any) -> Response:
        try:
            _check_kind(kind)
            check_token(ApiRight.FAULTS, _key())
            check_jurisdiction()
            return cast("Response", view(kind=kind, **place))
        except ProblemDetails as problem:
            return wrong(kind, problem)
        except InboxError as error:
            return wrong(kind, ProblemDetails(409, type(error).__name__, error.remedy))

    return cast("View", proven(by="a token of the API")(checked))


def for_anybody(view: View) -> View:
    """Let everybody in: which services there are is no secret."""

    @wraps(view)
    def checked(*, kind: str, **place: Any) -> Response:
        try:
            _check_kind(kind)
            check_jurisdiction()
            return cast("Response", view(kind=kind, **place))
        except ProblemDetails as problem:
            return wrong(kind, problem)

    return cast("View", open_to_all(checked))


def _check_kind(kind: str) -> None:
    if kind not in ("json", "xml"):
        raise ProblemDetails(404, "Answers are .json or .xml")


def _key() -> str:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    if kind.casefold() == "bearer" and token.strip():
        return token.strip()
    return (request.form.get("api_key") or request.args.get("api_key") or "").strip()


def no_route(error: HTTPException) -> Response:
    """What no route of Open311 answers."""
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    problem = ProblemDetails(error.code or 404, error.name, "", headers)
    return wrong(request.path.rpartition(".")[2], problem)


def check_jurisdiction() -> None:
    """There is one town here; who asks for another is told so."""
    asked = request.values.get("jurisdiction_id", "")
    if asked and asked != settings_of().town:
        raise ProblemDetails(404, "There is no such jurisdiction_id")
