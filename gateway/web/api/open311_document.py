"""Open311 described for programs, and for what tries it: an OpenAPI 3.1 document, held against the routes by a test."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response

from gateway.web.api.open311_pages import BASE, LONGEST_LIST, LONGEST_NOTES, LONGEST_PLACE, LONGEST_WORDS
from inbox.web.base.guard import open_to_all

pages = Blueprint("open311_document", __name__, url_prefix=BASE)

_Schema = dict[str, Any]
_TEXT: _Schema = {"type": "string"}
_OR_NULL: _Schema = {"type": ["string", "null"]}
_STATUS: _Schema = {"type": "string", "enum": ["open", "closed"]}


@pages.get("/openapi.json")
@open_to_all
def document() -> Response:
    """The document."""
    return Response(json.dumps(open311_openapi(), indent=2) + "\n", mimetype="application/json")


def open311_openapi() -> _Schema:
    """The document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Portevoix: Open311 GeoReport v2",
            "version": "2",
            "description": "Faults for the town's services: handed in, passed on, and what became of them.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Errors": {"type": "array", "items": _object(code={"type": "integer"}, description=_TEXT)},
                "Requests": {"type": "array", "items": _request()},
            },
        },
    }


def _paths() -> _Schema:
    requests = {"$ref": "#/components/schemas/Requests"}
    definition = _object(service_code=_TEXT, attributes={"type": "array"})
    created = _list(service_request_id=_TEXT, service_notice=_TEXT, account_id=_OR_NULL)
    found = _list(service_request_id=_TEXT, token=_TEXT)
    named = {"in": "path", "required": True, "schema": {"type": "string", "pattern": "^[a-z0-9-]{1,64}$"}}
    number = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
    return {
        f"{BASE}/discovery.{{kind}}": {"get": _read("discover", {"type": "object"}, [], anybody=True)},
        f"{BASE}/services.{{kind}}": {"get": _read("listServices", _services(), [], anybody=True)},
        f"{BASE}/services/{{code}}.{{kind}}": {
            "get": _read("getServiceDefinition", definition, [{"name": "code", **named}], anybody=True)
        },
        f"{BASE}/requests.{{kind}}": {
            "get": _read("listRequests", requests, _query()),
            "post": _write("createRequest", created, _new_request()),
        },
        f"{BASE}/requests/{{number}}.{{kind}}": {"get": _read("getRequest", requests, [_in_path("number", number)])},
        f"{BASE}/tokens/{{token}}.{{kind}}": {
            "get": _read("getRequestByToken", found, [_in_path("token", {"type": "string", "pattern": "^[0-9]{9}$"})])
        },
        f"{BASE}/servicerequestupdates.{{kind}}": {
            "post": _write("createUpdate", _list(update_id=_TEXT), _new_update())
        },
    }


def _read(name: str, schema: _Schema, parameters: list[_Schema], *, anybody: bool = False) -> _Schema:
    operation = {
        "operationId": name,
        "parameters": [*parameters, _kind()],
        "responses": _replies("200", schema),
    }
    return {**operation, "security": []} if anybody else operation


def _write(name: str, schema: _Schema, body: _Schema) -> _Schema:
    return {
        "operationId": name,
        "parameters": [_kind()],
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": body}}},
        "responses": _replies("201", schema),
    }


def _replies(good: str, schema: _Schema) -> _Schema:
    errors = {"$ref": "#/components/schemas/Errors"}
    told = {status: _reply("What is wrong.", errors) for status in ("400", "403", "404", "409", "413", "429")}
    return {good: _reply("Found or done.", schema), **told}


def _reply(description: str, schema: _Schema) -> _Schema:
    xml: _Schema = {"schema": {}}
    return {"description": description, "content": {"application/json": {"schema": schema}, "text/xml": xml}}


def _kind() -> _Schema:
    return _in_path("kind", {"type": "string", "enum": ["json", "xml"]})


def _in_path(name: str, schema: _Schema) -> _Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query() -> list[_Schema]:
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


def _new_request() -> _Schema:
    properties: _Schema = {
        "service_code": {**_TEXT, "minLength": 1},
        "description": {**_TEXT, "minLength": 1, "maxLength": LONGEST_WORDS},
        "address_string": {**_TEXT, "minLength": 1, "maxLength": LONGEST_PLACE},
        "lat": {"type": "number", "minimum": -90, "maximum": 90},
        "long": {"type": "number", "minimum": -180, "maximum": 180},
        "consultation": _TEXT,
    }
    return {"type": "object", "properties": properties, "required": ["service_code", "description", "address_string"]}


def _new_update() -> _Schema:
    properties: _Schema = {
        "service_request_id": {**_TEXT, "pattern": "^[0-9]{1,9}$"},
        "status": _STATUS,
        "description": {**_TEXT, "maxLength": LONGEST_NOTES},
    }
    return {"type": "object", "properties": properties, "required": ["service_request_id", "status"]}


def _services() -> _Schema:
    kinds = dict.fromkeys(("service_code", "service_name", "description", "type", "keywords", "group"), _TEXT)
    return _list(**kinds, metadata={"type": "boolean"})


def _request() -> _Schema:
    empty = ("status_notes", "service_name", "service_code", "agency_responsible", "service_notice")
    place = ("expected_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url")
    told = dict.fromkeys(("service_request_id", "description", "requested_datetime", "updated_datetime"), _TEXT)
    return _object(status=_STATUS, **told, **dict.fromkeys((*empty, *place), _OR_NULL))


def _list(**properties: _Schema) -> _Schema:
    return {"type": "array", "items": _object(**properties)}


def _object(**properties: _Schema) -> _Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
