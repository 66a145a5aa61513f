"""A mail as parts: what was written, what was set apart, its files; or the scans that a copier sent."""

from __future__ import annotations

from pathlib import Path

from channels.email.copier import scans_in_copier_mail
from channels.email.doubts import parsing_doubts
from channels.email.parse import Mail, MailProblem
from channels.email.replied_to import receipt_answered
from channels.email.reply.evidence import Relation
from channels.email.reply.forwarding import relation_by_subject
from config.enums import Channel
from gateway.intake.new_parts import QUOTES_MORE, NewPart, Passage, SetApart
from gateway.reading import attachments
from gateway.reading.attachments import SortedFiles, sort_files, write_attachment
from transcription.documents.document_text import DocumentLimits

WORTH_A_LOOK = {
    MailProblem.BROKEN,
    MailProblem.CHARSET,
    MailProblem.ENCRYPTED,
    MailProblem.PACKED,
    MailProblem.ONLY_QUOTED,
    MailProblem.CUT,
    MailProblem.NOT_LAID_OUT,
    MailProblem.MANY_PARTS,
    MailProblem.TOO_LARGE,
    MailProblem.LEFT_BEHIND,
    MailProblem.MORE_APART,
    MailProblem.ONLY_GREETING,
    MailProblem.STANDS_OUT,
    MailProblem.ANSWERS_WITHIN,
    MailProblem.ELSEWHERE,
    MailProblem.TWINS,
}
"""What may have taken something of a mail away; the other problems only say what kind of mail it is."""
_INCOMPLETE = {MailProblem.CUT, MailProblem.MANY_PARTS}
EMPTY = "The mail is empty."
_FEWEST_BEGUN = 3
"""Words of a subject that may be the beginning of a sentence."""


def scan_files(mail: Mail, workdir: Path) -> list[Path]:
    """The files of a copier's mail, which go the way of paper; none when it is any other mail, or some are missing."""
    if _INCOMPLETE.intersection(mail.problems):  # taken as a letter, it says so to a person; paper would not
        return []
    return [write_attachment(scan, workdir, number) for number, scan in enumerate(scans_in_copier_mail(mail), start=1)]


def mail_parts(mail: Mail, workdir: Path, limits: DocumentLimits | None = None) -> list[NewPart]:
    """A mail as its parts: one, with what was written, what was set apart, and its attachments.

    What was typed into an office document is the resident's wording like the mail's own.
    """
    files = sort_files(mail.attachments, workdir, limits or DocumentLimits())
    above = _said_in_subject(mail, files)
    body = "\n\n".join(filter(str.strip, (above, mail.body, *files.typed)))
    moved = len(above) + len("\n\n") if above else 0
    return [
        NewPart(
            key="body",
            channel=Channel.EMAIL,
            body=body,
            aside=(*_set_apart(mail, with_subject=not above), *files.aside),
            passages=tuple(Passage(one.kind.value, one.start + moved, one.end + moved) for one in mail.passages),
            media=tuple(files.media),
            not_contribution=mail.machine,
            needs_person=_needs_person(mail, body, files.problems),
            continues=receipt_answered(mail),
        )
    ]


def _said_in_subject(mail: Mail, files: SortedFiles) -> str:
    """The subject where a mail has its words there: many people write all they have to say into it, or begin there.

    That of a mail that answers or only quotes is somebody else's.
    """
    if files.typed or MailProblem.ONLY_QUOTED in mail.problems:
        return ""
    if not mail.body.strip():
        return mail.subject.strip()
    goes_on = mail.body[:1].islower() and len(mail.subject.split()) >= _FEWEST_BEGUN and not mail.aside
    needs_subject = goes_on or MailProblem.ONLY_GREETING in parsing_doubts(mail)
    return mail.subject.strip() if needs_subject and relation_by_subject(mail.subject) == Relation() else ""


def _set_apart(mail: Mail, *, with_subject: bool) -> list[SetApart]:
    """What is shown beside the words: quotations and signatures, and what is known of the sender."""
    aside = [SetApart("subject", mail.subject.strip())] if with_subject and mail.subject.strip() else []
    aside += [SetApart(one.kind.value, one.text, one.evidence.value) for one in mail.aside]
    aside += [SetApart("plain", twin) for twin in mail.twins]
    if mail.disguises:
        aside.append(SetApart("disguise", "\n".join([mail.sender_name, *mail.disguises]).strip()))
    if mail.authentication:
        aside.append(SetApart("authentication", "\n".join(mail.authentication)))
    if mail.outline:
        aside.append(SetApart("structure", "\n".join(mail.outline)))
    return aside


def _needs_person(mail: Mail, body: str, problems: dict[str, None]) -> str | None:
    """Why a person has to look at a mail; None for a machine's, and for one that says something plainly."""
    if mail.machine is not None:
        return None
    reasons = [problem.value for problem in mail.problems if problem in WORTH_A_LOOK]
    reasons += [problem.value for problem in parsing_doubts(mail)]
    reasons += problems
    if not body and not mail.attachments and MailProblem.ENCRYPTED not in mail.problems:
        reasons.append(EMPTY)
    return " ".join(dict.fromkeys(reasons)) or None


SAID = (*(problem.value for problem in sorted(WORTH_A_LOOK)), *attachments.SAID, EMPTY, QUOTES_MORE)
"""Every reason this can give."""
