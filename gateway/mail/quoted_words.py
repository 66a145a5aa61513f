"""What a mail quotes, compared with what we sent: our own words prove it, others among them may be an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from channels.email.doubts import is_mostly_set_apart
from channels.email.mime.problems import MailProblem
from channels.email.reply.evidence import AsideKind, Evidence, PassageKind
from gateway.intake.new_parts import QUOTES_MORE, NewPart, Passage, SetApart
from inbox.records import answer_messages, message_lookup, references
from inbox.storage.unit_of_work import Session

_MOST_SENT = 20
_LONGEST_HEAD = 8
"""Lines that a mail program puts above what it quotes."""


def mails_sent_about(session: Session, number: str) -> str:
    """All we wrote by mail about the contribution with this reference; what was erased is left out."""
    contribution = references.contribution_of(session, number)
    if contribution is None:
        return ""
    texts = []
    for message in answer_messages.mails_about(session, contribution, _MOST_SENT):
        body = message_lookup.words_of(session, message)
        if body is not None:
            texts.append(str(body.get("body", "")))
    return "\n".join(texts)


def compare_quotations(part: NewPart, sent: str) -> NewPart:
    """A part whose quotations are known to be ours, or to say more than we did; one without any is left as it is."""
    ours = _squeezed(sent)
    if not ours or part.body is None:
        return part
    aside = [_proven(one, ours) for one in part.aside]
    body, passages, moved = _without_ours(part.body, part.passages, ours)
    reasons = part.needs_person or ""
    if MailProblem.MORE_APART.value in reasons and not is_mostly_set_apart(body, _not_ours((*aside, *moved))):
        reasons = " ".join(reasons.replace(MailProblem.MORE_APART.value, "").split())
    if any(_says_more(one, ours) for one in aside):
        reasons = f"{QUOTES_MORE} {reasons}".strip()
    return replace(part, body=body, aside=(*aside, *moved), passages=passages, needs_person=reasons or None)


def _proven(one: SetApart, ours: str) -> SetApart:
    """A quotation that is ours from its first line to its last, below the head its program gave it."""
    said = _said(one)
    first = next((i for i, line in enumerate(said) if line in ours), None)
    if one.kind != AsideKind.QUOTE or first is None or first > _LONGEST_HEAD:
        return one
    return one._replace(evidence=Evidence.OURS.value) if all(line in ours for line in said[first:]) else one


def _says_more(one: SetApart, ours: str) -> bool:
    """Whether words that are not ours stand among ours."""
    said = _said(one)
    first = next((i for i, line in enumerate(said) if line in ours), None)
    return one.kind == AsideKind.QUOTE and first is not None and any(line not in ours for line in said[first:])


def _without_ours(body: str, passages: Sequence[Passage], ours: str) -> tuple[str, tuple[Passage, ...], list[SetApart]]:
    """A body without the passages that are perhaps quoted, and are ours word for word."""
    kept: list[Passage] = []
    moved: list[SetApart] = []
    for one in reversed(passages):  # from the end, so that the places before stay true
        text = body[one.start : one.end]
        lines = [line for line in map(_squeezed, text.split("\n")) if line]
        is_alone = not any(other is not one and other.start < one.end and one.start < other.end for other in passages)
        if one.kind == PassageKind.PERHAPS_QUOTE and lines and is_alone and all(line in ours for line in lines):
            before, after = body[: one.start].rstrip(), body[one.end :].lstrip()
            gap = "\n\n" if before and after else ""
            shift = len(before) + len(gap) - (len(body) - len(after))
            kept = [Passage(other.kind, other.start + shift, other.end + shift) for other in kept]
            body = before + gap + after
            moved.insert(0, SetApart(AsideKind.QUOTE.value, text, Evidence.OURS.value))
        else:
            kept.insert(0, one)
    return body, tuple(kept), moved


def _not_ours(aside: Sequence[SetApart]) -> list[tuple[str, str]]:
    mail = {kind.value for kind in AsideKind}
    return [(one.text, one.evidence) for one in aside if one.kind in mail]


def _said(one: SetApart) -> list[str]:
    return [line for line in map(_squeezed, one.text.split("\n")) if line]


def _squeezed(text: str) -> str:
    """A text without its white space and marks of quotation, so that it does not matter where lines were broken."""
    return "".join(text.replace(">", " ").split()).casefold()
