"""What every name of channels, states and reasons is called on the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from flask_babel.speaklater import LazyString

from config.enums import (
    Bucket,
    Channel,
    MediumKind,
    MessageState,
    Moderation,
    NotContribution,
    Purpose,
    Queue,
    Reading,
    Role,
    SetAsideReason,
    StepKind,
    TextOrigin,
)

Label: TypeAlias = LazyString | str

CHANNELS: dict[Channel, Label] = {
    Channel.SMS: _l("Text message"),
    Channel.VOICEMAIL: _l("Voice message"),
    Channel.EMAIL: _l("E-mail"),
    Channel.PAPER: _l("Paper form"),
}

READINGS: dict[Reading, Label] = {
    Reading.WAITING: _l("Being read"),
    Reading.READ: _l("Read"),
    Reading.NEEDS_PERSON: _l("Needs a person"),
}

MODERATIONS: dict[Moderation, Label] = {
    Moderation.IN_REVIEW: _l("To review"),
    Moderation.PUBLISHED: _l("Published"),
    Moderation.SET_ASIDE: _l("Set aside"),
}

SET_ASIDE_REASONS: dict[SetAsideReason, Label] = {
    SetAsideReason.OFF_TOPIC: _l("Not about the question"),
    SetAsideReason.NAMES_A_PERSON: _l("Accuses or identifies a person"),
    SetAsideReason.INSULTING: _l("Insulting"),
    SetAsideReason.UNLAWFUL: _l("Against the law"),
    SetAsideReason.ADVERTISING: _l("Advertising"),
    SetAsideReason.UNREADABLE: _l("Cannot be understood"),
    SetAsideReason.DUPLICATE: _l("Same contribution, sent twice"),
    SetAsideReason.WITHDRAWN: _l("Its author no longer wants it to count"),
}

ERASURE_REASONS: dict[str, Label] = {
    "author": _l("The person who sent it"),
    "named": _l("Somebody it speaks of"),
    "law": _l("The law, or a court"),
    "mistake": _l("It came here by mistake"),
}

NOT_CONTRIBUTIONS: dict[NotContribution, Label] = {
    NotContribution.KEYWORD: _l("Keyword (STOP, HELP …)"),
    NotContribution.BOUNCE: _l("Undelivered mail"),
    NotContribution.AUTOMATIC_REPLY: _l("Automatic reply"),
    NotContribution.MAILING_LIST: _l("Mailing list"),
    NotContribution.BLANK_PAGE: _l("Blank page"),
    NotContribution.FOREIGN_PAGE: _l("Page of something else"),
    NotContribution.DUPLICATE_PAGE: _l("Page scanned twice"),
    NotContribution.TEST_SHEET: _l("Test sheet for the copier"),
    NotContribution.THANKS: _l("Thanks"),
    NotContribution.SUPERSEDED: _l("Form of a file that has grown since"),
    NotContribution.REACTION: _l("Reaction of a telephone (like, heart …)"),
    NotContribution.ERASURE_WISH: _l("Wish to be erased"),
    NotContribution.NO_MESSAGE: _l("Call without a message"),
    NotContribution.WITHDRAWN: _l("Scan that was withdrawn"),
    NotContribution.VOTE: _l("Vote for a project"),
}

BUCKETS: dict[Bucket, Label] = {
    Bucket.ERASED: _lp("several", "Erased"),
    Bucket.QUARANTINED: _lp("several", "In quarantine"),
    Bucket.NOT_CONTRIBUTION: _lp("several", "Not a contribution"),
    Bucket.VOTE: _lp("several", "Votes"),
    Bucket.WAITING: _lp("several", "Being read"),
    Bucket.IN_REVIEW: _lp("several", "To review"),
    Bucket.SET_ASIDE: _lp("several", "Set aside"),
    Bucket.PUBLISHED: _lp("several", "Published"),
}

BUCKET_MEANINGS: dict[Bucket, Label] = {
    Bucket.ERASED: _l("Erased on request or because its time was over; only the count remains."),
    Bucket.QUARANTINED: _l("Reading failed three times; a person looks at the reason and tries again."),
    Bucket.NOT_CONTRIBUTION: _l("Kept and shown, but nobody’s opinion."),
    Bucket.VOTE: _l("A voice for a project: sealed until the count, and shown to nobody."),
    Bucket.WAITING: _l("Has arrived; a machine is still reading it."),
    Bucket.IN_REVIEW: _l("Waits for a moderator’s decision."),
    Bucket.SET_ASIDE: _l("Kept but not published, with a reason."),
    Bucket.PUBLISHED: _l("Confirmed by a person and published."),
}

STEPS: dict[StepKind, Label] = {
    StepKind.TAKE_IN_TEXT: _l("Understanding a text message"),
    StepKind.LIST_RECORDINGS: _l("Asking what a call recorded"),
    StepKind.DELETE_AT_PROVIDER: _l("Deleting at the telephone provider"),
    StepKind.FETCH_MEDIA: _l("Fetching a recording or pictures"),
    StepKind.TAKE_APART: _l("Taking a mail apart"),
    StepKind.SPLIT_PAGES: _l("Separating scanned forms"),
    StepKind.READ_SPEECH: _l("Listening to a recording"),
    StepKind.READ_PAGES: _l("Reading a page"),
    StepKind.MASK_RECORDINGS: _l("Masking words in a recording"),
    StepKind.MASK_PAGES: _l("Masking words on a page"),
    StepKind.SUGGEST_THEMES: _l("Suggesting themes"),
    StepKind.SEND: _l("Sending a message"),
    StepKind.ERASE: _l("Erasing at the person’s wish"),
}

PROCESSES: dict[str, Label] = {
    "redis": _l("wakes the others"),
    Queue.URGENT: _l("understands text messages, suggests themes"),
    Queue.THEMES: _l("suggests themes"),
    Queue.FETCH: _l("gets recordings and pictures"),
    Queue.MAIL: _l("takes mail apart"),
    Queue.PAGES: _l("reads pages"),
    Queue.SPEECH: _l("listens to recordings"),
    Queue.SEND: _l("sends receipts and answers"),
    "sense": _l("compares what was said, for the reports"),
    "caretaker": _l("makes backups, tries what is asked for, tells when something is wrong"),
    "sweeper": _l("does what comes round again and again"),
    "reconciler": _l("finds what the telephone provider did not bring"),
    "poller": _l("asks for text messages"),
    "mailbox": _l("watches a mailbox"),
    "folders": _l("watches the scan folders"),
    "fallback": _l("keeps what arrives while the gateway cannot"),
    "front": _l("tells those who call apart from those who read"),
    "doors": _l("answers the telephone provider"),
    "web": _l("shows these pages"),
    "keys": _l("opens what is sealed, each time on record"),
}
"""What each process is for; of several of one kind, the name goes on with a number."""

MEDIA: dict[MediumKind, Label] = {
    MediumKind.RECORDING: _l("Recording"),
    MediumKind.PAGE: _l("Page"),
    MediumKind.PHOTO: _l("Photo"),
    MediumKind.ATTACHMENT: _l("Attachment"),
    MediumKind.FORM: _l("Page of a form"),
    MediumKind.ZONE: _l("Writing on a form"),
    MediumKind.CHARACTERS: _l("Boxed characters of a form"),
    MediumKind.BOX: _l("Box of a form"),
    MediumKind.DRAWING: _l("Drawing on a form"),
    MediumKind.THUMBNAIL: _l("Small picture"),
    MediumKind.MASKED: _l("Masked copy"),
}

ORIGINS: dict[TextOrigin, Label] = {
    TextOrigin.RESIDENT: _l("Written by the resident"),
    TextOrigin.MACHINE: _l("Read by a machine, not confirmed"),
    TextOrigin.PERSON: _l("Confirmed by a person"),
}

PURPOSES: dict[Purpose, Label] = {
    Purpose.RECEIPT: _l("Receipt"),
    Purpose.STATE: _l("State"),
    Purpose.ANSWER: _l("Answer"),
}

MESSAGE_STATES: dict[MessageState, Label] = {
    MessageState.QUEUED: _l("on its way"),
    MessageState.SENT: _l("sent"),
    MessageState.DELIVERED: _l("delivered"),
    MessageState.FAILED: _l("could not be sent"),
    MessageState.PRINTED: _l("on the printed list"),
    MessageState.SPOKEN: _l("spoken in the call"),
    MessageState.WITHDRAWN: _l("withdrawn before it left"),
    MessageState.NO_ADDRESS: _l("nobody to send it to: the number is withheld or takes no texts"),
}

ROLES: dict[Role, Label] = {
    Role.CENTRE: _l("Neighbourhood centre"),
    Role.MODERATOR: _l("Moderator"),
    Role.OFFICIAL: _l("Official"),
    Role.ADMINISTRATOR: _l("Administrator"),
    Role.DATA_PROTECTION: _l("Data-protection officer"),
}

DOORS: dict[str, Label] = {
    "sms": _l("Text message"),
    "voice": _l("Voice message"),
    "recording": _l("Recordings"),
    "fallback-texts": _l("Fallback door, text messages"),
    "fallback-calls": _l("Fallback door, calls"),
    "status": _l("Message states"),
    "sign_in": _l("Sign-in"),
}

REFUSALS: dict[str, Label] = {
    "missing_signature": _l("without a signature"),
    "wrong_signature": _l("wrong signature: is the provider’s token in the settings the right one?"),
    "wrong_url": _l("signed for another address: is public_url in the settings the right one?"),
    "wrong_account": _l("from another account than the one in the settings"),
    "no_token": _l("no token in the settings to check the signature with"),
    "malformed": _l("not a message of the provider"),
    "wrong_password": _l("wrong password"),
    "unknown_login": _l("unknown name"),
    "too_many_attempts": _l("too many wrong passwords from one place, or for one name"),
    "mail_not_fetched": _l("a mail that the mail server fails to hand over: look at it in the mailbox"),
}

ASIDES: dict[str, Label] = {
    "quote": _l("Quoted mail"),
    "signature": _l("Signature"),
    "footer": _l("Footer"),
    "subject": _l("Subject"),
    "forward": _l("Forwarded mail"),
    "disguise": _l("The sender’s name or address looks like something else"),
    "authentication": _l("What mail servers found out about the sender"),
    "archive": _l("Files in an archive, which was not opened"),
    "plain": _l("The mail’s plain text, which says something else"),
    "unread": _l("Files that no machine has read"),
    "structure": _l("What the whole mail is made of"),
}

EVIDENCES: dict[str, Label] = {
    "container": _l("the mail program wrapped it as a quotation, in a mail that answers"),
    "attribution": _l("it stands below “… wrote:”, line by line, in a mail that answers"),
    "head": _l("it stands below the head of another mail, in a mail that answers"),
    "ours": _l("these are our own words"),
    "forward_head": _l("a mail program writes this above what is forwarded"),
    "device": _l("a telephone or a mail program says this of itself"),
    "boilerplate": _l("companies put this below every mail, word for word"),
    "closing": _l("a closing, with nothing but a name or an address below it"),
    "delimiter": _l("the mark of a signature, with nothing but a name and an address below it"),
}
"""What proves that something set apart is none of the writer's new words."""

PASSAGES: dict[str, Label] = {
    "forwarded": _l("Forwarded: somebody else’s words, handed on"),
    "stands_out": _l("Stands out by colour or style within a quotation: perhaps an answer"),
    "perhaps_quote": _l("Perhaps a quotation"),
    "perhaps_signature": _l("Perhaps a signature"),
    "perhaps_footer": _l("Perhaps a footer"),
}
"""What stays in a text, and is marked there."""


def options(labels: Mapping[Any, Label], nothing: Label | None = None) -> list[tuple[str, Label]]:
    """A table of labels as the choices of a form field, the empty choice first when it has a label."""
    chosen: list[tuple[str, Label]] = [] if nothing is None else [("", nothing)]
    return chosen + [(str(name), label) for name, label in labels.items()]


HELD: Mapping[str, Label] = {
    "machine": _l("a machine read it"),
    "personal": _l("a name, a number or an address stands in it"),
    "danger": _l("words of danger stand in it"),
    "language": _l("it is in a language in which nobody asked"),
    "erasure": _l("its author wishes it to be erased"),
    "person": _l("a moderator has already worked on it"),
}
"""Why something waits to be read though its consultation is moderated after publication."""
