"""What moderators do to one contribution: correct, confirm, publish, set aside, take back, sort into themes."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from config.names import Role, SetAsideReason
from inbox import erasures, moderation, tags, texts
from inbox.erase import erase_contribution, scrub
from inbox.errors import InboxError
from inbox.pages.contributions import show_sheet
from inbox.pages.forms import EraseForm, RevisionForm, SetAsideForm, TagForm, TextForm
from inbox.pages.guard import allow, the_person
from inbox.pages.problems import told
from inbox.pages.wiring import store_of
from inbox.revisions import Stale, take_for_change

pages = Blueprint("decisions", __name__)

Change = Callable[[Session, int], object]
"""What to do in the transaction, given the person's id."""


def _apply(contribution_id: int, change: Change, success: str) -> ResponseReturnValue:
    """Make a change and go back to the contribution, saying how it ended."""
    person = the_person()
    try:
        with store_of().write() as session:
            change(session, person.id)
    except InboxError as error:
        flash(told(error), "error")
    else:
        flash(success, "success")
    return _back(contribution_id)


def _back(contribution_id: int) -> ResponseReturnValue:
    return redirect(url_for("contributions.show", contribution_id=contribution_id, _anchor="outcome"))


@pages.post("/contributions/<int:contribution_id>/text")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def correct(contribution_id: int) -> ResponseReturnValue:
    """Put a person's wording in force; when somebody else was quicker, nothing typed is lost."""
    form = TextForm()
    if not form.validate():
        return show_sheet(contribution_id, text_form=form), 422
    try:
        with store_of().write() as session:
            # Browsers send CR LF; what is stored is compared with what was composed.
            body = form.body.data.replace("\r\n", "\n").strip()
            texts.correct(session, contribution_id, body, the_person().id, form.revision.data)
    except Stale:
        return show_sheet(contribution_id, text_form=form, stale=True), 409
    except InboxError as error:
        flash(told(error), "error")
    else:
        flash(_("The text is saved and confirmed."), "success")
    return _back(contribution_id)


@pages.post("/contributions/<int:contribution_id>/publish")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def publish(contribution_id: int) -> ResponseReturnValue:
    """Publish; with ``confirm`` the machine-read text shown is confirmed too."""
    revision, confirm = _revision(), request.form.get("confirm") == "1"
    return _apply(
        contribution_id,
        lambda session, by: moderation.decide(
            session, contribution_id, "publish", by=by, expect_revision=revision, confirm=confirm
        ),
        _("Published."),
    )


@pages.post("/contributions/<int:contribution_id>/set-aside")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def set_aside(contribution_id: int) -> ResponseReturnValue:
    """Keep it unpublished, with a reason of the published list."""
    form = SetAsideForm()
    if not form.validate():
        return show_sheet(contribution_id, aside_form=form), 422
    reason = SetAsideReason(form.reason.data)
    return _apply(
        contribution_id,
        lambda session, by: moderation.decide(
            session, contribution_id, "set_aside", reason=reason, by=by, expect_revision=form.revision.data
        ),
        _("Set aside. It stays here, with its reason."),
    )


@pages.post("/contributions/<int:contribution_id>/reopen")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def reopen(contribution_id: int) -> ResponseReturnValue:
    """Put it back among those to review."""
    revision = _revision()
    return _apply(
        contribution_id,
        lambda session, by: moderation.decide(session, contribution_id, "reopen", by=by, expect_revision=revision),
        _("It is back among those to review."),
    )


@pages.post("/contributions/<int:contribution_id>/undo/<int:history_id>")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def undo(contribution_id: int, history_id: int) -> ResponseReturnValue:
    """Take back the newest decision."""
    revision = _revision()
    return _apply(
        contribution_id,
        lambda session, by: moderation.undo(session, contribution_id, history_id, by, revision),
        _("Taken back."),
    )


@pages.post("/contributions/<int:contribution_id>/themes")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
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
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def confirm_theme(contribution_id: int) -> ResponseReturnValue:
    """Agree with a suggested theme."""
    name = request.form.get("name", "")
    return _apply(
        contribution_id,
        lambda session, by: tags.confirm_tag(session, contribution_id, name, by),
        _("The theme is kept."),
    )


@pages.post("/contributions/<int:contribution_id>/themes/remove")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def remove_theme(contribution_id: int) -> ResponseReturnValue:
    """Take a theme off; reading again does not bring it back."""
    name = request.form.get("name", "")
    return _apply(
        contribution_id,
        lambda session, by: tags.remove_tag(session, contribution_id, name, by),
        _("The theme is removed."),
    )


def _revision() -> int:
    """The revision the page showed; one that cannot be read is no revision, so the change is refused as outdated."""
    form = RevisionForm()
    return form.revision.data if form.validate() else -1


@pages.post("/contributions/<int:contribution_id>/erase")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def erase_for_good(contribution_id: int) -> ResponseReturnValue:
    """Erase a contribution with everything that belongs to it, because its author or the law asks for it."""
    form = EraseForm()
    if not form.validate():
        return show_sheet(contribution_id, erase_form=form), 422
    try:
        with store_of().write() as session:
            take_for_change(session, contribution_id, form.revision.data)
            erase_contribution(session, contribution_id, by=the_person().id, reason=form.reason.data)
    except InboxError as error:
        flash(told(error), "error")
        return _back(contribution_id)
    scrub(store_of())
    flash(_("It is erased, with its original, its text and the address it came from."), "success")
    return redirect(url_for("contributions.index"))


@pages.post("/contributions/<int:contribution_id>/keep")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def keep(contribution_id: int) -> ResponseReturnValue:
    """Take back an erasure that the author asked for by text, because the author has changed their mind."""
    with store_of().write() as session:
        kept = erasures.take_back(session, contribution_id, the_person().id)
    if kept:
        flash(_("It is kept: the erasure is taken back."), "success")
    else:
        flash(_("No erasure is on its way any more."), "error")
    return _back(contribution_id)
