"""The names of channels, states, steps and roles: one spelling for code, rows, settings and pages."""

from enum import StrEnum


class Channel(StrEnum):
    """A way in. An intake has the channel it arrived by, a part the channel it is."""

    SMS = "sms"
    VOICEMAIL = "voicemail"
    EMAIL = "email"
    PAPER = "paper"


class ArrivalKind(StrEnum):
    """What one message from outside was."""

    WEBHOOK = "webhook"
    MAIL = "mail"
    FILE = "file"
    ENTRY = "entry"  # typed in by staff on somebody's behalf
    LISTING = "listing"  # found in the provider's own list by the reconciler
    FETCHED = "fetched"  # a recording or picture fetched from the provider


class Reading(StrEnum):
    """How far the machines have come with a part."""

    WAITING = "waiting"
    READ = "read"
    NEEDS_PERSON = "needs_person"


class Moderation(StrEnum):
    """What a moderator decided about a contribution."""

    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    SET_ASIDE = "set_aside"


class SetAsideReason(StrEnum):
    """The published list of reasons for not publishing a contribution."""

    OFF_TOPIC = "off_topic"
    NAMES_A_PERSON = "names_a_person"
    INSULTING = "insulting"
    UNLAWFUL = "unlawful"
    ADVERTISING = "advertising"
    UNREADABLE = "unreadable"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"
    """Its author objects to its being taken into account (GDPR article 21)."""


class ModerationMode(StrEnum):
    """Whether a moderator reads before something is published, or after."""

    BEFORE = "before"
    AFTER = "after"


class Answers(StrEnum):
    """What a consultation promises those who took part."""

    ALL = "all"
    PUBLISHED_SUMMARY = "published summary"
    NONE = "none"


class NotContribution(StrEnum):
    """Why something that arrived is kept and shown, but is nobody's contribution."""

    KEYWORD = "keyword"
    BOUNCE = "bounce"
    AUTOMATIC_REPLY = "automatic_reply"
    MAILING_LIST = "mailing_list"
    BLANK_PAGE = "blank_page"
    FOREIGN_PAGE = "foreign_page"
    DUPLICATE_PAGE = "duplicate_page"  # a page of a form that was scanned twice, with the same ink
    TEST_SHEET = "test_sheet"  # the filled form by which a copier is tried
    THANKS = "thanks"
    SUPERSEDED = "superseded"  # of a scanned file that has grown since: what it says stands in the file's other forms
    REACTION = "reaction"  # a telephone's « A aimé … », which repeats what we sent
    ERASURE_WISH = "erasure_wish"  # said in other words than the keyword; a person sees it
    NO_MESSAGE = "no_message"  # a call that ended before anything was recorded
    WITHDRAWN = "withdrawn"  # a scanned file that whoever handed it in took back
    VOTE = "vote"  # a voice for a project: sealed apart, and in a bucket of its own


class VoteBy(StrEnum):
    """By what a voter is told apart: one voice each."""

    ADDRESS = "address"  # the telephone number, mailbox or postal address
    CARD = "card"  # the number of a card that the town gave out
    CENTRE = "centre"  # a centre's word: who stands at its desk, by its own list


class PageEnd(StrEnum):
    """What became of one page of a scanned file."""

    FORM = "form"
    LETTER = "letter"  # none of our forms: read as it comes
    MISSING_SIDE = "missing_side"
    DUPLICATE = "duplicate"
    BLANK = "blank"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"
    TEST_SHEET = "test_sheet"


class DeskKind(StrEnum):
    """What a person is asked about at the keying desk."""

    ZONE = "zone"  # what is written in a zone
    CHARACTERS = "characters"  # what is written into boxes for one character each
    BOX = "box"  # whether a box is ticked


class DeskSaid(StrEnum):
    """What a person said at the keying desk."""

    KEYED = "keyed"
    CANNOT_READ = "cannot_read"
    TICKED = "ticked"
    EMPTY = "empty"
    WITHDRAWN = "withdrawn"


class BatchTick(StrEnum):
    """What a person ticks at the end of a batch, before its paper may be shredded."""

    BACKUP = "backup"
    VISA = "visa"  # of the archives (code du patrimoine, art. L212-2)
    SHREDDED = "shredded"


class Bucket(StrEnum):
    """Where the ledger counts a part, in order of precedence: the first that fits."""

    ERASED = "erased"
    VOTE = "vote"
    QUARANTINED = "quarantined"
    NOT_CONTRIBUTION = "not_contribution"
    WAITING = "waiting"
    IN_REVIEW = "in_review"
    SET_ASIDE = "set_aside"
    PUBLISHED = "published"


class Queue(StrEnum):
    """One queue, and one worker, per pool."""

    URGENT = "urgent"
    THEMES = "themes"
    FETCH = "fetch"
    MAIL = "mail"
    SPEECH = "speech"
    PAGES = "pages"
    SEND = "send"

    @property
    def is_light(self) -> bool:
        """Whether its steps are small: taken many at once, done without a process of their own."""
        return self in (Queue.URGENT, Queue.THEMES)

    @property
    def is_drained(self) -> bool:
        """Whether one call has all its due steps done, instead of one."""
        return self.is_light or self is Queue.MAIL


