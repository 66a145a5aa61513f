"""What the OpenAPI documents of the programs' interfaces share: their frame, and how objects and paths are written."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
"""A part of an OpenAPI 3.1 document."""


def openapi_frame(title: str, version: str, description: str, paths: Schema, components: Schema) -> Schema:
    """A document; who asks shows a token in the header, where an operation does not say otherwise."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": version,
            "description": description,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}, **components},
    }


def object_schema(**properties: Schema) -> Schema:
    """An object that has all of these properties, and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def path_parameter(name: str, schema: Schema) -> Schema:
    """A part of an address."""
    return {"name": name, "in": "path", "required": True, "schema": schema}
