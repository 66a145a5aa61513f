"""A part of a message that is text: decoded, laid out, without the files and the armour that stand in it."""

from __future__ import annotations

from email.errors import (
    InvalidBase64CharactersDefect,
    InvalidBase64LengthDefect,
    InvalidBase64PaddingDefect,
)
from email.message import Message

from channels.email.encoding.broken_base64 import mended
from channels.email.encoding.decode import to_text, uncleaned, unflow
from channels.email.encoding.uuencoded import holds_packed, take_files_out
from channels.email.html.data_urls import take_embedded_out
from channels.email.html.html_text import html_to_text
from channels.email.mime.contents import Contents
from channels.email.mime.encryption_markers import unsealed
from channels.email.mime.mail_files import Attachment, clean_name, parameter_of, payload_of
from channels.email.mime.mislabelled import is_binary, is_suspect
from channels.email.mime.problems import Problem
from channels.email.patterns.markers import without_signs

_BROKEN_CODE = (InvalidBase64CharactersDefect, InvalidBase64LengthDefect, InvalidBase64PaddingDefect)
_LONGEST_TEXT = 1_000_000
_MOST_ASKED = 20
"""Parts called text of which it is asked whether they are."""


def take_text(message: Message, kind: str, found: Contents) -> bool:
    """Take a part of this content type as text to be read; False where it is a file that is only called so."""
    raw = _bytes_of(message)
    charset = parameter_of(message, "charset")
    if _is_misnamed(raw, charset, found):
        return False
    if kind == "text/plain":
        raw = _without_files(raw, found)
    text, guessed = to_text(raw, charset)
    if guessed:
        found.note(Problem.CHARSET)
    if kind != "text/plain":
        text, pictures = take_embedded_out(text)
        found.attachments += [Attachment("", of_type, file, inline=True) for of_type, file in pictures]
    if len(text) > _LONGEST_TEXT:
        found.note(Problem.CUT)
        text = text[:_LONGEST_TEXT]
    if kind != "text/plain":
        text, is_laid_out = html_to_text(text)
        if not is_laid_out:
            found.note(Problem.NOT_LAID_OUT)
        text = _without_files(text.encode("utf-8", "surrogateescape"), found).decode("utf-8", "surrogateescape")
    else:
        text = without_signs(text)
        if (parameter_of(message, "format") or "").lower() == "flowed":
            text = unflow(text, delete_space=(parameter_of(message, "delsp") or "").lower() == "yes")
    text, seals = unsealed(text)
    found.problems |= dict.fromkeys(seals)
    found.texts.append(text)
    return True


def _bytes_of(message: Message) -> bytes:
    raw = payload_of(message)
    is_broken = any(isinstance(one, _BROKEN_CODE) for one in message.defects)
    code = message.get_payload() if is_broken else None
    return mended(code) if isinstance(code, str) else raw


def _without_files(raw: bytes, found: Contents) -> bytes:
    """A text without the files that stand in it as lines of code; of packed ones nobody unpacks it is noted."""
    rest, files = take_files_out(raw)
    found.attachments += [Attachment(clean_name(name), "application/octet-stream", file) for name, file in files]
    if holds_packed(rest):
        found.note(Problem.PACKED)
    return rest


def _is_misnamed(raw: bytes, charset: str | None, found: Contents) -> bool:
    """Whether what is called a text is a file of some program's."""
    text, _ = uncleaned(raw, charset)
    if not is_suspect(text) or found.asked >= _MOST_ASKED:
        return False
    found.asked += 1
    return found.is_file(raw) or is_binary(text)
