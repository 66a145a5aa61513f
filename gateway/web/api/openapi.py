"""The API described for programs: an OpenAPI 3.1 document, served, shipped, and held against the routes by a test."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response

from config.answer_states import AnswerState, Outcome
from config.enums import Bucket, Channel, Moderation, SetAsideReason
from gateway.web.api.api_answering import NewAnswer
from gateway.web.api.api_guard import BASE
from gateway.web.api.api_reading import MOST_ROWS, USUAL_ROWS
from gateway.web.api.openapi_parts import Schema, object_schema, openapi_frame, path_parameter
from inbox.web.base.guard import open_to_all

pages = Blueprint("openapi", __name__, url_prefix=BASE)

_WORDS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_DAY: Schema = {"type": "string", "format": "date"}
_NUMBER: Schema = {"type": "integer"}
_ROW: Schema = {"type": "integer", "minimum": 1, "maximum": 999_999_999}


@pages.get("/openapi.json")
@open_to_all
def document() -> Response:
    """The document."""
    return Response(openapi_json(), mimetype="application/json")


def openapi_json() -> str:
    """The document as it is served and shipped."""
    return json.dumps(openapi_document(), indent=2, ensure_ascii=False) + "\n"


def openapi_document() -> Schema:
    """The document."""
    return openapi_frame(
        "Portevoix",
        "1",
        "What residents said, as the role of a token may see it; answering them.",
        _paths(),
        {
            "schemas": _schemas(),
            "responses": {"Problem": _reply("What is wrong (RFC 9457).", "Problem", "application/problem+json")},
        },
    )


def _paths() -> Schema:
    return {
        f"{BASE}/consultations": {"get": _read("listConsultations", "Every consultation.", "Consultations")},
        f"{BASE}/consultations/{{slug}}": {
            "get": _read(
                "getConsultation", "One consultation, with votes once counted.", "Consultation", [_in_path("slug")]
            )
        },
        f"{BASE}/consultations/{{slug}}/ledger": {
            "get": _read("getLedger", "Where everything that arrived stands.", "Ledger", [_in_path("slug")])
        },
        f"{BASE}/contributions": {
            "get": _read(
                "listContributions", "A page, the newest first.", "ContributionPage", [*_filters(), *_paging()]
            )
        },
        f"{BASE}/contributions/{{contribution_id}}": {
            "get": _read("getContribution", "One contribution.", "Contribution", [_row_in_path("contribution_id")])
        },
        f"{BASE}/export": {
            "get": {
                **_read("export", "All that fits, as JSON lines.", "Contribution", _filters()),
                "responses": _responses(
                    {"description": "One contribution a line.", "content": {"application/x-ndjson": {}}}
                ),
            }
        },
        f"{BASE}/answers": {"post": _create()},
        f"{BASE}/answers/{{answer_id}}": {
            "get": _read("getAnswer", "How far an answer is.", "Answer", [_row_in_path("answer_id")])
        },
    }


def _create() -> Schema:
    return {
        "operationId": "createAnswer",
        "summary": "Write an answer to some contributions.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _named("NewAnswer")}}},
        "responses": _responses(_reply("Written.", "Answer"), "201"),
    }


def _read(name: str, summary: str, schema: str, parameters: list[Schema] | None = None) -> Schema:
    return {
        "operationId": name,
        "summary": summary,
        "parameters": parameters or [],
        "responses": _responses(_reply(summary, schema)),
    }


def _responses(found: Schema, status: str = "200") -> Schema:
    wrong = {"$ref": "#/components/responses/Problem"}
    return {status: found, **dict.fromkeys(("400", "401", "403", "404", "409", "413", "415", "422", "429"), wrong)}


def _reply(description: str, schema: str, media_type: str = "application/json") -> Schema:
    return {"description": description, "content": {media_type: {"schema": _named(schema)}}}


def _named(schema: str) -> Schema:
    return {"$ref": f"#/components/schemas/{schema}"}


def _in_path(name: str) -> Schema:
    return path_parameter(name, {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 64})


def _row_in_path(name: str) -> Schema:
    return path_parameter(name, _ROW)


def _filters() -> list[Schema]:
    short = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[^\\u0000]*$"}
    return [
        {"name": "consultation", "in": "query", "schema": short, "description": "Its short name."},
        {"name": "channel", "in": "query", "schema": _one_of(Channel)},
        {"name": "moderation", "in": "query", "schema": _one_of(Moderation)},
        {"name": "theme", "in": "query", "schema": short, "description": "Its key."},
    ]


def _paging() -> list[Schema]:
    limit = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": USUAL_ROWS}
    return [
        {"name": "limit", "in": "query", "schema": limit},
        {"name": "before", "in": "query", "schema": _ROW, "description": "next_before of the page before."},
    ]


def _one_of(names: Any) -> Schema:
    return {"type": "string", "enum": [one.value for one in names]}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _schemas() -> Schema:
    consultation = object_schema(
        slug={"type": "string"},
        town={"type": "string"},
        languages={"type": "array", "items": {"type": "string"}},
        title=_WORDS,
        question=_WORDS,
        opens=_DAY,
        closes=_DAY,
        answer_by=_or_null(_DAY),
        themes={"type": "array", "items": object_schema(key={"type": "string"}, label=_WORDS)},
        projects={"type": "array", "items": object_schema(number=_NUMBER, label=_WORDS)},
    )
    consultation["properties"]["votes"] = _or_null({"type": "object", "additionalProperties": _NUMBER})
    return {
        "Consultation": consultation,
        "Consultations": object_schema(consultations={"type": "array", "items": _named("Consultation")}),
        "Ledger": object_schema(
            arrived=_NUMBER,
            counts={"type": "object", "properties": {one.value: _NUMBER for one in Bucket}},
            balanced={"type": "boolean"},
        ),
        "Contribution": object_schema(
            id=_NUMBER,
            reference={"type": "string"},
            consultation=_or_null({"type": "string"}),
            channel=_one_of(Channel),
            moderation=_one_of(Moderation),
            set_aside_reason=_or_null(_one_of(SetAsideReason)),
            text=_or_null({"type": "string"}),
            read_by_machine={"type": "boolean"},
            language=_or_null({"type": "string"}),
            themes={"type": "array", "items": {"type": "string"}},
            received_at=_MOMENT,
        ),
        "ContributionPage": object_schema(
            contributions={"type": "array", "items": _named("Contribution")}, next_before=_or_null(_NUMBER)
        ),
        "NewAnswer": _new_answer(),
        "Answer": _answer(),
        "Problem": object_schema(
            type={"type": "string"}, title={"type": "string"}, status=_NUMBER, detail={"type": "string"}
        ),
    }


def _new_answer() -> Schema:
    schema = NewAnswer.model_json_schema()
    schema.pop("$defs", None)
    schema["properties"]["words"]["additionalProperties"] = False
    schema["properties"]["outcome"] = _or_null(_one_of(Outcome))
    return schema


def _answer() -> Schema:
    schema = object_schema(
        id=_NUMBER,
        state=_one_of(AnswerState),
        general={"type": "boolean"},
        outcome=_or_null(_one_of(Outcome)),
        leaves_at=_or_null(_MOMENT),
    )
    schema["properties"]["to"] = _NUMBER
    return schema
