"""Answering by the API: a draft for some contributions, and whether it leaves at once; an answer's state."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Annotated, Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from config.answer_states import Outcome
from gateway.web.api.api_guard import (
    BASE,
    ProblemDetails,
    current_token,
    json_response,
    record_opening,
    require_token,
    token_visibility,
)
from inbox.accounts.api_tokens import ApiRight
from inbox.answers import deliveries, drafting
from inbox.answers.drafting import LONGEST, AnswerContent
from inbox.answers.selection import RecipientSelection, count_selected
from inbox.models import Answer
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.openings import SEEN

pages = Blueprint("api_answers", __name__, url_prefix=BASE)

MOST = 500
"""Contributions of one answer by the API."""


def _whole(value: object) -> object:
    """JSON knows one kind of number: 12.0 is 12."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Row = Annotated[int, Field(ge=1, le=999_999_999), BeforeValidator(_whole)]


class _StandsTwice(Exception):
    """A name stands twice in one object."""


class NewAnswer(BaseModel):
    """An answer to be written."""

    model_config = ConfigDict(extra="forbid", strict=True)

    contributions: Annotated[list[Row], Field(min_length=1, max_length=MOST)]
    words: Annotated[
        dict[
            Annotated[str, Field(pattern="^[a-z]{2,3}$")],
            Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=r"^[^\u0000]*$")],
        ],
        Field(min_length=1, max_length=10),
    ]
    general: bool = False
    """Told to whoever has a reference that it answers, and published."""
    outcome: Annotated[Outcome | None, Field(strict=False)] = None
    send: bool = False
    """Let it leave, or wait for a second person where the consultation wants one; else it stays a draft."""


@pages.post("/answers")
@require_token(ApiRight.ANSWER)
def create() -> Response:
    """Write an answer."""
    if request.args:
        raise ProblemDetails(400, "There is no such parameter")
    asked = _read()
    with store_of().write() as session:
        chosen = RecipientSelection(numbers=tuple(sorted(set(asked.contributions))))
        if not count_selected(session, chosen, token_visibility()).count:
            raise ProblemDetails(409, "Nobody is left to answer", "These are not there, or have an answer already.")
        meant = AnswerContent(asked.words, is_general=asked.general, outcome=asked.outcome)
        made = drafting.create_draft(session, chosen, meant, current_token().person_id, token_visibility())
        if asked.send:
            wait = timedelta(minutes=settings_of().texting.answer_wait_minutes)
            drafting.submit_answer(session, made.id, current_token().person_id, made.revision, wait)
        shown = _state(made)
    response = json_response(shown, 201)
    response.headers["Location"] = f"{BASE}/answers/{shown['id']}"
    return response


@pages.get("/answers/<int:answer_id>")
@require_token(ApiRight.ANSWER)
def show(answer_id: int) -> Response:
    """How far an answer is, and how many it reached by which way."""
    if request.args:
        raise ProblemDetails(400, "There is no such parameter")
    with store_of().read() as session:
        found = session.get(Answer, answer_id)
        if found is None:
            raise ProblemDetails(404, "There is no such answer")
        shown = _state(found) | {"to": deliveries.recipient_counts(session, [answer_id]).get(answer_id, 0)}
    record_opening(SEEN, f"answer:{answer_id}")
    return json_response(shown)


def _read() -> NewAnswer:
    if request.mimetype != "application/json":
        raise ProblemDetails(415, "The body is to be JSON", "Send Content-Type: application/json.")
    body = request.get_data()
    try:
        asked = NewAnswer.model_validate_json(body)
        json.loads(body, object_pairs_hook=_each_once)
    except _StandsTwice as error:
        raise ProblemDetails(422, "The body does not fit", f"{error.args[0]} stands twice") from error
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)]
        raise ProblemDetails(422, "The body does not fit", "; ".join(wrong)[:500]) from error
    return asked


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that says a thing twice: which of both was meant, nobody knows (RFC 8259, section 4)."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _StandsTwice(next(name for name, _value in pairs if [one for one, _ in pairs].count(name) > 1))
    return found


def _state(found: Answer) -> dict[str, Any]:
    return {
        "id": found.id,
        "state": found.state.value,
        "general": found.is_general,
        "outcome": found.outcome.value if found.outcome else None,
        "leaves_at": found.leaves_at.isoformat() if found.leaves_at else None,
    }
