"""What a mail says: its own words, then those of the messages attached to it; and what is set apart from both."""

from __future__ import annotations

from dataclasses import replace
from email.message import Message

from channels.email.encoding.decode import header_text
from channels.email.mime.contents import MailContents
from channels.email.mime.problems import MailProblem
from channels.email.mime.relation import relation_of_mail
from channels.email.reply.evidence import AsideKind, Evidence, Passage, PassageKind, SplitReply
from channels.email.reply.splitting import split_reply


def mail_wording(message: Message, found: MailContents, *, by_machine: bool) -> SplitReply:
    """The text of a mail; what a machine returns with its report is nobody's. Notes what is to be known of it."""
    split = split_reply("\n\n".join(text for text in found.texts if text.strip()), relation_of_mail(message))
    if not by_machine:
        for text, relation in found.forwarded:
            split = _with_forwarded(split, split_reply(text, relation))
    if any(one.kind is PassageKind.FORWARDED for one in split.passages):
        found.note(MailProblem.FORWARDED)
    if split.body or not split.aside:
        return split
    if any(one.kind is AsideKind.QUOTE for one in split.aside):
        if not found.attachments:
            found.note(MailProblem.ONLY_QUOTED)
        return split
    only_device = all(one.evidence is Evidence.DEVICE for one in split.aside)
    if only_device and (found.attachments or header_text(message, "Subject")):
        return split
    # Nothing else was said anywhere: it is shown as what there is.
    return SplitReply("\n".join(one.text for one in split.aside))


def without_forwarded(split: SplitReply) -> str:
    """The text without what was forwarded."""
    kept, at = "", 0
    for one in split.passages:
        if one.kind is PassageKind.FORWARDED and one.end > at:
            kept, at = kept + split.body[at : one.start], one.end
    return kept + split.body[at:]


def _with_forwarded(split: SplitReply, other: SplitReply) -> SplitReply:
    """A text with that of an attached message below it, marked as forwarded."""
    if not other.body:
        return replace(split, aside=split.aside + other.aside)
    above = f"{split.body}\n\n" if split.body else ""
    moved = [Passage(one.kind, one.start + len(above), one.end + len(above)) for one in other.passages]
    whole = Passage(PassageKind.FORWARDED, len(above), len(above) + len(other.body))
    return SplitReply(above + other.body, split.aside + other.aside, (*split.passages, whole, *moved))
