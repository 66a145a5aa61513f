"""The web pages of moderators, centres, officials and administrators."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Flask, current_app, request, url_for
from flask_babel import format_date, get_locale
from markupsafe import Markup

from inbox.accounts.sign_in_sessions import LASTS
from inbox.paper.page_names import sheet_number
from inbox.storage.database import Store
from inbox.web import batch_pages, centre_day, home, operations, sign_in, static_files
from inbox.web.accounts import (
    account_pages,
    code_pages,
    opening_pages,
    outside_pages,
    people_pages,
    second_factor_pages,
    security_key_pages,
    set_up_pages,
)
from inbox.web.administration import (
    centre_pages,
    consultation_edit,
    consultation_pages,
    settings_home,
    text_pages,
    tool_pages,
    version_pages,
)
from inbox.web.base import (
    error_pages,
    formats,
    guard,
    labels,
    navigation,
    openings,
    page_language,
    row_ids,
)
from inbox.web.base.app_context import settings_of
from inbox.web.base.formats import pretty
from inbox.web.base.navigation import MenuEntry
from inbox.web.base.page_language import language_name
from inbox.web.contributions import (
    answer_labels,
    decision_pages,
    draft_pages,
    inbox_pages,
    media_pages,
    queue_navigation,
    theme_pages,
)
from inbox.web.contributions.reasons import translate_note, translate_reason
from inbox.web.contributions.transcript_view import MediumView, ShownWord
from inbox.web.paper import batch_end_pages, batch_overview, desk_pages
from inbox.web.public import (
    flag_pages,
    legal_pages,
    listening_pages,
    public_consultation,
    public_data,
    public_report,
    selection_pages,
    state_pages,
)
from inbox.web.reports import (
    arranging_pages,
    draft_check_pages,
    kind_pages,
    report_data_pages,
    report_pages,
    topic_pages,
)
from inbox.web.rights import fulfilling_pages, rights_pages
from inbox.web.sheet import personal_view
from inbox.web.triage import (
    bulk_pages,
    companion_pages,
    masked_copy_pages,
    queue_pages,
    second_look_pages,
    service_request_pages,
)

__all__ = ["MenuEntry", "language_name", "register"]

# The templates of these pages, which the pages of other rooms extend.
_layout = Blueprint("layout", __name__, template_folder="../templates")

_PAGES = (
    _layout,
    static_files.pages,
    home.pages,
    centre_day.pages,
    page_language.pages,
    sign_in.pages,
    account_pages.pages,
    account_pages.confirm,
    set_up_pages.pages,
    code_pages.pages,
    second_factor_pages.pages,
    security_key_pages.pages,
    outside_pages.pages,
    people_pages.pages,
    opening_pages.pages,
    rights_pages.pages,
    fulfilling_pages.pages,
    inbox_pages.pages,
    decision_pages.pages,
    theme_pages.pages,
    draft_pages.pages,
    queue_pages.pages,
    companion_pages.pages,
    masked_copy_pages.pages,
    second_look_pages.pages,
    service_request_pages.pages,
    bulk_pages.pages,
    media_pages.pages,
    batch_pages.pages,
    batch_overview.pages,
    batch_end_pages.pages,
    desk_pages.pages,
    operations.pages,
    settings_home.pages,
    consultation_pages.pages,
    consultation_edit.pages,
    tool_pages.pages,
    version_pages.pages,
    text_pages.pages,
    centre_pages.pages,
    report_pages.pages,
    arranging_pages.pages,
    draft_check_pages.pages,
    kind_pages.pages,
    topic_pages.pages,
    report_data_pages.pages,
    public_consultation.pages,
    state_pages.pages,
    flag_pages.pages,
    listening_pages.pages,
    selection_pages.pages,
    public_data.pages,
    public_report.pages,
    legal_pages.pages,
)

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")


def register(
    app: Flask,
    store: Store,
    entries: Iterable[MenuEntry] = (),
    find_personal: personal_view.Finder | None = None,
) -> None:
    """Add the pages to the application; ``entries`` are the menu lines of other rooms' pages.

    ``find_personal`` finds the words of a text that could be masked; without it nothing is proposed.

    Raises ``RouteUnstated`` when a route registered by now does not say who may enter.
    """
    app.extensions.setdefault("portevoix", {})["store"] = store
    app.extensions["portevoix"][personal_view.FINDER] = find_personal
    app.config["PERMANENT_SESSION_LIFETIME"] = LASTS
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    row_ids.install(app)
    guard.install(app)
    openings.install(app)
    page_language.install(app)
    formats.install(app)
    error_pages.install(app)
    navigation.install(app, entries, [desk_pages.ENTRY])
    for blueprint in _PAGES:
        app.register_blueprint(blueprint)
    app.jinja_env.filters["pretty"] = pretty
    app.jinja_env.filters["day"] = _day
    app.jinja_env.filters["told_reason"] = translate_reason
    app.jinja_env.filters["sheet_number"] = sheet_number
    app.jinja_env.filters["told_note"] = translate_note
    app.jinja_env.filters["place_in_words"] = batch_pages.place_in_words
    app.jinja_env.globals.update(asset=static_files.asset, control_attributes=_control_attributes)
    # Pages of other rooms, which these lead to where they are.
    app.jinja_env.globals.update(has_page=app.view_functions.__contains__)
    app.jinja_env.globals.update(town_services=lambda: settings_of().open311.services)
    app.jinja_env.globals.update(word_address=_word_address, lang_of=_lang_of)
    app.jinja_env.globals.update(undo_offered=queue_navigation.undo_offered)
    app.context_processor(_context)
    guard.check_routes(app)


def _context() -> dict[str, Any]:
    """What every template can use."""
    return {
        "me": guard.current_person(),
        "menu": navigation.menu,
        "language": str(get_locale() or "en"),
        "languages": page_language.LANGUAGES,
        "town": settings_of().town_name,
        "practice": settings_of().practice,
        "here": request.full_path.rstrip("?") if request.method == "GET" else url_for("home.start"),
        "labels": _LABELS,
        "language_name": language_name,
        "endpoints": current_app.view_functions,
        "logo_at": current_app.extensions["portevoix"].get("logo"),
    }


_LABELS: Mapping[str, Mapping[Any, Any]] = {
    "channels": labels.CHANNELS,
    "readings": labels.READINGS,
    "moderations": labels.MODERATIONS,
    "reasons": labels.SET_ASIDE_REASONS,
    "origins": labels.ORIGINS,
    "steps": labels.STEPS,
    "doors": labels.DOORS,
    "refusals": labels.REFUSALS,
    "ways": answer_labels.WAYS,
    "deliveries": answer_labels.DELIVERIES,
    "unreachable": answer_labels.UNREACHABLE,
    "outcomes": answer_labels.OUTCOMES,
    "roles": labels.ROLES,
}


def _day(when: date) -> str:
    return str(format_date(when, "d MMMM yyyy"))


def _control_attributes(control: Any, field_id: str, hint: object, given: Mapping[str, Any]) -> dict[str, Any]:
    """A control's attributes with those that tie it to its hint and its error."""
    described = [f"{field_id}-hint"] if hint else []
    attributes = dict(given)
    if control.errors:
        described.append(f"{field_id}-error")
        attributes["aria-invalid"] = "true"
    if described:
        attributes["aria-describedby"] = " ".join(described)
    return attributes


def _lang_of(language: str | None) -> Markup:
    """The attribute that tells a screen reader how to pronounce a resident's words; nothing when it is unknown."""
    return Markup(' lang="{}"').format(language) if language and _LANGUAGE.fullmatch(language) else Markup()


def _word_address(medium: MediumView, word: ShownWord) -> str:
    """Where a word can be heard or seen without the script: its moment in the recording, its page."""
    if word.start is None:
        return f"#page-{medium.id}"
    # A media fragment (W3C Media Fragments 1.0, section 4.2.1): players start there.
    return url_for("media.original", medium_id=medium.id, _anchor=f"t={max(0.0, word.start - 0.4):.1f}")
