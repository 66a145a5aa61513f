"""What of a mail is sealed or packed: encrypted, signed, or in a form that only its own program opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message

from channels.email.mime.problems import MailProblem

_ENCRYPTED = ("multipart/encrypted", "application/pgp-encrypted")
_SMIME = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_OUTLOOK = ("application/ms-tnef", "application/vnd.ms-tnef")
# A text signed in the open (RFC 9580 §7): headers, an empty line, the text with its dashes escaped, the signature.
_IN_THE_OPEN = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Za-z-]{1,40}: [^\n]{0,200}\n){0,10}[ \t]*\n"
    r"(?P<text>.*?)(?:^-----BEGIN PGP SIGNATURE-----.*?(?:^-----END PGP SIGNATURE-----[^\n]*\n?|\Z)|\Z)",
    re.MULTILINE | re.DOTALL,
)


def encryption_of_part(message: Message, kind: str) -> Iterator[MailProblem]:
    """What a part of this content type hides or vouches for."""
    if kind in _OUTLOOK:
        yield MailProblem.PACKED
    if kind in _ENCRYPTED:
        yield MailProblem.ENCRYPTED
    if kind in _SMIME:
        # RFC 8551 §3.2.2: without a type it is most often encrypted.
        yield (
            MailProblem.PACKED
            if "sign" in str(message.get_param("smime-type") or "enveloped")
            else MailProblem.ENCRYPTED
        )
    if kind == "multipart/signed":
        yield MailProblem.SIGNED


def strip_pgp_armour(text: str) -> tuple[str, list[MailProblem]]:
    """A text without the armour of PGP, where what it says stands in the open; and what was there."""
    problems = [MailProblem.ENCRYPTED] if "-----BEGIN PGP MESSAGE-----" in text else []
    opened, times = _IN_THE_OPEN.subn(
        lambda found: re.sub(r"^- ", "", found["text"], flags=re.MULTILINE), text, count=5
    )
    return opened, problems + ([MailProblem.SIGNED] if times else [])
