"""A text message between its door and its step: what was understood, as JSON."""

from pydantic import TypeAdapter

from channels.base.values import IncomingText

_TEXT = TypeAdapter(IncomingText)


def dump_text_facts(text: IncomingText) -> bytes:
    """The text as JSON."""
    return _TEXT.dump_json(text, exclude_defaults=True)


def load_text_facts(facts: bytes) -> IncomingText:
    """The text that ``dump_text_facts`` wrote."""
    return _TEXT.validate_json(facts)
