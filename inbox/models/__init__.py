"""Every row.

Nothing a resident said or wrote stands in these tables in the clear, except the
folded search text: raw arrivals, texts, transcripts and file names are sealed
with a data key (``DataKey``) of their intake, part or contribution, so that
destroying the key destroys what it sealed. Columns named ``sealed_…`` hold such
ciphertext; ``inbox.storage.envelope_encryption`` seals and opens them.

All times are aware UTC.
"""

from inbox.models.account_rows import OneTimeLink, RecoveryCode, SecondFactor
from inbox.models.answer_rows import (
    Answer,
    AnswerVersion,
    Conclusion,
    ContributionOutcome,
    FollowUp,
    GivenAnswer,
    PublicReport,
    WebLookUp,
)
from inbox.models.base import Base
from inbox.models.consultation_rows import (
    Consultation,
    ConsultationAddress,
    ConsultationVersion,
    Contributor,
    ContributorAddress,
    OptOut,
    PrintedForm,
)
from inbox.models.contribution_rows import (
    Contribution,
    ContributionLink,
    ContributionPart,
    ErasureWish,
    History,
    SearchText,
    Tag,
    TextVersion,
)
from inbox.models.desk_rows import (
    Appeal,
    Assignment,
    BulkAction,
    DeskSettings,
    Draft,
    Mask,
    MaskedCopy,
    Note,
    Presence,
    SavedView,
    SecondLook,
    ServiceRequest,
)
from inbox.models.intake_rows import Arrival, Intake, Medium, Part, Transcript
from inbox.models.job_rows import (
    CaughtUp,
    Heartbeat,
    ListCursor,
    MailCursor,
    Message,
    ReceiptNote,
    Reference,
    Refusal,
    Step,
)
from inbox.models.key_rows import DataKey, MailToken, Tombstone
from inbox.models.paper_rows import BatchMark, DeskAnswer, DeskItem, FormCopy, ScannedPage
from inbox.models.report_rows import (
    OpenDataRow,
    PlaceMention,
    Quotation,
    ReportEdit,
    ReportVersion,
    SuggestedKind,
    TextSense,
    ThemeModel,
)
from inbox.models.request_rows import ErasureRequest, LookUp
from inbox.models.staff_rows import Centre, FailedSignIn, Person, PersonRole, SignInSession
from inbox.models.tally_rows import ContributionTally, Recount, UnitTally
from inbox.models.town_rows import Alert, Errand, StoredSetting, TownLogo

__all__ = [
    "Alert",
    "Answer",
    "AnswerVersion",
    "Appeal",
    "Arrival",
    "Assignment",
    "Base",
    "BatchMark",
    "BulkAction",
    "CaughtUp",
    "Centre",
    "Conclusion",
    "Consultation",
    "ConsultationAddress",
    "ConsultationVersion",
    "Contribution",
    "ContributionLink",
    "ContributionOutcome",
    "ContributionPart",
    "ContributionTally",
    "Contributor",
    "ContributorAddress",
    "DataKey",
    "DeskAnswer",
    "DeskItem",
    "DeskSettings",
    "Draft",
    "ErasureRequest",
    "ErasureWish",
    "Errand",
    "FailedSignIn",
    "FollowUp",
    "FormCopy",
    "GivenAnswer",
    "Heartbeat",
    "History",
    "Intake",
    "ListCursor",
    "LookUp",
    "MailCursor",
    "MailToken",
    "Mask",
    "MaskedCopy",
    "Medium",
    "Message",
    "Note",
    "OneTimeLink",
    "OpenDataRow",
    "OptOut",
    "Part",
    "Person",
    "PersonRole",
    "PlaceMention",
    "Presence",
    "PrintedForm",
    "PublicReport",
    "Quotation",
    "ReceiptNote",
    "Recount",
    "RecoveryCode",
    "Reference",
    "Refusal",
    "ReportEdit",
    "ReportVersion",
    "SavedView",
    "ScannedPage",
    "SearchText",
    "SecondFactor",
    "SecondLook",
    "ServiceRequest",
    "SignInSession",
    "Step",
    "StoredSetting",
    "SuggestedKind",
    "Tag",
    "TextSense",
    "TextVersion",
    "ThemeModel",
    "Tombstone",
    "TownLogo",
    "Transcript",
    "UnitTally",
    "WebLookUp",
]
