"""A mail in a file opened in bounded memory; of one over the limit the beginning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from channels.email.mime.mime_stream import detach_long_files
from channels.email.mime.mislabelled import IsFile, trust_declared_type
from channels.email.mime.outline import mail_outline
from channels.email.mime.problems import MailProblem
from channels.email.parse import Mail, parse_lean


def open_mail(path: Path, folder: Path, most_bytes: int = 0, is_file: IsFile = trust_declared_type) -> Mail:
    """The mail in a file, in bounded memory; its long attachments are put in ``folder``, decoded.

    Of a file larger than ``most_bytes`` (0: no limit) the beginning is taken apart, and the rest only outlined.
    ``is_file`` tells files that are called text. Only the files' own reading and writing can fail (``OSError``).
    """
    lean = detach_long_files(path, folder, most_bytes)
    mail = parse_lean(lean, is_file)
    if lean.cut:
        mail = replace(mail, problems=tuple(dict.fromkeys((*mail.problems, MailProblem.CUT))))
    if not most_bytes or path.stat().st_size <= most_bytes:
        return mail
    return open_beginning(mail, MailProblem.TOO_LARGE, mail_outline(path))


def open_beginning(mail: Mail, why: MailProblem, structure: Sequence[str]) -> Mail:
    """A mail of which only the beginning is there, with the structure of the whole."""
    # That it ends early is our doing.
    problems = dict.fromkeys((*(one for one in mail.problems if one is not MailProblem.BROKEN), why))
    return replace(mail, problems=tuple(problems), outline=tuple(structure))
