"""What the columns and states of the spreadsheet are called, per language.

Not in the pages' catalogues: a spreadsheet is also made without a page, and its columns are a
format that others build upon.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from config.enums import Channel, Moderation, Reading, SetAsideReason


@dataclass(frozen=True, slots=True)
class SpreadsheetWords:
    """The words of one language, and what its spreadsheets put between cells."""

    delimiter: str
    columns: tuple[str, ...]
    yes: str
    no: str
    cut: str
    """What stands at the end of a cell that was cut; ``{length}`` is how many characters it had."""
    channels: Mapping[Channel, str]
    readings: Mapping[Reading, str]
    moderations: Mapping[Moderation, str]
    reasons: Mapping[SetAsideReason, str]


WORDS: Mapping[str, SpreadsheetWords] = {
    "fr": SpreadsheetWords(
        delimiter=";",
        columns=(
            "référence",
            "canal",
            "consultation",
            "reçu le",
            "texte",
            "lu par machine, non confirmé",
            "confiance de la machine (%)",
            "lecture",
            "modération",
            "motif",
            "thèmes",
            "nombre de thèmes",
            "nombre de voix",
            "langue",
        ),
        yes="oui",
        no="non",
        cut="[… coupé ici\N{NARROW NO-BREAK SPACE}; le texte entier, de {length} signes, est sur sa page]",
        channels={
            Channel.SMS: "SMS",
            Channel.VOICEMAIL: "message vocal",
            Channel.EMAIL: "courriel",
            Channel.PAPER: "papier",
        },
        readings={
            Reading.WAITING: "en cours",
            Reading.READ: "lu",
            Reading.NEEDS_PERSON: "à lire par une personne",
        },
        moderations={
            Moderation.IN_REVIEW: "à examiner",
            Moderation.PUBLISHED: "publié",
            Moderation.SET_ASIDE: "écarté",
        },
        reasons={
            SetAsideReason.OFF_TOPIC: "hors sujet",
            SetAsideReason.NAMES_A_PERSON: "nomme une personne",
            SetAsideReason.INSULTING: "injurieux",
            SetAsideReason.UNLAWFUL: "contraire à la loi",
            SetAsideReason.ADVERTISING: "publicité",
            SetAsideReason.UNREADABLE: "illisible",
            SetAsideReason.DUPLICATE: "doublon",
            SetAsideReason.WITHDRAWN: "retirée par son auteur",
        },
    ),
    "en": SpreadsheetWords(
        delimiter=",",
        columns=(
            "reference",
            "channel",
            "consultation",
            "received",
            "text",
            "read by machine, not confirmed",
            "machine's confidence (%)",
            "reading",
            "moderation",
            "reason",
            "themes",
            "number of themes",
            "number of voices",
            "language",
        ),
        yes="yes",
        no="no",
        cut="[… cut here; the whole text, of {length} characters, is on its page]",
        channels={
            Channel.SMS: "text message",
            Channel.VOICEMAIL: "voicemail",
            Channel.EMAIL: "e-mail",
            Channel.PAPER: "paper",
        },
        readings={
            Reading.WAITING: "being read",
            Reading.READ: "read",
            Reading.NEEDS_PERSON: "needs a person",
        },
        moderations={
            Moderation.IN_REVIEW: "to review",
            Moderation.PUBLISHED: "published",
            Moderation.SET_ASIDE: "set aside",
        },
        reasons={
            SetAsideReason.OFF_TOPIC: "off topic",
            SetAsideReason.NAMES_A_PERSON: "names a person",
            SetAsideReason.INSULTING: "insulting",
            SetAsideReason.UNLAWFUL: "unlawful",
            SetAsideReason.ADVERTISING: "advertising",
            SetAsideReason.UNREADABLE: "unreadable",
            SetAsideReason.DUPLICATE: "duplicate",
            SetAsideReason.WITHDRAWN: "withdrawn by its author",
        },
    ),
}
