"""What could not be read of a mail: the sentences that a person is told, of winmail.dat, sealed mail and the like."""

from __future__ import annotations

from enum import StrEnum


class MailProblem(StrEnum):
    """What could not be read of a mail, as a person is told."""

    BROKEN = "The message is damaged: what could be read of it is shown."
    CHARSET = "The message does not say truly which characters it is written in: some may be wrong."
    ENCRYPTED = "The message is encrypted and cannot be read."
    PACKED = "Part of the message is packed in a form that only its own mail program opens: what is in it was not read."
    SIGNED = "The message carries a digital signature, which is kept and was not checked."
    CALENDAR = "The message is an invitation to an appointment."
    ONLY_QUOTED = "The message only quotes another one."
    FORWARDED = "The message forwards another one, whose text is taken."
    CUT = "The message is very long: its beginning is shown, the original is kept whole."
    NOT_LAID_OUT = "The message is a page that cannot be laid out: quotations may stand among its words."
    MANY_PARTS = "The message has very many parts: the first ones are shown, the original is kept whole."
    TOO_LARGE = (
        "The message is larger than the limit: its beginning and its structure are shown, the original is kept whole."
    )
    LEFT_BEHIND = (
        "The message is larger than the limit: its beginning was taken in, its structure is shown, "
        "and the whole of it is in the mailbox."
    )
    ELSEWHERE = "Part of the message lies elsewhere, or comes in several mails: it was not read."
    TWINS = "The message says one thing as plain text and more as a page: the page is taken, the plain text set apart."
    NO_TEXT = "The message has no text."
    MORE_APART = "More of the message was set apart than stays: its writer may have meant some of it."
    ONLY_GREETING = "The text is only a greeting: what was meant may stand elsewhere."
    ANSWERS_WITHIN = "Answers may stand among the words that are quoted: the writer says so, or some are in capitals."
    STANDS_OUT = (
        "Words within a quotation stand out by colour or style: they stay in the text, for they may be answers."
    )
