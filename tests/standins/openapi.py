"""The provider's own OpenAPI description as a referee: what may be asked, and what an answer looks like.

Knows as much of JSON Schema as that description uses. Dates are asked with ``DateSent<`` and ``DateSent>``
there; a recording's sound and a picture are other forms of their resource, told apart by the ending.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

_SOUND_OR_PICTURE = re.compile(r"(/Recordings/RE\w{32})\.wav$|(/Media/ME\w{32})$")


class Description:
    """An OpenAPI file."""

    def __init__(self, file: Path) -> None:
        self.content = json.loads(file.read_text(encoding="utf-8"))
        self._paths = [
            (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), path) for path in self.content["paths"]
        ]

    def problems(self, answer: requests.Response) -> list[str]:
        """What neither the request nor the answer to it may be; nothing where both are as described."""
        request = answer.request
        method, parts = (request.method or "").lower(), urlsplit(request.url or "")
        path = _SOUND_OR_PICTURE.sub(lambda found: f"{found[1] or found[2]}.json", parts.path)
        template = next((name for form, name in self._paths if form.fullmatch(path)), "")
        operation = self.content["paths"].get(template, {}).get(method)
        if operation is None:
            return [f"{method} {path} is not described"]
        asked = parse_qsl(parts.query, keep_blank_values=True)
        found = [*self._path(template, path, operation), *self._query(operation, asked)]
        if method == "post":
            found += self._form(operation, request.body)
        return [f"{method} {template}: {one}" for one in (*found, *self._answer(operation, path, parts.path, answer))]

    def fields(self, template: str, name: str) -> set[str]:
        """The fields of an entry of the list ``name`` that a path gives."""
        schema = self.content["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        entry = schema["properties"][name]["items"]["$ref"].rpartition("/")[2]
        return set(self.content["components"]["schemas"][entry]["properties"])

    def _path(self, template: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
        names = re.findall(r"\{(\w+)\}", template)
        values = re.fullmatch(re.sub(r"\\\{\w+\\\}", "([^/]+?)", re.escape(template)), path)
        assert values is not None
        described = {one["name"]: one["schema"] for one in self._parameters(template, operation) if one["in"] == "path"}
        for name, value in zip(names, values.groups(), strict=True):
            yield from self._check(described[name], value, name)

    def _parameters(self, template: str, operation: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [*self.content["paths"][template].get("parameters", []), *operation.get("parameters", [])]

    def _query(self, operation: Mapping[str, Any], asked: Iterable[tuple[str, str]]) -> Iterator[str]:
        described = {one["name"]: one["schema"] for one in operation.get("parameters", []) if one["in"] == "query"}
        for name, value in asked:
            if name not in described:
                yield f"there is no parameter {name}"
            else:
                yield from self._check(described[name], _as(described[name], value), name)

    def _form(self, operation: Mapping[str, Any], body: object) -> Iterator[str]:
        schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
        text = body.decode() if isinstance(body, bytes) else str(body or "")
        form = dict(parse_qsl(text, keep_blank_values=True))
        for name in schema.get("required", []):
            if name not in form:
                yield f"{name} is missing"
        for name, value in form.items():
            if name not in schema["properties"]:
                yield f"there is no field {name}"
            else:
                yield from self._check(schema["properties"][name], _as(schema["properties"][name], value), name)

    def _answer(self, operation: Mapping[str, Any], path: str, asked: str, answer: requests.Response) -> Iterator[str]:
        if answer.status_code >= 300:
            return
        described = operation["responses"].get(str(answer.status_code))
        if described is None:
            yield f"answers {answer.status_code}, which is not described"
        elif path == asked and answer.content:
            yield from self._check(described["content"]["application/json"]["schema"], answer.json(), "answer")

    def _check(self, schema: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
        if "$ref" in schema:
            schema = self.content["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if value is None:
            if not schema.get("nullable") and "type" in schema:
                yield f"{where} is null"
        elif not _is(schema.get("type"), value):
            yield f"{where} is {value!r}, not {schema['type']}"
        elif "enum" in schema and value not in schema["enum"]:
            yield f"{where} is {value!r}, not one of {schema['enum']}"
        elif isinstance(value, str):
            yield from _check_text(schema, value, where)
        else:
            yield from self._check_inside(schema, value, where)

    def _check_inside(self, schema: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
        if isinstance(value, list):
            for one in value:
                yield from self._check(schema["items"], one, f"{where}[]")
        elif isinstance(value, dict) and "properties" in schema:
            for name, inner in value.items():
                if name not in schema["properties"]:
                    yield f"{where}.{name} is not described"
                else:
                    yield from self._check(schema["properties"][name], inner, f"{where}.{name}")


def _as(schema: Mapping[str, Any], value: str) -> Any:
    """A parameter's value, which travels as text."""
    return int(value) if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", value) else value


def _is(kind: str | None, value: Any) -> bool:
    kinds: dict[str | None, type | tuple[type, ...]] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "array": list,
        "object": dict,
    }
    return kind is None or isinstance(value, kinds[kind])


def _check_text(schema: Mapping[str, Any], value: str, where: str) -> Iterator[str]:
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{where} is {value!r}, not like {schema['pattern']}"
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield f"{where} has {len(value)} characters"
    try:
        match schema.get("format"):
            case "date-time-rfc-2822":
                parsedate_to_datetime(value)
            case "date":
                date.fromisoformat(value)
            case "date-time":
                date.fromisoformat(value[:10])
            case "uri":
                assert value.startswith(("https://", "http://", "/"))
    except (ValueError, AssertionError):
        yield f"{where} is {value!r}, no {schema['format']}"
