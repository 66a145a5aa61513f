"""The REST API for the town's own tools, described by an OpenAPI document."""
