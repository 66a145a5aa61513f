"""The themes of a consultation, their words tried against what residents have really said, while typing."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config.enums import Role
from config.wording.consultation import BadConsultation, Consultation, Theme, consultation_of
from config.wording.pictogram_names import PICTOGRAMS
from inbox.consultations.consultation_versions import EditedMeanwhile
from inbox.contributions.text_versions import current_text
from inbox.listings.contribution_list import newest_of_consultation
from inbox.web.administration.consultation_edit import save_edited_consultation
from inbox.web.administration.consultation_pages import ShownVersion, read_current_version
from inbox.web.administration.consultation_values import free_slug, split_values
from inbox.web.administration.problem_messages import problems_by_field
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow
from transcription.text.theme_suggestions import suggest_themes

blueprint = Blueprint("consultation_themes", __name__, template_folder="../../templates")

TRIED = 200
"""How many of the newest contributions words are tried against."""
SHOWN = 5
_AROUND = 60


@dataclass(frozen=True)
class WordMatch:
    """A contribution in which words were found: what stands before, in and after the first of them."""

    before: str
    word: str
    after: str


@dataclass(frozen=True)
class WordTrial:
    """What became of a try."""

    tried: int
    found: int
    shown: tuple[WordMatch, ...]


@blueprint.get("/settings/consultations/<slug>/themes")
@allow(Role.ADMINISTRATOR)
def form(slug: str) -> ResponseReturnValue:
    """The themes with their words."""
    version = read_current_version(slug)
    return _page(slug, version.one, _as_typed(version.one), version.number, {}, None)


@blueprint.post("/settings/consultations/<slug>/themes")
@allow(Role.ADMINISTRATOR)
def save(slug: str) -> ResponseReturnValue:
    """Keep them as a new version; or, by another button, try one's words, add one, take one out, with nothing kept."""
    version = read_current_version(slug)
    shown = request.form.get("version", 0, type=int)
    typed = _typed(version.one)
    asked = request.form.get("do", "save")
    action, _dash, place = asked.partition("-")
    if action == "add":
        typed.append({"key": "", "label": {}, "words": {}, "pictogram": ""})
        return _page(slug, version.one, typed, shown, {}, None)
    if action == "remove" and place.isdigit() and int(place) < len(typed):
        del typed[int(place)]
        return _page(slug, version.one, typed, shown, {}, None)
    if action == "try" and place.isdigit() and int(place) < len(typed):
        return _page(slug, version.one, typed, shown, {}, (int(place), _tried(slug, typed[int(place)])))
    if action != "save":
        abort(400)
    return _keep(slug, version, typed, shown)


@blueprint.post("/settings/consultations/<slug>/themes/try")
@allow(Role.ADMINISTRATOR)
def try_words(slug: str) -> ResponseReturnValue:
    """Try the words of one theme, for the script of the page: the same fragment as with the button."""
    words = {
        name.removeprefix("words."): split_values(value)
        for name, value in request.form.items()
        if name.startswith("words.")
    }
    return render_template("gateway/town/_trial.html", trial=_tried(slug, {"key": "x", "label": {}, "words": words}))


def _as_typed(consultation: Consultation) -> list[dict[str, Any]]:
    return [theme.model_dump(mode="json") for theme in consultation.themes]


def _typed(consultation: Consultation) -> list[dict[str, Any]]:
    """The themes as they stand in the boxes, in their order."""
    found: list[dict[str, Any]] = []
    for place in range(request.form.get("count", 0, type=int)):
        box = f"themes.{place}"
        label = _by_language(f"{box}.label", consultation.languages)
        words = {
            language: split_values(text)
            for language, text in _by_language(f"{box}.words", consultation.languages).items()
        }
        found.append(
            {
                "key": request.form.get(f"{box}.key", "").strip(),
                "label": label,
                "words": words,
                "pictogram": request.form.get(f"{box}.pictogram", ""),
            }
        )
    return found


