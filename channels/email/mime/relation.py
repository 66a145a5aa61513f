"""What a mail has to do with another, by its headers: it answers, it forwards, or neither."""

from __future__ import annotations

from email.message import Message

from channels.email.encoding.decode import header_text, message_ids
from channels.email.reply.evidence import ANSWER, Relation
from channels.email.reply.forwarding import relation_by_subject


def relation_of_mail(message: Message) -> Relation:
    """What the headers say; a text without any counts as an answer, for nothing says that it is none."""
    if not message.keys():
        return ANSWER
    said = relation_by_subject(header_text(message, "Subject"))
    cites = bool(message_ids(message, "In-Reply-To") or message_ids(message, "References"))
    return Relation(answers=said.answers or cites, forwards=said.forwards)
