"""What a message holds, as it is collected from its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

from channels.email.mime.mail_files import Attachment
from channels.email.mime.mislabelled import IsFile, trust_declared_type
from channels.email.mime.part_head import KEPT_AS
from channels.email.mime.problems import MailProblem
from channels.email.reply.evidence import Relation


@dataclass
class MailContents:
    """What a message holds, as it is collected."""

    texts: list[str] = field(default_factory=list)
    forwarded: list[tuple[str, Relation]] = field(default_factory=list)
    """The texts of messages attached to this one, and what their headers say of them."""
    attachments: list[Attachment] = field(default_factory=list)
    problems: dict[MailProblem, None] = field(default_factory=dict)
    parts: int = 0
    kept: Mapping[str, Path] = field(default_factory=dict)
    """Where files too long to be held lie, by the mark in their part's head."""
    is_file: IsFile = trust_declared_type
    asked: int = 0
    plain_twins: list[str] = field(default_factory=list)
    """Plain texts for which the page was taken, and that say something else."""

    def within(self) -> MailContents:
        """Empty, for what stands within this."""
        return MailContents(parts=self.parts, kept=self.kept, is_file=self.is_file, asked=self.asked)

    def add_files_of(self, other: MailContents) -> None:
        """Take over all but the texts of what stands within this."""
        self.parts, self.asked = other.parts, other.asked
        self.attachments += other.attachments
        self.problems |= other.problems
        self.plain_twins += other.plain_twins

    def file_of(self, message: Message) -> Path | None:
        """Where the body of a part lies; None where it is in the message."""
        return next((self.kept[str(mark)] for mark in message.get_all(KEPT_AS, ()) if str(mark) in self.kept), None)

    def note(self, problem: MailProblem) -> None:
        """Remember a problem, once."""
        self.problems[problem] = None