def _by_language(name: str, languages: Sequence[str]) -> dict[str, str]:
    boxes = {language: request.form.get(f"{name}.{language}", "").strip() for language in languages}
    return {language: words for language, words in boxes.items() if words}


def _keep(slug: str, version: ShownVersion, typed: list[dict[str, Any]], shown: int) -> ResponseReturnValue:
    table = version.one.model_dump(mode="json")
    filled = [theme for theme in typed if theme["label"] or theme["words"]]
    table["themes"] = _with_keys(filled, version.one.language)
    try:
        save_edited_consultation(consultation_of(table), shown)
    except BadConsultation as bad:
        problems = problems_by_field((loc, words) for loc, _value, words in bad.problems)
        return _page(slug, version.one, filled, shown, problems, None), 422
    except EditedMeanwhile:
        flash(_("Somebody else has changed it meanwhile: what you typed is still here. Compare, then save."), "warning")
        return _page(slug, version.one, typed, version.number, {}, None), 409
    flash(_("Saved as a new version."), "success")
    return redirect(url_for("consultation_themes.form", slug=slug, _anchor="outcome"))


def _with_keys(themes: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """The same, with a key for each new one, made of its name."""
    taken = {theme["key"] for theme in themes if theme["key"]}
    found = []
    for theme in themes:
        key = theme["key"] or free_slug(theme["label"].get(language, ""), taken)
        taken.add(key)
        found.append({**theme, "key": key})
    return found


def _tried(slug: str, theme: Mapping[str, Any]) -> WordTrial:
    try:
        tried = Theme.model_validate({**theme, "key": theme["key"] or "x", "label": theme["label"] or {"fr": "x"}})
    except ValueError:
        return WordTrial(0, 0, ())
    shown: list[WordMatch] = []
    found, bodies = 0, _bodies(slug)
    for body, language in bodies:
        suggested = suggest_themes(body, [tried], language)
        if suggested:
            found += 1
            if len(shown) < SHOWN:
                shown.append(_match(body, suggested[0].words[0]))
    return WordTrial(len(bodies), found, tuple(shown))


def _bodies(slug: str) -> list[tuple[str, str]]:
    """What the newest contributions say, each with its language."""
    with store_of().read() as session:
        rows = newest_of_consultation(session, slug, TRIED)
        texts = [(current_text(session, row), row.language) for row in rows]
    return [(text.body, language or "fr") for text, language in texts if text is not None and text.body]


def _match(body: str, word: str) -> WordMatch:
    flat = " ".join(body.split())
    at, end = _place(flat, word)
    before = flat[max(0, at - _AROUND) : at]
    return WordMatch(("… " if at > _AROUND else "") + before, flat[at:end], flat[end : end + _AROUND])


def _place(text: str, word: str) -> tuple[int, int]:
    """Where a word stands in a text, in some inflection; (0, 0) where that cannot be said."""
    folded, wanted = _folded(text), _folded(word)
    for length in range(len(wanted), min(3, len(wanted)) - 1, -1):
        at = folded.find(wanted[:length])
        if at >= 0:
            end = at + length
            while end < len(text) and text[end].isalpha():
                end += 1
            return at, end
    return 0, 0


def _folded(text: str) -> str:
    """Without accents and capitals, sign for sign."""
    return "".join((unicodedata.normalize("NFKD", sign)[:1] or sign).lower()[:1] or sign for sign in text)


def _page(
    slug: str,
    consultation: Consultation,
    typed: Sequence[Mapping[str, Any]],
    version: int,
    problems: Mapping[str, str],
    trial: tuple[int, WordTrial] | None,
) -> str:
    return render_template(
        "gateway/town/themes.html",
        slug=slug,
        one=consultation,
        themes=typed,
        version=version,
        problems=problems,
        trial=trial,
        pictograms=[(name, name) for name in PICTOGRAMS],
    )
