"""Themes of one contribution: put, kept, removed. What stands in the page's box is a draft meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from inbox.contributions import tags
from inbox.errors import InboxError
from inbox.web.base.app_context import store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.form_fields import TagForm
from inbox.web.base.guard import allow, require_person
from inbox.web.contributions.inbox_pages import DECIDE, show_sheet
from inbox.web.contributions.queue_navigation import address_in_queue, current_queue

pages = Blueprint("sorting", __name__)


def _apply(contribution_id: int, change: Callable[[Session, int], object], success: str) -> ResponseReturnValue:
    """Make a change and go back to the contribution, saying how it ended."""
    try:
        with store_of().write() as session:
            change(session, require_person().id)
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        flash(success, "success")
    return redirect(address_in_queue(current_queue(), contribution_id, "outcome"))


@pages.post("/contributions/<int:contribution_id>")
@allow(*DECIDE)
def enter(contribution_id: int) -> ResponseReturnValue:
    """Enter was pressed in some field: the theme being written is put, and nothing is decided."""
    if request.form.get("word", "").strip():
        return add_theme(contribution_id)
    return redirect(address_in_queue(current_queue(), contribution_id))


@pages.post("/contributions/<int:contribution_id>/themes")
@allow(*DECIDE)
def add_theme(contribution_id: int) -> ResponseReturnValue:
    """Put a theme of the consultation, or a free word."""
    form = TagForm()
    if form.validate() and not form.name:
        form.word.errors = [_("Choose a theme or write a word.")]
    if form.errors:
        return show_sheet(contribution_id, tag_form=form), 422
    return _apply(
        contribution_id,
        lambda session, by: tags.add_tag(session, contribution_id, form.name, by),
        _("The theme is added."),
    )


@pages.post("/contributions/<int:contribution_id>/themes/keep")
@allow(*DECIDE)
def confirm_theme(contribution_id: int) -> ResponseReturnValue:
    """Agree with a suggested theme."""
    name = request.form.get("name", "")
    return _apply(
        contribution_id,
        lambda session, by: tags.confirm_tag(session, contribution_id, name, by),
        _("The theme is kept."),
    )


@pages.post("/contributions/<int:contribution_id>/themes/keep-all")
@allow(*DECIDE)
def confirm_themes(contribution_id: int) -> ResponseReturnValue:
    """Agree with those suggested themes that were ticked."""

    def change(session: Session, by: int) -> None:
        for name in request.form.getlist("keep"):
            tags.confirm_tag(session, contribution_id, name, by)

    return _apply(contribution_id, change, _("The themes are kept."))


@pages.post("/contributions/<int:contribution_id>/themes/remove")
@allow(*DECIDE)
def remove_theme(contribution_id: int) -> ResponseReturnValue:
    """Take a theme off; reading again does not bring it back."""
    name = request.form.get("name", "")
    return _apply(
        contribution_id,
        lambda session, by: tags.remove_tag(session, contribution_id, name, by),
        _("The theme is removed."),
    )
