"""The page docs/providers.md: every provider of the registry, as it declares itself."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files
from typing import Any

from channels.providers.registry import provider_class
from config.settings.providers import PACKAGE, PROVIDERS

_HEAD = """\
# Providers

Who carries text messages and calls, made from what each folder of `channels/providers/` declares. Several can be set at
once: texts come in by all of them, and go out by the first that can send, in this order. [How to add
one](adding-a-provider.md)."""


def providers_page() -> str:
    """Every provider with how it brings texts, what it carries, what it needs, and its own page, as Markdown."""
    lines = [
        _HEAD,
        "",
        "| provider | what it is | brings texts by | carries | needs |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [f"| {' | '.join(_cells(name))} |" for name in PROVIDERS]
    return "\n".join(lines) + "\n"


def _cells(name: str) -> Iterator[str]:
    declared, made = import_module(f"{PACKAGE}.{name}.section"), provider_class(name)
    yield f"[{name}]({name}.md), `[{declared.SECTION_NAME}]`"
    yield declared.DESCRIPTION.removesuffix(".")
    hook = getattr(made, "hook", "")
    yield f"signed requests to `/hooks/{hook}`" if hook else "being asked again and again"
    yield "texts and calls" if hasattr(made, "parse_call") else "texts"
    yield ", ".join(f"`{one}`" for one in _needed(packages_of(name))) or "nothing"


def packages_of(name: str) -> dict[str, Any]:
    """What a provider's ``packages.toml`` declares: ``apt``, a list of tables, and ``python``, requirements."""
    declared = files(f"{PACKAGE}.{name}").joinpath("packages.toml").read_text(encoding="utf-8")
    return tomllib.loads(declared)


def _needed(declared: dict[str, Any]) -> list[str]:
    return [*(one["package"] for one in declared.get("apt", [])), *declared.get("python", [])]
