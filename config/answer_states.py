"""The names of what answers go through: one spelling for code, rows, settings and pages."""

from enum import StrEnum


class AnswerState(StrEnum):
    """How far an answer has come."""

    DRAFT = "draft"
    TO_APPROVE = "to_approve"
    """Waits for a second person."""
    LEAVING = "leaving"
    """Released: whom it goes to stands fixed, and it is put on its way to one after the other."""
    GIVEN = "given"
    """On its way to everybody; what became of each stands in its row."""
    WITHDRAWN = "withdrawn"


class AnswerKind(StrEnum):
    """What is told."""

    ANSWER = "answer"
    CLOSING = "closing"
    """That the consultation has closed, and what comes next: no answer to anybody's contribution."""


class Way(StrEnum):
    """By which way an answer reaches a resident: the one by which the contribution came, or what they gave for it."""

    TEXT = "text"
    MAIL = "mail"
    PHONE = "phone"
    """Heard by whoever keys the reference."""
    CALL = "call"
    """We call back, for those who asked for it."""
    LETTER = "letter"
    NOTICE = "notice"
    """On the sheet of references and answers that hangs in the neighbourhood centre."""


class GivenState(StrEnum):
    """What became of an answer to one contribution. What is sent goes on in the state of its message."""

    WAITING = "waiting"
    """To be put on its way."""
    SENDING = "sending"
    TO_HEAR = "to_hear"
    HEARD = "heard"
    TO_PRINT = "to_print"
    PRINTED = "printed"
    UNREACHABLE = "unreachable"
    TOGETHER = "together"
    """The same person is answered already, about another contribution of theirs."""
    WITHDRAWN = "withdrawn"


class Unreachable(StrEnum):
    """Why somebody cannot be answered by a way."""

    WITHHELD = "withheld"
    """The number was withheld, and nothing else was given."""
    NO_TEXTS = "no_texts"
    """A fixed line, which takes no text messages."""
    OPTED_OUT = "opted_out"
    NO_MAIL = "no_mail"
    """A machine wrote, or the town has no outgoing mail server."""
    ERASED = "erased"
    REFUSED = "refused"
    """The provider or the mail server would not take it."""
    TOO_MANY = "too_many"
    """As many mails as one address gets in a day."""


class VoiceUse(StrEnum):
    """What callers let others hear of their voice."""

    OWN = "own"
    ALTERED = "altered"


class Outcome(StrEnum):
    """What becomes of a contribution once it has been read, as officials decide."""

    PASSED_ON = "passed_on"
    UNDER_STUDY = "under_study"
    KEPT = "kept"
    IN_BUDGET = "in_budget"
    DONE = "done"
    NOT_KEPT = "not_kept"


class FollowUpKind(StrEnum):
    """What a town publishes about a consultation once it has listened."""

    RESULTS = "results"
    FOLLOW_UP = "follow_up"


class ReportReason(StrEnum):
    """Why somebody reports a published contribution."""

    NAMES_A_PERSON = "names_a_person"
    MINE = "mine"
    INSULTING = "insulting"
    UNLAWFUL = "unlawful"
    OTHER = "other"
