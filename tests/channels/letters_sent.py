"""Letters as mail of five programs: of what a resident wrote, every sentence has to stay in the text."""

from __future__ import annotations

import csv
import re
import textwrap
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from html import escape
from pathlib import Path

from channels.email.parse import Mail, parse_mail

GREETING = "Bonjour,"
SIGNATURE = "Cordialement,\nMaryse Le Goff"
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")


def as_is(text: str) -> str:
    """The text as it was written."""
    return text


def a_sentence_a_line(text: str) -> str:
    """Each sentence on a line of its own."""
    return "\n".join(one for line in text.splitlines() for one in _SENTENCE.split(line))


def wrapped(text: str) -> str:
    """Lines of at most 72 characters."""
    return "\n".join(
        textwrap.fill(line, 72, break_long_words=False) if line.strip() else "" for line in text.splitlines()
    )


SHAPES: dict[str, Callable[[str], str]] = {
    "as it is": as_is, "a sentence a line": a_sentence_a_line, "wrapped at 72": wrapped
}  # fmt: skip


def _head(subject: str = "Mon avis") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Maryse Le Goff <maryse@poste.example>"
    mail["To"] = "avis@ville.example"
    mail["Subject"] = subject
    mail["Message-ID"] = "<1@poste.example>"
    return mail


def _lines_as(tag: str, text: str) -> str:
    return "".join(f"<{tag}>{escape(line) or '<br>'}</{tag}>" for line in text.splitlines())


def by_gmail(text: str) -> bytes:
    """Both, the page in divs."""
    mail = _head()
    mail.set_content(text)
    mail.add_alternative(f'<div dir="ltr">{_lines_as("div", text)}</div>', subtype="html")
    return mail.as_bytes()


def by_outlook(text: str) -> bytes:
    """A page alone, in paragraphs of Word's."""
    mail = _head()
    lines = (
        _lines_as("p", text)
        .replace("<p>", '<p class="MsoNormal"><span style="color:#1F497D">')
        .replace("</p>", "</span></p>")
    )
    mail.set_content(f'<html><body lang="FR"><div class="WordSection1">{lines}</div></body></html>', subtype="html")
    return mail.as_bytes()


def by_thunderbird(text: str) -> bytes:
    """Flowed text (RFC 3676)."""
    stuffed = "\n".join(
        f" {line}" if line[:1] in (" ", ">") or line.startswith("From ") else line.rstrip()
        for line in text.splitlines()
    )
    mail = _head()
    mail.set_content(stuffed, cte="8bit")
    mail.set_param("format", "flowed")
    return mail.as_bytes()


def by_iphone(text: str) -> bytes:
    """Text alone, with what the telephone says of itself; in an answer to our receipt."""
    mail = _head("Re: Votre avis")
    mail["In-Reply-To"] = "<receipt.482915307@ville.example>"
    quoted = "> Le 12 mars 2026 à 10:11, Ville <avis@ville.example> a écrit :\n> \n> Votre message est bien arrivé."
    mail.set_content(f"{text}\n\nEnvoyé de mon iPhone\n\n{quoted}\n", cte="quoted-printable")
    return mail.as_bytes()


def by_webmail(text: str) -> bytes:
    """A page with line breaks and a footer, in an answer with the town's mail below a rule."""
    mail = _head("RE: Votre avis")
    said = {"De": "Ville &lt;avis@ville.example&gt;", "Envoyé": "lundi 2 mars 2026 10:12", "À": "moi", "Objet": "Avis"}
    head = "".join(f"<b>{label} :</b> {value}<br>" for label, value in said.items())
    lines = "<br>".join(escape(line) for line in text.splitlines())
    mail.set_content(f"<html><body><div>{lines}</div><hr>{head}<br>Votre avis ?</body></html>", subtype="html")
    return mail.as_bytes()


PROGRAMS: dict[str, Callable[[str], bytes]] = {
    "Gmail": by_gmail,
    "Outlook": by_outlook,
    "Thunderbird": by_thunderbird,
    "iPhone": by_iphone,
    "webmail": by_webmail,
}


# How some citizens sign: a closing and their name, which is no sentence.
_SIGNED = re.compile(r"(?:Très |Bien )?[Cc]ordialement,? (?:[A-ZÀ-Ý][\w'’-]{1,25} ?){1,3}")


def sentences(text: str) -> list[str]:
    """The sentences of a text, white space folded; what has no letter or digit says nothing, nor does a signature."""
    folded = (" ".join(one.split()) for one in _SENTENCE.split(text.replace("\xa0", " ")))
    return [one for one in folded if any(c.isalnum() for c in one) and not _SIGNED.fullmatch(one)]


LETTERS = [(shape, program, dressed) for shape in SHAPES for program in PROGRAMS for dressed in (False, True)]
"""In which shape, by which program, and whether between a greeting and a signature."""


def letter(text: str, shape: str, program: str, dressed: bool) -> bytes:
    """A text as one of the thirty letters."""
    shaped = SHAPES[shape](text)
    return PROGRAMS[program](f"{GREETING}\n\n{shaped}\n\n{SIGNATURE}" if dressed else shaped)


def gone(text: str, mail: Mail) -> list[str]:
    """The sentences that do not stand in what is taken for the text."""
    body = _squeezed(mail.body)
    return [one for one in sentences(text) if _squeezed(one) not in body]


def _squeezed(text: str) -> str:
    return "".join(
        c for c in text if not (c.isspace() or c in "\u00ad\u200b\u200e\u200f\u2060\ufeff" or "\u202a" <= c <= "\u202e")
    )


def losses(text: str, some: slice = slice(None)) -> Iterator[str]:
    """Every sentence of a text that left its letter unseen, in ``some`` of its thirty letters, and how."""
    for one_letter in LETTERS[some]:
        mail = parse_mail(letter(text, *one_letter))
        apart = " | ".join(f"{one.evidence}: {one.text[:80]}" for one in mail.aside)
        for one in gone(text, mail):
            yield f"{one_letter}: {one[:200]!r} ({apart})"


_COLUMNS = {
    "republique_numerique/propositions.csv": "body_text",
    "republique_numerique/arguments.csv": "text",
    "budget_participatif_paris/projets_laureats.csv": "titre_projet_gagnant",
    "en_talk_to_the_city/tw_500.csv": "comment",
    "en_talk_to_the_city/Talk-to-the-City-Sample.csv": "comment",
    "en_talk_to_the_city/test_hard_cases_22.csv": "comment",
    "en_talk_to_the_city/test_very_duplicates.csv": "comment",
}


def citizens_texts(corpus: Path) -> list[str]:
    """Every text of the corpus that a citizen wrote, in French and English."""
    csv.field_size_limit(10_000_000)
    found = []
    for name, column in _COLUMNS.items():
        with (corpus / "citizen_text" / name).open(encoding="utf-8", newline="") as file:
            found += [row[column] for row in csv.DictReader(file) if (row[column] or "").strip()]
    return found
