"""What residents hear, read and print, as they get it, with its length and its price; and the town's own wording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from config.enums import Role
from config.wording.consultation import BadConsultation, Consultation, consultation_of
from config.wording.message_catalog import TextPreview, TextsError, catalogue, preview_texts
from config.wording.message_keys import TEXT_KEYS
from inbox.consultations.consultation_versions import EditedMeanwhile
from inbox.web.administration.consultation_edit import save_edited_consultation
from inbox.web.administration.consultation_pages import read_current_version
from inbox.web.administration.problem_messages import translate_problem
from inbox.web.base.app_context import settings_of
from inbox.web.base.guard import allow
from inbox.web.base.labels import Label

pages = Blueprint("texts", __name__)

GROUPS: tuple[tuple[str, Label, tuple[str, ...]], ...] = (
    ("texts", _l("Text messages"), ("sms_",)),
    ("calls", _l("Calls"), ("voice_", "free_call")),
    ("mails", _l("Mails"), ("email_",)),
    ("paper", _l("On paper"), ("paper_", "form_")),
    ("passages", _l("Passages and reasons"), ("promise_", "reason_", "generic_")),
)


@dataclass(frozen=True)
class TextLine:
    """A text as a resident gets it."""

    shown: TextPreview
    own: bool
    """Whether the wording is the consultation's own."""
    euros: float | None


@pages.get("/settings/consultations/<slug>/texts")
@allow(Role.ADMINISTRATOR)
def index(slug: str) -> ResponseReturnValue:
    """Every text in one language."""
    consultation = read_current_version(slug).one
    wanted = request.args.get("language", "")
    spoken = wanted if wanted in consultation.languages else consultation.language
    lines = [_line(consultation, spoken, shown) for shown in preview_texts(consultation, spoken)]
    groups = [
        (name, label, [line for line in lines if line.shown.key.startswith(beginnings)])
        for name, label, beginnings in GROUPS
    ]
    return render_template("administration/texts.html", slug=slug, one=consultation, spoken=spoken, groups=groups)


def _line(consultation: Consultation, language: str, shown: TextPreview) -> TextLine:
    price = settings_of().texting.segment_price
    euros = shown.price.count * price if shown.price and price else None
    return TextLine(shown, shown.key in consultation.texts.get(language, {}), euros)


@pages.get("/settings/consultations/<slug>/texts/<language>/<key>")
@allow(Role.ADMINISTRATOR)
def form(slug: str, language: str, key: str) -> ResponseReturnValue:
    """One text, to be worded otherwise."""
    version = read_current_version(slug)
    consultation = version.one
    ours = _ours(consultation, language, key)
    typed = consultation.texts.get(language, {}).get(key, ours)
    return _page(slug, consultation, language, key, typed, version.number, "")


@pages.post("/settings/consultations/<slug>/texts/<language>/<key>")
@allow(Role.ADMINISTRATOR)
def save(slug: str, language: str, key: str) -> ResponseReturnValue:
    """Look at a wording as a resident would get it, keep it, or go back to ours."""
    version = read_current_version(slug)
    consultation = version.one
    ours, shown = _ours(consultation, language, key), request.form.get("version", 0, type=int)
    typed = request.form.get("wording", "").strip()
    back = "ours" in request.form or not typed or typed == ours
    table = consultation.model_dump(mode="json")
    table["texts"] = _with(table["texts"], language, key, "" if back else typed)
    try:
        changed = consultation_of(table)
        preview_texts(changed, language)
        if "look" in request.form:
            return _page(slug, changed, language, key, typed, shown, "")
        save_edited_consultation(changed, shown)
    except BadConsultation as bad:
        problem = " ".join(translate_problem(words) for _loc, _value, words in bad.problems)
        return _page(slug, consultation, language, key, typed, shown, problem), 422
    except TextsError:
        problem = _("It names something that is not known here.")
        return _page(slug, consultation, language, key, typed, shown, problem), 422
    except EditedMeanwhile:
        problem = _("Somebody else has changed it meanwhile: what you typed is still here. Compare, then save.")
        return _page(slug, consultation, language, key, typed, version.number, problem), 409
    flash(_("It is worded as it comes along again.") if back else _("The wording is kept."), "success")
    return redirect(url_for("texts.index", slug=slug, language=language, _anchor=key))


def _ours(consultation: Consultation, language: str, key: str) -> str:
    if key not in TEXT_KEYS or language not in consultation.languages:
        abort(404)
    return catalogue(language).get(key) or catalogue("fr")[key]


def _with(texts: Mapping[str, Mapping[str, str]], language: str, key: str, words: str) -> dict[str, Any]:
    changed = {one: dict(inner) for one, inner in texts.items()}
    changed.setdefault(language, {})[key] = words
    if not words:
        del changed[language][key]
    return {one: inner for one, inner in changed.items() if inner}


def _page(
    slug: str, consultation: Consultation, language: str, key: str, typed: str, version: int, problem: str
) -> str:
    shown = next(one for one in preview_texts(consultation, language) if one.key == key)
    return render_template(
        "administration/text.html",
        slug=slug,
        language_of_text=language,
        line=_line(consultation, language, shown),
        typed=typed,
        version=version,
        problem=problem,
        facts=TEXT_KEYS[key].facts,
    )
