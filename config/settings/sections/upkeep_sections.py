"""The sections about keeping a town's gateway well: backups, and who is told when something is wrong."""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from config.settings.sections.section_base import Section
from config.settings.sections.setting_types import MailAddress, TelephoneNumber


class Backups(Section):
    """Backups that are made from the pages, or by themselves at night."""

    folder: Path = Field(default=Path("backups"), description="The folder where backups are kept, outside data_dir.")
    every_days: int = Field(
        default=0, ge=0, le=365, description="After how many days a backup is made by itself, at night; 0: never."
    )
    keep: int = Field(default=3, ge=1, le=365, description="How many backups are kept; the oldest go first.")
    retire_keys_after_days: int = Field(
        default=35,
        ge=0,
        le=3650,
        description="How many days after its replacement a master key is destroyed, and with it every backup that was"
        " made under it becomes unreadable, also what was erased since; 0: never.",
    )
    renew_keys_every_days: int = Field(
        default=0,
        ge=0,
        le=365,
        description="After how many days a new master key is made by itself; 0: only by `portevoix keys rotate`. Set it"
        " only where copies of the keys folder are made by themselves: without the newest key, no newer backup opens.",
    )


class Monitoring(Section):
    """What programs that watch the machines are told."""

    token: SecretStr = Field(
        default=SecretStr(""),
        description="What Prometheus sends as its bearer token to read /metrics; empty: /metrics is not there.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="How logs are written: text for people, or json, an object a line, for programs."
    )
    traces_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s@]+)?$",
        description="Where OpenTelemetry traces go (OTLP over HTTP), like http://127.0.0.1:4318/v1/traces; empty: none"
        " are made. pip install portevoix[traces] first.",
    )
    traces_share: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Of which share of what comes in traces are sent; 0.01: one in a hundred.",
    )


class Pools(Section):
    """How many processes of one host read at once; a second one comes while things wait, and leaves afterwards."""

    pages_most: int = Field(
        default=1,
        ge=1,
        le=64,
        description="How many processes of this host read pages at most: one for each core it may take.",
    )
    speech_most: int = Field(
        default=1,
        ge=1,
        le=64,
        description="How many processes of this host listen to recordings at most; each loads engines of its own.",
    )
    oldest_seconds: int = Field(
        default=60,
        ge=5,
        le=86_400,
        description="How long the oldest that is due has to wait before one more comes.",
    )


class Alerts(Section):
    """Who is told when something is wrong, and from when on."""

    mails: tuple[MailAddress, ...] = Field(default=(), description="The e-mail addresses that are told.")
    phones: tuple[TelephoneNumber, ...] = Field(
        default=(), description="The telephone numbers that are told by text, like +33612345678."
    )
    answer_mails: tuple[MailAddress, ...] = Field(
        default=(),
        description="The e-mail addresses reminded before an answer that was promised is due; empty: mails.",
    )
    silent_minutes: int = Field(
        default=10, ge=2, le=1440, description="How long a part of the gateway may be silent before somebody is told."
    )
    free_mb: int = Field(
        default=2000, ge=100, le=1_000_000, description="How much of the data's disk must be free; less is told."
    )
    backup_days: int = Field(
        default=8, ge=0, le=365, description="How old the newest backup may be before somebody is told; 0: never told."
    )


class Webhooks(Section):
    """Whom the gateway may tell what happens; the addresses themselves are given on a page."""

    private_hosts: tuple[str, ...] = Field(
        default=(),
        description="Hosts of the town's own network that may be told, over http too; else public ones, over https.",
    )


def _own_machine(url: str) -> str:
    """An address on the town's own machine or network, or none: nothing of a draft leaves the house."""
    if not url:
        return url
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or parts.query or parts.fragment or parts.username:
        raise ValueError("write it like http://127.0.0.1:8000/v1")
    if host == "localhost":
        return url.rstrip("/")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise ValueError(f"{host} may be anywhere: write localhost, or the machine's own number") from None
    if not (address.is_loopback or address.is_private) or address.is_unspecified:
        raise ValueError(f"{host} is no address on the town's own machine or network")
    return url.rstrip("/")


class DraftModel(Section):
    """A language model on the town's own machine that may write a draft of a report; what it cannot prove is struck."""

    url: Annotated[str, AfterValidator(_own_machine)] = Field(
        default="",
        description="Its OpenAI-compatible address on your own machine, like http://127.0.0.1:8000/v1; empty: none, and"
        " nothing is ever sent.",
    )
    name: str = Field(default="", max_length=200, description="The model's name, as its server calls it.")
    seconds: int = Field(default=300, ge=5, le=3600, description="How long it may take for one draft.")
