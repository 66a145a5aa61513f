"""The section about faults: which services mend them, and the program in which the town keeps its reports of them."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from config.settings.sections.section_base import Section

LONGEST_SERVICE = 64


def _service(name: str) -> str:
    if not re.search(r"\w", name) or len(name) > LONGEST_SERVICE or name != " ".join(name.split()):
        raise ValueError(f"a service has a name of at most {LONGEST_SERVICE} characters")
    return name


def _endpoint(url: str) -> str:
    if not url:
        return url
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        raise ValueError("write it like https://signalements.ville.example/open311/v2")
    return url.rstrip("/")


class Open311(Section):
    """Faults that residents report: who mends them, and where they are passed on by themselves (Open311)."""

    services: tuple[Annotated[str, AfterValidator(_service)], ...] = Field(
        default=(), description="The services that mend things, as moderators and programs choose from them."
    )
    url: Annotated[str, AfterValidator(_endpoint)] = Field(
        default="",
        description="The Open311 address of the town's fault-report system, without requests.json; none: not sent.",
    )
    api_key: SecretStr = Field(default=SecretStr(""), description="The key that system gave the town for it.")
    jurisdiction: str = Field(default="", max_length=64, description="Its jurisdiction_id, where it wants one.")
