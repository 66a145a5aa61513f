"""What stands beside a contribution's text: what machines made of it, and what moderators noted; forgotten with it."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from inbox.administration import errands
from inbox.models import (
    OpenDataRow,
    PlaceMention,
    Quotation,
    ReportedFault,
    SecondLook,
    ServiceRequest,
    SuggestedKind,
    TextSense,
    TopicMember,
)

DERIVED = (
    TextSense,
    SuggestedKind,
    PlaceMention,
    Quotation,
    OpenDataRow,
    ReportedFault,
    SecondLook,
    ServiceRequest,
    TopicMember,
)


def delete_derived_rows(session: Session, contribution_id: int) -> None:
    """Forget what was made of a contribution's text; what is left of the text is looked at anew."""
    for model in DERIVED:
        session.execute(delete(model).where(model.contribution_id == contribution_id))
    # A draft of a report may quote it, and a draft is soon written again.
    errands.forget_words(session)
