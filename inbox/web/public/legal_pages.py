"""Legal notices, the privacy notice and the declaration of accessibility, filled from the settings."""

from __future__ import annotations

from flask import Blueprint, Response

from config.wording.spoken_dates import say_days
from inbox.answers import published_view
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import open_to_all
from inbox.web.base.page_language import choose_language
from inbox.web.public.public_frame import localised_text, public_page

pages = Blueprint("legal", __name__)


@pages.get("/mentions-legales")
@open_to_all
def notices() -> Response:
    """Who publishes these pages, and where they lie (loi pour la confiance dans l'économie numérique, article 1-1)."""
    return public_page("public/legal.html")


@pages.get("/donnees-personnelles")
@open_to_all
def privacy() -> Response:
    """What is kept of residents, how long, and their rights (GDPR articles 13 and 14)."""
    with store_of().read() as rows:
        found = [one for _row, one in published_view.list_public_consultations(rows)]
    language = choose_language()
    shown = [
        (
            *localised_text(one.title, one),
            one,
            say_days(one.retention.recording_days, language),
            say_days(one.retention.original_days, language),
            say_days(one.retention.contribution_days, language),
        )
        for one in found
    ]
    return public_page("public/privacy.html", consultations=shown)


@pages.get("/accessibilite")
@open_to_all
def accessibility() -> Response:
    """The declaration of accessibility (RGAA 4.1, law of 11 February 2005, article 47)."""
    return public_page("public/accessibility.html")
