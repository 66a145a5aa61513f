"""What was published of a consultation, masked as the public reads it, for files that other programs import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from config.enums import Moderation, Role
from inbox.export.csv_export import BATCH
from inbox.listings import contribution_list
from inbox.listings.filters import ContributionFilter, walk_along
from inbox.listings.visibility import visibility_of
from inbox.models import Contribution
from inbox.storage.envelope_encryption import vault_of

PUBLIC_SIGHT = visibility_of([Role.OFFICIAL])
"""Officials see of a published text what everybody may."""


def published_texts(session: Session, slug: str) -> Iterator[Sequence[tuple[Contribution, str]]]:
    """The published contributions that say something, with their texts: the newest first, a batch at a time.

    What was opened for a batch is forgotten once the next one is asked for.
    """
    walk = walk_along(session, ContributionFilter(consultation=slug, moderation=Moderation.PUBLISHED), PUBLIC_SIGHT)
    before: int | None = None
    while batch := walk.older(session, before, BATCH):
        before = batch[-1].id
        texts = contribution_list.current_texts_of(session, batch, PUBLIC_SIGHT)
        yield [(one, body) for one in batch if one.id in texts and (body := texts[one.id].body.strip())]
        vault_of(session).forget_opened(session)
