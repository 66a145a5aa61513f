"""The inbox itself: the list with its filters, the spreadsheet of it, and one contribution."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    session,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from config.enums import Role
from inbox.answers import deliveries
from inbox.contributions import non_contributions
from inbox.contributions.optimistic_locking import merged_into
from inbox.desk import assignment, bulk_actions, saved_views
from inbox.export.csv_export import export_csv
from inbox.jobs import speech_order
from inbox.listings import contribution_list
from inbox.listings.visibility import Aspect, Visibility
from inbox.models import Contribution
from inbox.records import references
from inbox.web.base import openings, typed_text
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.form_fields import EraseForm, SetAsideForm, TagForm, TextForm
from inbox.web.base.guard import allow, require_person
from inbox.web.base.page_language import choose_language
from inbox.web.base.row_ids import number_in
from inbox.web.contributions import list_query as asking
from inbox.web.contributions.contribution_view import ContributionSheet, contribution_sheet
from inbox.web.contributions.list_query import ListQuery
from inbox.web.contributions.moderated_view import moderated_contribution
from inbox.web.contributions.queue_navigation import current_queue, current_viewer, list_url
from inbox.web.contributions.text_box import text_box_of
from inbox.web.contributions.theme_labels import all_labels
from inbox.web.sheet.bar_view import ACTIONS, keys_for, queue_bar
from inbox.web.sheet.beside_view import beside_context
from inbox.web.sheet.personal_view import mark_proposals

pages = Blueprint("contributions", __name__)

PAGE_ROWS = 50

DECIDE = (Role.MODERATOR, Role.ADMINISTRATOR)
"""Who corrects and decides."""


@pages.get("/contributions")
@allow(Role.MODERATOR, Role.OFFICIAL, Role.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    """The list, newest first."""
    sight = require_person().sight
    asked = ListQuery.from_query(request.args, sight)
    wanted = asked.filter(require_person().id, settings_of().zone)
    with store_of().read() as rows:
        if (referred := _referred(rows, asked.q, sight)) is not None:
            return redirect(url_for("contributions.show", contribution_id=referred))
        themes = all_labels(rows, choose_language())
        page = contribution_list.list_contributions(
            rows,
            wanted,
            sight,
            before=asked.before,
            after=asked.after,
            limit=PAGE_ROWS,
        )
        counts = contribution_list.state_counts(rows, sight)
        choices = asking.filter_choices(rows, asked, themes, sight)
        more = _for_moderators(rows, page, themes) if require_person().may(*DECIDE) else {"may_decide": False}
    session["list"] = asked.query()
    openings.note_list_length(len(page.rows))
    return render_template(
        "contributions.html",
        asked=asked,
        page=page,
        views=asking.list_views(asked, counts, sight),
        choices=choices,
        theme_name=lambda key: themes.get(key, key),
        older_url=_at(asked, before=page.next_cursor) if page.next_cursor else None,
        newer_url=_at(asked, after=page.previous_cursor) if page.previous_cursor else None,
        newest_url=_at(asked) if page.previous_cursor else None,
        export_url=url_for("contributions.export", **asked.query()),
        **more,
    )


def _for_moderators(
    rows: Session, page: contribution_list.ContributionListPage, themes: dict[str, str]
) -> dict[str, Any]:
    """What the list shows to those who decide: what can be done to many, kept views, whose each is, keys."""
    person = require_person()
    return {
        "may_decide": True,
        "bulk_limit": bulk_actions.LIMIT,
        "saved": saved_views.views_of(rows, person.id),
        "assigned": assignment.assigned_to(rows, [row.id for row in page.rows]),
        "moderators": assignment.moderators(rows),
        "theme_options": sorted(themes.items(), key=lambda one: one[1]),
        "keys": keys_for(rows, person.id),
        "key_actions": {name: ACTIONS[name] for name in ("next", "previous", "search", "undo", "help")},
    }


def _at(asked: ListQuery, **place: int) -> str:
    """The address of another page of the same list."""
    return url_for("contributions.index", **asked.query(**place))


def _referred(rows: Session, query: str, sight: Visibility) -> int | None:
    """The contribution a query is the reference of, if somebody may open it: else a reference finds nothing."""
    number = references.parse_reference(query)
    referred = references.contribution_of(rows, number) if number is not None else None
    found = rows.get(Contribution, referred) if referred is not None else None
    there = found is not None and found.erased_at is None and sight.may_open(found.moderation)
    return referred if there else None


@pages.get("/contributions/export.csv")
@allow(Role.MODERATOR, Role.OFFICIAL, Role.ADMINISTRATOR, confirmed=True)
def export() -> ResponseReturnValue:
    """The filtered list as a spreadsheet: one row per contribution, as this person may see it."""
    sight = require_person().sight
    asked = ListQuery.from_query(request.args, sight)
    store, language, zone = store_of(), choose_language(), settings_of().zone
    wanted = asked.filter(require_person().id, zone)

    def rows() -> Iterator[bytes]:
        with store.read() as opened:
            yield from export_csv(opened, wanted, sight, language, zone)

    return Response(
        stream_with_context(rows()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="contributions.csv"'},
    )


@pages.get("/contributions/<int:contribution_id>")
@allow(Role.MODERATOR, Role.OFFICIAL, Role.ADMINISTRATOR)
def show(contribution_id: int) -> ResponseReturnValue:
    """One contribution as this person may see it; what was merged leads on to what speaks for it now."""
    sight = require_person().sight
    with store_of().read() as rows:
        target = merged_into(rows, contribution_id)
        spoken_for = rows.get(Contribution, target or contribution_id)
        if spoken_for is None or not sight.may_open(spoken_for.moderation):
            abort(404)
        put_back = non_contributions.withdrawn_part(rows, contribution_id)
    if target is not None:
        return redirect(url_for("contributions.show", contribution_id=target))
    if put_back is not None and "judged.show" in current_app.view_functions:
        return redirect(url_for("judged.show", unit="part", number=put_back))
    return show_sheet(contribution_id) if sight.sees(Aspect.ORIGINALS) else _show_moderated(contribution_id)


def _show_moderated(contribution_id: int) -> str:
    """The page of one contribution for those who see what was moderated."""
    with store_of().read() as rows:
        moderated = moderated_contribution(
            rows, contribution_id, choose_language(), require_person().sight, _past_before()
        )
        answered = deliveries.answer_context(rows, rows.get_one(Contribution, contribution_id)) if moderated else None
    if moderated is None:
        abort(404)
    list_url = url_for("contributions.index", **session.get("list", {}))
    return render_template("moderated.html", moderated=moderated, answered=answered, list_url=list_url)


def show_sheet(
    contribution_id: int,
    *,
    text_form: TextForm | None = None,
    aside_form: SetAsideForm | None = None,
    tag_form: TagForm | None = None,
    erase_form: EraseForm | None = None,
    stale: bool = False,
) -> str:
    """A moderator's page of one contribution, with the forms somebody has sent already, or fresh ones."""
    language = choose_language()
    with store_of().read() as rows:
        sheet = contribution_sheet(rows, contribution_id, language, _past_before())
        if sheet is None:
            abort(404)
        answered = deliveries.answer_context(rows, rows.get_one(Contribution, contribution_id))
        themes = all_labels(rows, language)
        may_decide = require_person().may(*DECIDE)
        queue = current_queue()
        contribution = rows.get_one(Contribution, contribution_id)
        beside = beside_context(rows, contribution, sheet.text, require_person().id, require_person().sight)
        bar = queue_bar(rows, queue, current_viewer(), themes)
        keys = keys_for(rows, require_person().id)
        version = sheet.current.number if sheet.current else 0
        newest_short = settings_of().speech.order == "newest_short"
        ahead = speech_order.ahead_of(rows, contribution_id, newest_short=newest_short)
        box = text_box_of(rows, contribution_id, sheet.text, version) if may_decide else None
    text_form = text_form or TextForm(formdata=None)
    if box is not None:
        text_form.body.data = box.body
    aside_form = aside_form or SetAsideForm(formdata=None, reason=sheet.set_aside_reason or "")
    erase_form = erase_form or EraseForm(formdata=None)
    # Also of a form sent back: what its sender now sees is the newest revision.
    text_form.revision.data, text_form.revision.raw_data = sheet.revision, None
    return render_template(
        "contribution.html",
        sheet=sheet,
        answered=answered,
        text_form=text_form,
        aside_form=aside_form,
        tag_form=_with_themes(tag_form or TagForm(formdata=None), sheet, themes),
        erase_form=erase_form,
        stale=stale,
        may_decide=may_decide,
        box=box,
        local_key=typed_text.local_key(contribution_id, require_person().id) if may_decide else "",
        list_url=list_url(),
        desk_bar=bar,
        beside=beside,
        keys=keys,
        key_actions=ACTIONS,
        marked=mark_proposals,
        ahead=ahead,
    )


def _past_before() -> int | None:
    """From which line of its history on the page is asked for."""
    return number_in(request.args, "history")


def _with_themes(form: TagForm, sheet: ContributionSheet, themes: dict[str, str]) -> TagForm:
    present = {theme.name for theme in sheet.themes}
    left = sorted((label, key) for key, label in themes.items() if key not in present)
    form.theme.choices = [("", _("None")), *((key, label) for label, key in left)]
    return form
