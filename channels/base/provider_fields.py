"""The shape of a provider of text messages: names of fields, and the few oddities that need code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from channels.base.values import Fields


@dataclass(frozen=True)
class TextProvider:
    """What a provider calls the fields of a text message; what it does not have is an empty name.

    ``{}`` in a name is the picture's number, from 0.
    """

    identity: Callable[[Fields], tuple[str, str]]
    """Account and message, checked against their forms; ``Refused`` when they do not fit."""
    sender: str
    receiver: str
    body: str
    needed: tuple[str, ...]
    """Fields without which it is no text message."""
    pictures: str = ""
    picture_url: str = ""
    picture_type: str = ""
    service: str = ""
    keyword: str = ""
    """The field that says that the provider has answered a keyword itself."""
    sent_at: str = ""
    """The field with the time (ISO 8601) at which the text came in, where webhooks can be late."""
    kept_back: Callable[[Fields], bool] = lambda _posted: False
    """Whether it has pictures that cannot be fetched: a person has to look at the telephone."""
    subject: str = ""
    """The field with the words that stand above a picture message."""
