"""What a provider's ``contract_case`` module hands over: its outside world running, and how a text comes in by it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from channels.base.provider_requests import HookRequest

RESIDENT = "+33639980006"


@dataclass
class Outside:
    """A provider's outside world, and the section of the settings that knows it."""

    section: Any
    sent: Callable[[], list[tuple[str, str]]]
    """Number and words of every text that was handed over."""
    secrets: tuple[str, ...] = ()
    """What must not be seen anywhere."""
    unreachable: dict[str, object] = field(default_factory=dict)
    """The settings of one that cannot be reached."""
    request: Callable[[str], HookRequest] | None = None
    """Of a provider that pushes: the proven request that brings these words from the resident."""
    signed: Callable[[bytes], HookRequest] | None = None
    """A proven request with this body, whatever it is."""
    forged: Callable[[HookRequest], dict[str, HookRequest]] = lambda _request: {}
    """What a forger makes of a proven request, by what was changed."""
    bring: Callable[[str], None] = lambda _words: None
    """Of a provider that is polled: have these words from the resident wait there."""
    bring_junk: Callable[[], None] = lambda: None
    """Have something wait there that is no text."""


def outside_of(name: str) -> Callable[[Path], AbstractContextManager[Outside]]:
    """The ``outside`` of the provider of this name."""
    module = import_module(f"tests.channels.providers.{name}.contract_case")
    return cast(Callable[[Path], AbstractContextManager[Outside]], module.outside)
