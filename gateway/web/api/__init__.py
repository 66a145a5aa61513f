"""The REST API for the town's own tools, described by an OpenAPI document, and Open311 for reports of faults."""