class StepKind(StrEnum):
    """What may still have to be done to an intake, a part or a message."""

    TAKE_IN_TEXT = "take_in_text"  # intake: a text message to a contribution, or to the answer to its keyword
    LIST_RECORDINGS = "list_recordings"  # intake: ask the provider what a call recorded, should no webhook tell
    FETCH_MEDIA = "fetch_media"  # part: get its recordings or pictures from the provider
    TAKE_APART = "take_apart"  # intake: a mail into its parts
    SPLIT_PAGES = "split_pages"  # intake: a scanned file into its forms
    READ_SPEECH = "read_speech"  # part: recordings to text
    READ_PAGES = "read_pages"  # part: pages and photos to text
    MASK_RECORDINGS = "mask_recordings"  # part: copies of its recordings with a tone over what is masked
    MASK_PAGES = "mask_pages"  # part: copies of its pages with a box over what is masked
    SUGGEST_THEMES = "suggest_themes"  # part: text to themes
    SEND = "send"  # message: to the resident
    ERASE = "erase"  # intake: what its text message asked to be erased
    DELETE_AT_PROVIDER = "delete_at_provider"  # intake: what was erased here and still lies at the provider

    @property
    def queue(self) -> Queue:
        """The pool that does this kind of work."""
        return _QUEUE_OF[self]


_QUEUE_OF = {
    StepKind.TAKE_IN_TEXT: Queue.URGENT,
    StepKind.LIST_RECORDINGS: Queue.FETCH,
    StepKind.FETCH_MEDIA: Queue.FETCH,
    StepKind.TAKE_APART: Queue.MAIL,
    StepKind.SPLIT_PAGES: Queue.PAGES,
    StepKind.READ_SPEECH: Queue.SPEECH,
    StepKind.READ_PAGES: Queue.PAGES,
    StepKind.MASK_RECORDINGS: Queue.SPEECH,
    StepKind.MASK_PAGES: Queue.PAGES,
    StepKind.SUGGEST_THEMES: Queue.THEMES,
    StepKind.SEND: Queue.SEND,
    StepKind.ERASE: Queue.MAIL,
    StepKind.DELETE_AT_PROVIDER: Queue.FETCH,
}


class StepState(StrEnum):
    """Where a step stands. ``OPEN`` covers queued, running under a lease, and put off until later."""

    OPEN = "open"
    DONE = "done"
    NEEDS_PERSON = "needs_person"
    QUARANTINED = "quarantined"
    DROPPED = "dropped"  # its subject was erased


class MediumKind(StrEnum):
    """What a file that belongs to a part is."""

    RECORDING = "recording"
    PAGE = "page"
    PHOTO = "photo"
    ATTACHMENT = "attachment"  # kept and shown as "not read"
    FORM = "form"  # a page of one of our forms, whose boxes were read when its file was split
    ZONE = "zone"  # what somebody wrote in a zone of a form, as a picture of its own
    CHARACTERS = "characters"  # what somebody wrote into boxes for one character each, as one line
    BOX = "box"  # a box of a form about which a person is asked, with what is around it
    DRAWING = "drawing"  # what is in a zone to draw in: kept as a picture
    THUMBNAIL = "thumbnail"  # a page in small, for the printed list of its batch
    MASKED = "masked"  # a copy of a recording or page, with a tone or a box over what a moderator masked


class TextOrigin(StrEnum):
    """Whose wording a version of a text is."""

    RESIDENT = "resident"  # typed by the resident: a text message, a mail
    MACHINE = "machine"  # read by an engine, wholly or partly, and not yet confirmed
    PERSON = "person"  # corrected, confirmed or keyed by staff


class PersonalKind(StrEnum):
    """What sort of words say who somebody is."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    OTHER = "other"  # chosen by a person


class TagSource(StrEnum):
    """Who put a tag."""

    RULE = "rule"
    MODEL = "model"  # learned from what moderators kept and removed
    PERSON = "person"


class ContributionKind(StrEnum):
    """What a contribution is, beside what it is about."""

    QUESTION = "question"
    PROPOSAL = "proposal"
    FAULT = "fault"  # something broken or dangerous is reported
    OPINION = "opinion"
    THANKS = "thanks"
    FACT = "fact"  # what is the case, as the resident tells it
    FEELING = "feeling"
    PASSING = "passing"
    RECURRING = "recurring"
    PERMANENT = "permanent"
    URGENT = "urgent"


class QuotationRole(StrEnum):
    """Why a passage is quoted."""

    TYPICAL = "typical"
    DIVERGENT = "divergent"
    SINGLE = "single"  # nobody else says it
    CAMPAIGN = "campaign"  # what many sent alike
    OWN_VOICE = "own_voice"  # what one of them says beyond it
    QUESTION = "question"
    CHOSEN = "chosen"  # a person wants it quoted


class Purpose(StrEnum):
    """Why a message goes out."""

    RECEIPT = "receipt"
    STATE = "state"
    ANSWER = "answer"


class ErasureState(StrEnum):
    """How far a resident's request by text to have something erased is."""

    ASKED_BACK = "asked_back"
    """Our question whether to erase is not answered."""
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    TAKEN_BACK = "taken_back"
    """Confirmed, and stopped before it was done."""
    FOR_A_PERSON = "for_a_person"
    """Who asks could not be recognised."""


class MessageState(StrEnum):
    """How far an outgoing message has come."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    PRINTED = "printed"  # on the printed list of its batch
    SPOKEN = "spoken"  # in the call
    WITHDRAWN = "withdrawn"  # before it left
    NO_ADDRESS = "no_address"  # nobody can be answered: a withheld number, a fixed line that texted


class AddressKind(StrEnum):
    """What kind of address a person can be answered at."""

    PHONE = "phone"
    EMAIL = "email"
    POSTAL = "postal"


class Role(StrEnum):
    """What a signed-in person may do."""

    CENTRE = "centre"
    MODERATOR = "moderator"
    OFFICIAL = "official"
    ADMINISTRATOR = "administrator"
    DATA_PROTECTION = "data_protection"
