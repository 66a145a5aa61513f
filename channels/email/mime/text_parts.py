"""A part of a message that is text: decoded, laid out, without the files and the armour that stand in it."""

from __future__ import annotations

from email.errors import (
    InvalidBase64CharactersDefect,
    InvalidBase64LengthDefect,
    InvalidBase64PaddingDefect,
)
from email.message import Message

from channels.email.encoding.broken_base64 import decode_broken_base64
from channels.email.encoding.decode import join_flowed_lines, to_raw_text, to_text
from channels.email.encoding.uuencoded import extract_uuencoded_files, has_unpacked_file
from channels.email.html.data_urls import extract_embedded_files
from channels.email.html.html_text import html_to_text
from channels.email.mime.contents import MailContents
from channels.email.mime.encryption_markers import strip_pgp_armour
from channels.email.mime.mail_files import Attachment, clean_name, decoded_payload, parameter_of
from channels.email.mime.mislabelled import is_binary, looks_mislabelled
from channels.email.mime.problems import MailProblem
from channels.email.patterns.markers import strip_markers

_BROKEN_CODE = (InvalidBase64CharactersDefect, InvalidBase64LengthDefect, InvalidBase64PaddingDefect)
_LONGEST_TEXT = 1_000_000
_MOST_ASKED = 20
"""Parts called text of which it is asked whether they are."""


def collect_text_part(message: Message, kind: str, found: MailContents) -> bool:
    """Take a part of this content type as text to be read; False where it is a file that is only called so."""
    raw = _bytes_of(message)
    charset = parameter_of(message, "charset")
    if _is_misnamed(raw, charset, found):
        return False
    if kind == "text/plain":
        raw = _without_files(raw, found)
    text, guessed = to_text(raw, charset)
    if guessed:
        found.note(MailProblem.CHARSET)
    if kind != "text/plain":
        text, pictures = extract_embedded_files(text)
        found.attachments += [Attachment("", of_type, file, inline=True) for of_type, file in pictures]
    if len(text) > _LONGEST_TEXT:
        found.note(MailProblem.CUT)
        text = text[:_LONGEST_TEXT]
    if kind != "text/plain":
        text, is_laid_out = html_to_text(text)
        if not is_laid_out:
            found.note(MailProblem.NOT_LAID_OUT)
        text = _without_files(text.encode("utf-8", "surrogateescape"), found).decode("utf-8", "surrogateescape")
    else:
        text = strip_markers(text)
        if (parameter_of(message, "format") or "").lower() == "flowed":
            text = join_flowed_lines(text, delete_space=(parameter_of(message, "delsp") or "").lower() == "yes")
    text, seals = strip_pgp_armour(text)
    found.problems |= dict.fromkeys(seals)
    found.texts.append(text)
    return True


def _bytes_of(message: Message) -> bytes:
    raw = decoded_payload(message)
    is_broken = any(isinstance(one, _BROKEN_CODE) for one in message.defects)
    code = message.get_payload() if is_broken else None
    return decode_broken_base64(code) if isinstance(code, str) else raw


def _without_files(raw: bytes, found: MailContents) -> bytes:
    """A text without the files that stand in it as lines of code; of packed ones nobody unpacks it is noted."""
    rest, files = extract_uuencoded_files(raw)
    found.attachments += [Attachment(clean_name(name), "application/octet-stream", file) for name, file in files]
    if has_unpacked_file(rest):
        found.note(MailProblem.PACKED)
    return rest


def _is_misnamed(raw: bytes, charset: str | None, found: MailContents) -> bool:
    """Whether what is called a text is a file of some program's."""
    text, _ = to_raw_text(raw, charset)
    if not looks_mislabelled(text) or found.asked >= _MOST_ASKED:
        return False
    found.asked += 1
    return found.is_file(raw) or is_binary(text)
