"""The application factory: the doors, the pages, and what every answer carries."""

import secrets
from pathlib import Path

from flask import Flask
from flask_babel import lazy_gettext as _l

from config.settings.loader import Settings
from gateway.base.settings_in_force import LiveSettings
from gateway.base.store_factory import open_store
from gateway.web import (
    forms_page,
    manual_entry,
    monitoring,
    non_contribution_pages,
    replica_reads,
    report_files,
    settings_refresh,
    typed_codes,
    upload_page,
    vote_desk,
)
from gateway.web.answers import (
    answer_pages,
    follow_up_pages,
    passage_pages,
    print_pages,
    recording_pages,
    support_pages,
)
from gateway.web.api import (
    api_answering,
    api_guard,
    api_reading,
    open311_document,
    open311_pages,
    open311_replies,
    openapi,
)
from gateway.web.doors_app import DOORS, believe_proxies
from gateway.web.town import (
    archive_pages,
    backup_pages,
    errand_pages,
    logo_pages,
    mailbox_settings,
    practice_pages,
    theme_editor,
    town_settings,
    update_pages,
    upkeep_pages,
)
from inbox import web
from inbox.contributions.non_contributions import count_non_contributions as count_judged
from inbox.storage.database import Store
from inbox.web import MenuEntry
from inbox.web.base import row_ids
from inbox.web.public import flag_pages
from transcription.text.personal_data import find_personal

MENU = (
    MenuEntry("answers.index", _l("Answers"), "reply"),
    MenuEntry("uploads.upload", _l("Hand in"), "upload"),
    MenuEntry("forms.forms", _l("Forms"), "print"),
    MenuEntry("entry.enter", _l("Type in"), "pen"),
    MenuEntry("flags.index", _l("Flagged"), "alert", flag_pages.count_open),
    MenuEntry("judged.index", _l("Not contributions"), "aside", count_judged),
)
"""The lines of the menu that lead to pages of this room."""

TOWN_PAGES = (
    town_settings.blueprint,
    mailbox_settings.blueprint,
    logo_pages.blueprint,
    practice_pages.blueprint,
    errand_pages.blueprint,
    upkeep_pages.blueprint,
    update_pages.blueprint,
    backup_pages.blueprint,
    archive_pages.blueprint,
    theme_editor.blueprint,
)

ANSWER_PAGES = (
    answer_pages.pages,
    passage_pages.pages,
    recording_pages.pages,
    print_pages.pages,
    follow_up_pages.pages,
    support_pages.pages,
)

API_PAGES = (
    api_reading.pages,
    api_answering.pages,
    openapi.pages,
    open311_pages.pages,
    open311_document.pages,
)


def create_app(
    settings: Settings, store: Store | None = None, source: LiveSettings | None = None, *, has_doors: bool = True
) -> Flask:
    """The web application; give it a store to share one, else it opens the settings' own.

    The ``source`` says what comes before what is set on the pages; where there is none, ``settings`` themselves do.
    Without ``has_doors`` webhooks are answered by an application of their own (``doors_app``).
    """
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config.update(
        SECRET_KEY=_web_secret(settings.secret_key_file),
        MAX_CONTENT_LENGTH=settings.limits.upload_mb * 1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.web.secure_cookies,
        # The prefix has browsers refuse one that another host or plain http has set (RFC 6265bis, 4.1.3.2).
        SESSION_COOKIE_NAME="__Host-portevoix" if settings.web.secure_cookies else "portevoix",
    )
    app.extensions["portevoix"] = {"settings": settings, "store": store or open_store(settings)}
    settings_refresh.install(app, source or LiveSettings.of(settings))
    believe_proxies(app, settings)
    row_ids.install(app)
    for blueprint in DOORS if has_doors else ():
        app.register_blueprint(blueprint)
    app.register_blueprint(monitoring.blueprint)
    app.register_blueprint(upload_page.blueprint)
    app.register_blueprint(typed_codes.blueprint)
    app.register_blueprint(forms_page.blueprint)
    app.register_blueprint(manual_entry.blueprint)
    app.register_blueprint(vote_desk.blueprint)
    app.register_blueprint(non_contribution_pages.blueprint)
    app.register_blueprint(report_files.blueprint)
    for blueprint in (*TOWN_PAGES, *ANSWER_PAGES, *API_PAGES):
        app.register_blueprint(blueprint)
    web.register(app, app.extensions["portevoix"]["store"], MENU, find_personal)
    replica_reads.install(app, app.extensions["portevoix"]["store"])
    api_guard.install(app, {"/open311/": open311_replies.no_route})
    return app


def _web_secret(path: Path) -> bytes:
    """The key that signs session cookies: made once, kept beside the master keys."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_bytes(secrets.token_bytes(32))
    try:
        # Several processes may start at once; the first link wins and all read the same key.
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_bytes()
