"""The providers by their declared names, and which of them does what under given settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import cast

from channels.base.provider import PolledTexts, Provider, PushedTexts, SmsProvider
from channels.base.provider_fields import TextProvider
from channels.base.voice_provider import VoiceProvider
from config.settings.loader import Settings
from config.settings.providers import PACKAGE, PROVIDERS

Made = Callable[[Settings], Provider]


@cache
def provider_class(name: str) -> Made:
    """What makes the provider of this name from the settings; raises ``ModuleNotFoundError`` for an unknown one."""
    return cast(Made, import_module(f"{PACKAGE}.{name}.provider").PROVIDER)


def providers(settings: Settings) -> list[SmsProvider]:
    """Every provider, in the registry's order."""
    return [cast(SmsProvider, provider_class(name)(settings)) for name in PROVIDERS]


def text_sender(settings: Settings) -> SmsProvider:
    """The provider that sends our texts: the first that can, else the first, which says what it lacks."""
    every = providers(settings)
    return next((one for one in every if one.sends), every[0])


def call_provider(settings: Settings) -> VoiceProvider:
    """The provider whose calls are answered."""
    (name,) = (name for name in PROVIDERS if hasattr(provider_class(name), "parse_call"))
    return cast(VoiceProvider, provider_class(name)(settings))


def provider_at_hook(hook: str, settings: Settings) -> PushedTexts:
    """The provider whose requests come in at this hook; raises ``KeyError``."""
    return cast(PushedTexts, provider_class(_hooks()[hook])(settings))


def provider_hooks() -> tuple[str, ...]:
    """The hooks of every provider that sends requests, in the registry's order."""
    return tuple(_hooks())


@cache
def _hooks() -> dict[str, str]:
    found = ((getattr(provider_class(name), "hook", None), name) for name in PROVIDERS)
    return {hook: name for hook, name in found if hook}


def polled_providers(settings: Settings) -> list[PolledTexts]:
    """The providers that are set and have to be asked."""
    asked = [one for one in providers(settings) if hasattr(type(one), "waiting") and one.configured]
    return [cast(PolledTexts, one) for one in asked]


def text_fields_at(hook: str) -> TextProvider:
    """What the provider at this hook calls the fields of a text."""
    return cast(TextProvider, provider_class(_hooks()[hook]).texts)  # type: ignore[attr-defined]
