"""Every row.

Nothing a resident said or wrote stands in these tables in the clear, except the
folded search text: raw arrivals, texts, transcripts and file names are sealed
with a data key (``DataKey``) of their intake, part or contribution, so that
destroying the key destroys what it sealed. Columns named ``sealed_…`` hold such
ciphertext; ``inbox.vault`` seals and opens them.

All times are aware UTC.
"""

from inbox.models.arrived import Arrival, Intake, Medium, Part, Transcript
from inbox.models.base import Base
from inbox.models.consultations import (
    Consultation,
    ConsultationAddress,
    ConsultationVersion,
    Contributor,
    ContributorAddress,
    OptOut,
)
from inbox.models.drafts import Draft
from inbox.models.keys import DataKey, MailToken, Tombstone
from inbox.models.said import (
    Contribution,
    ContributionLink,
    ContributionPart,
    ErasureWish,
    History,
    SearchText,
    Tag,
    TextVersion,
)
from inbox.models.staff import Centre, Person, PersonRole
from inbox.models.work import CaughtUp, Heartbeat, ListCursor, MailCursor, Message, Reference, Refusal, Step

__all__ = [
    "Arrival",
    "Base",
    "CaughtUp",
    "Centre",
    "Consultation",
    "ConsultationAddress",
    "ConsultationVersion",
    "Contribution",
    "ContributionLink",
    "ContributionPart",
    "Contributor",
    "ContributorAddress",
    "DataKey",
    "Draft",
    "ErasureWish",
    "Heartbeat",
    "History",
    "Intake",
    "ListCursor",
    "MailCursor",
    "MailToken",
    "Medium",
    "Message",
    "OptOut",
    "Part",
    "Person",
    "PersonRole",
    "Reference",
    "Refusal",
    "SearchText",
    "Step",
    "Tag",
    "TextVersion",
    "Tombstone",
    "Transcript",
]
