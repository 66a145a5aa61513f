"""The sections ``[web]`` and ``[fallback]``: the web server, and the door that keeps webhooks while it cannot."""

from pydantic import Field

from config.settings.sections.section_base import Section
from config.settings.sections.setting_types import FallbackUrl, Port


class Web(Section):
    """The web server for moderators, centres, officials and the providers' webhooks."""

    host: str = Field(default="127.0.0.1", description="The address the web server listens on.")
    port: Port = Field(default=8080, description="The port the web server listens on.")
    doors_port: int = Field(default=0, ge=0, le=65535, description="A port for webhooks alone; 0: that of the pages.")
    threads: int = Field(
        default=8,
        ge=1,
        le=128,
        description="How many pages the web server answers at the same time, and twice as many webhooks beside them.",
    )
    secure_cookies: bool = Field(
        default=False,
        description="Whether the sign-in cookie is sent over https only.",
        json_schema_extra={"shown": "true when public_url is https"},
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=5,
        description="How many proxies stand in front and add X-Forwarded-For; 0 believes nobody.",
    )
    lookups_per_hour: int = Field(
        default=30,
        ge=1,
        le=10_000,
        description="How many references one address may ask about on the page /suivi within an hour.",
    )
    missed_lookups_per_hour: int = Field(
        default=600,
        ge=1,
        le=100_000,
        description="How many numbers that lead nowhere all addresses together may ask about in an hour.",
    )


class Fallback(Section):
    """The fallback door: a small process of its own that keeps webhooks while the gateway cannot."""

    public_url: FallbackUrl = Field(
        default="",
        description="The address under which the provider reaches the fallback door; empty means there is none.",
    )
    host: str = Field(default="127.0.0.1", description="The address the fallback door listens on.")
    port: Port = Field(default=8081, description="The port the fallback door listens on.")
    starts_with_gateway: bool = Field(
        default=True,
        description="Whether “portevoix up” starts the fallback door too; false where it is a service of its own.",
    )
