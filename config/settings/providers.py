"""The registry of providers: one line each, by the name of its folder in ``channels/providers``.

A provider's ``section`` module declares what can be set for it, its ``provider`` module what it can do. The order
says which one sends where several could.
"""

from importlib import import_module
from typing import Any

from pydantic import Field

from config.settings.page_fields import PageGroup

PROVIDERS = (
    "twilio",
    "android",
    "gammu",
)

PACKAGE = "channels.providers"


def provider_pages() -> dict[str, PageGroup]:
    """How the providers' settings are called on the page where they are set, by section."""
    every = (import_module(f"{PACKAGE}.{name}.section") for name in PROVIDERS)
    return {declared.SECTION_NAME: declared.PAGE for declared in every}


def provider_sections() -> dict[str, Any]:
    """The settings sections that the providers declare: name -> (model, field)."""
    found: dict[str, Any] = {}
    for name in PROVIDERS:
        declared = import_module(f"{PACKAGE}.{name}.section")
        section = declared.SECTION
        found[declared.SECTION_NAME] = (section, Field(default=section(), description=declared.DESCRIPTION))
    return found
