"""E-mails as mail programs write them: an answer above the thread it quotes, a photo attached."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from tests.demo.samples import Mail
from tests.demo.sheets import photographed


def letter(mail: Mail, sender: str, to: str, now: datetime | None = None) -> EmailMessage:
    """The message of a sample, from one address to another."""
    message = EmailMessage()
    message["From"] = f"{mail.sender} <{sender}>"
    message["To"] = to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now or datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
    message.set_content(_body(mail, to))
    if mail.photo is not None:
        picture = photographed(mail.photo, mail.name)
        message.add_attachment(picture, maintype="image", subtype="jpeg", filename="IMG_2041.jpg")
    return message


def _body(mail: Mail, to: str) -> str:
    if not mail.quotes.strip():
        return mail.says + "\n"
    quoted = "".join(f"> {line}\n" for line in mail.quotes.strip().splitlines())
    return f"{mail.says}\n\nLe lun. 2 mars 2026 à 09:12, La mairie <{to}> a écrit :\n\n{quoted}"
