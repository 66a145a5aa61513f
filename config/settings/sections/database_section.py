"""The section about a large PostgreSQL installation: its addresses beside ``database_url``."""

from typing import Annotated

from pydantic import AfterValidator, Field

from config.settings.sections.section_base import Section


def _server(value: str) -> str:
    if value and not value.startswith(("postgresql://", "postgresql+psycopg://")):
        raise ValueError("is no PostgreSQL database; write it like postgresql+psycopg://host/name")
    return value


ServerUrl = Annotated[str, AfterValidator(_server)]


class Database(Section):
    """Further addresses of the database, where it is a PostgreSQL server."""

    direct_url: ServerUrl = Field(
        default="",
        repr=False,
        description="The database past the pooler, where database_url leads through one that lends connections for a"
        " transaction, such as pgbouncer; empty: there is none in between.",
        json_schema_extra={"secret": True},
    )
    replica_url: ServerUrl = Field(
        default="",
        repr=False,
        description="A server that follows the database: pages and exports are read there, and what somebody has just"
        " written, or while it is away or too late, from the database itself; empty: there is none.",
        json_schema_extra={"secret": True},
    )
    replica_seconds: float = Field(
        default=5, ge=1, le=3600, description="How many seconds old what is read from replica_url may be."
    )
