"""What stands in the box of a page that is opened: the text, or what somebody typed about it and did not save."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from inbox.contributions import drafts
from inbox.contributions.drafts import TypedDraft
from inbox.models import Contribution
from inbox.web.base import typed_text
from inbox.web.base.guard import require_person


@dataclass(frozen=True, slots=True)
class TextBox:
    """The box where a text is corrected, and the drafts beside it."""

    body: str
    token: str
    draft: TypedDraft | None
    """The draft that stands in it."""
    outdated: bool
    """Whether the text was changed after that draft was begun."""
    mine: tuple[TypedDraft, ...]
    """Other drafts of the person who looks, from other tabs or days."""
    others: tuple[TypedDraft, ...]
    """What other people have typed and not saved."""

    unsaved: bool = False
    """Whether it holds something that is not saved."""


def text_box_of(session: Session, contribution_id: int, text: str, version: int) -> TextBox:
    """The box of a page that is opened now; ``version`` is the number of the text in force, 0 for none."""
    contribution, me = session.get_one(Contribution, contribution_id), require_person()
    found = drafts.drafts_of(session, contribution)
    sent = request.form.get(typed_text.BODY) if request.method == "POST" else None
    draft = _sent_now(found) if sent is not None else _asked_for(found, me.id)
    continues = (draft.id, draft.number) if draft is not None and draft.person_id == me.id else None
    left = [one for one in found if one is not draft]
    body = draft.body if draft else text
    if sent is not None and typed_text.kept_sheet() is None:  # from a page that had no token: it stands nowhere else
        body = sent
    return TextBox(
        body=body,
        unsaved=drafts.normalise_typed_text(body) != drafts.normalise_typed_text(text),
        token=typed_text.page_token(contribution_id, me.id, version, continues),
        draft=draft,
        outdated=draft is not None and draft.based_on < version,
        mine=tuple(one for one in left if one.person_id == me.id),
        others=tuple(one for one in left if one.person_id != me.id),
    )


def _sent_now(found: list[TypedDraft]) -> TypedDraft | None:
    """The draft that was made of the form of this very request, which is shown again."""
    sheet = typed_text.kept_sheet()
    if sheet is None:
        return None
    return next((one for one in found if (one.person_id, one.sheet) == (sheet.person_id, sheet.name)), None)


def _asked_for(found: list[TypedDraft], person_id: int) -> TypedDraft | None:
    """The draft the address names, else the person's latest."""
    wanted = request.args.get("draft", "")
    for one in found:
        if str(one.id) == wanted:
            return one
    return next((one for one in found if one.person_id == person_id), None)
