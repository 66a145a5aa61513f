"""What a report counts: the contributions that were published, and still stand."""

from sqlalchemy import ColumnElement, and_, literal_column

from config.enums import Moderation
from inbox.models import Contribution


def published_of(consultation_id: int) -> ColumnElement[bool]:
    """What was published of a consultation and still stands, as a condition on ``Contribution``."""
    return and_(
        literal_column("contribution.listed"),
        Contribution.consultation_id == consultation_id,
        Contribution.moderation == Moderation.PUBLISHED,
    )
