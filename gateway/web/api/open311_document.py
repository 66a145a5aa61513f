"""Open311 described for programs, and for what tries it: an OpenAPI 3.1 document, held against the routes by a test."""

from __future__ import annotations

import json

from flask import Blueprint, Response

from gateway.web.api.open311_pages import BASE, LONGEST_LIST, LONGEST_NOTES, LONGEST_PLACE, LONGEST_WORDS
from gateway.web.api.openapi_parts import Schema, object_schema, openapi_frame, path_parameter
from inbox.web.base.guard import open_to_all

pages = Blueprint("open311_document", __name__, url_prefix=BASE)

_TEXT: Schema = {"type": "string"}
_OR_NULL: Schema = {"type": ["string", "null"]}
_STATUS: Schema = {"type": "string", "enum": ["open", "closed"]}


@pages.get("/openapi.json")
@open_to_all
def document() -> Response:
    """The document."""
    return Response(json.dumps(open311_openapi(), indent=2) + "\n", mimetype="application/json")


def open311_openapi() -> Schema:
    """The document."""
    return openapi_frame(
        "Portevoix: Open311 GeoReport v2",
        "2",
        "Faults for the town's services: handed in, passed on, and what became of them.",
        _paths(),
        {
            "schemas": {
                "Errors": {"type": "array", "items": object_schema(code={"type": "integer"}, description=_TEXT)},
                "Requests": {"type": "array", "items": _request()},
            }
        },
    )


def _paths() -> Schema:
    requests = {"$ref": "#/components/schemas/Requests"}
    definition = object_schema(service_code=_TEXT, attributes={"type": "array"})
    created = _list(service_request_id=_TEXT, service_notice=_TEXT, account_id=_OR_NULL)
    found = _list(service_request_id=_TEXT, token=_TEXT)
    code = path_parameter("code", {"type": "string", "pattern": "^[a-z0-9-]{1,64}$"})
    number = path_parameter("number", {"type": "integer", "minimum": 1, "maximum": 999_999_999})
    token = path_parameter("token", {"type": "string", "pattern": "^[0-9]{9}$"})
    return {
        f"{BASE}/discovery.{{kind}}": {"get": _read("discover", {"type": "object"}, [], anybody=True)},
        f"{BASE}/services.{{kind}}": {"get": _read("listServices", _services(), [], anybody=True)},
        f"{BASE}/services/{{code}}.{{kind}}": {"get": _read("getServiceDefinition", definition, [code], anybody=True)},
        f"{BASE}/requests.{{kind}}": {
            "get": _read("listRequests", requests, _query()),
            "post": _write("createRequest", created, _new_request()),
        },
        f"{BASE}/requests/{{number}}.{{kind}}": {"get": _read("getRequest", requests, [number])},
        f"{BASE}/tokens/{{token}}.{{kind}}": {"get": _read("getRequestByToken", found, [token])},
        f"{BASE}/servicerequestupdates.{{kind}}": {
            "post": _write("createUpdate", _list(update_id=_TEXT), _new_update())
        },
    }


def _read(name: str, schema: Schema, parameters: list[Schema], *, anybody: bool = False) -> Schema:
    operation = {
        "operationId": name,
        "parameters": [*parameters, _kind()],
        "responses": _replies("200", schema),
    }
    return {**operation, "security": []} if anybody else operation


def _write(name: str, schema: Schema, body: Schema) -> Schema:
    return {
        "operationId": name,
        "parameters": [_kind()],
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": body}}},
        "responses": _replies("201", schema),
    }


def _replies(good: str, schema: Schema) -> Schema:
    errors = {"$ref": "#/components/schemas/Errors"}
    told = {status: _reply("What is wrong.", errors) for status in ("400", "403", "404", "409", "413", "429")}
    return {good: _reply("Found or done.", schema), **told}


def _reply(description: str, schema: Schema) -> Schema:
    xml: Schema = {"schema": {}}
    return {"description": description, "content": {"application/json": {"schema": schema}, "text/xml": xml}}


def _kind() -> Schema:
    return path_parameter("kind", {"type": "string", "enum": ["json", "xml"]})


def _query() -> list[Schema]:
    moment = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "maxLength": 0}]}
    listed = {"type": "string", "maxLength": LONGEST_LIST}
    states = {"type": "string", "pattern": "^((open|closed)(,(open|closed))?)?$"}
    schemas = {
        "service_request_id": listed,
        "service_code": listed,
        "start_date": moment,
        "end_date": moment,
        "status": states,
    }
    return [{"name": name, "in": "query", "schema": schema} for name, schema in schemas.items()]


def _new_request() -> Schema:
    properties: Schema = {
        "service_code": {**_TEXT, "minLength": 1},
        "description": {**_TEXT, "minLength": 1, "maxLength": LONGEST_WORDS},
        "address_string": {**_TEXT, "minLength": 1, "maxLength": LONGEST_PLACE},
        "lat": {"type": "number", "minimum": -90, "maximum": 90},
        "long": {"type": "number", "minimum": -180, "maximum": 180},
        "consultation": _TEXT,
    }
    return {"type": "object", "properties": properties, "required": ["service_code", "description", "address_string"]}


def _new_update() -> Schema:
    properties: Schema = {
        "service_request_id": {**_TEXT, "pattern": "^[0-9]{1,9}$"},
        "status": _STATUS,
        "description": {**_TEXT, "maxLength": LONGEST_NOTES},
    }
    return {"type": "object", "properties": properties, "required": ["service_request_id", "status"]}


def _services() -> Schema:
    kinds = dict.fromkeys(("service_code", "service_name", "description", "type", "keywords", "group"), _TEXT)
    return _list(**kinds, metadata={"type": "boolean"})


def _request() -> Schema:
    empty = ("status_notes", "service_name", "service_code", "agency_responsible", "service_notice")
    place = ("expected_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url")
    told = dict.fromkeys(("service_request_id", "description", "requested_datetime", "updated_datetime"), _TEXT)
    return object_schema(status=_STATUS, **told, **dict.fromkeys((*empty, *place), _OR_NULL))


def _list(**properties: Schema) -> Schema:
    return {"type": "array", "items": object_schema(**properties)}
