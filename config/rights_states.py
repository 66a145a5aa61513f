"""What residents ask for under the GDPR, how it came, how they were recognised, and how far it is."""

from enum import StrEnum


class RightsKind(StrEnum):
    """Which right is used (GDPR articles 15 to 21)."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    OBJECTION = "objection"
    ERASURE = "erasure"


class RightsWay(StrEnum):
    """How a request came."""

    LETTER = "letter"
    EMAIL = "email"
    TELEPHONE = "telephone"
    TEXT = "text"
    IN_PERSON = "in_person"


class IdentityCheck(StrEnum):
    """How it was made sure that who asks is who contributed."""

    SAME_ADDRESS = "same_address"
    """Asked from the number or mailbox that the contribution came from."""
    CODE_SENT = "code_sent"
    """A code was sent there, and said again."""
    PAPER = "paper"
    """A paper was seen: the slip with the reference, or an identity document."""


class RightsState(StrEnum):
    """How far a request is."""

    OPEN = "open"
    ANSWERED = "answered"
    REFUSED = "refused"
