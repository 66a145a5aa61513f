"""A resident's own selection of what was published: own order, own words, to be printed; nothing of it is kept.

What is chosen stands in the address, so that it can be passed on; own words are only shown to whoever typed them, so
that nobody can have the town's page say what they like.
"""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from config.wording.consultation import Consultation
from inbox.answers import published_view
from inbox.answers.published_view import PublishedVoice
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import open_to_all
from inbox.web.public.public_consultation import theme_labels
from inbox.web.public.public_frame import localised_text, public_page
from inbox.web.public.public_labels import OUTCOMES

pages = Blueprint("selections", __name__)

MOST_CHOSEN = 20
LONGEST_TITLE, LONGEST_WORDS = 120, 1000
LONGEST_QUERY = 100


@pages.get("/consultations/<slug>/selection")
@open_to_all
def choose(slug: str) -> ResponseReturnValue:
    """What was chosen so far, and what else can be."""
    words = request.args.get("q", "").strip()[:LONGEST_QUERY].replace("\0", "")
    with store_of().read() as rows:
        asked = _asked(rows, slug)
        chosen = _chosen(rows, slug, request.args.getlist("c"))
        found = published_view.list_published_voices(rows, slug, words=words)
    others = [one for one in found.voices if one.id not in {voice.id for voice in chosen}]
    return public_page(
        "public/selection.html",
        asked=asked,
        chosen=chosen,
        others=others if len(chosen) < MOST_CHOSEN else [],
        ids=[one.id for one in chosen],
        words=words,
        own=lambda said: localised_text(said, asked),
        longest=LONGEST_WORDS,
        longest_title=LONGEST_TITLE,
    )


@pages.post("/consultations/<slug>/selection")
@open_to_all
def show(slug: str) -> ResponseReturnValue:
    """The selection as it can be printed: only whoever typed its words sees them."""
    form = request.form
    with store_of().read() as rows:
        asked = _asked(rows, slug)
        chosen = _chosen(rows, slug, form.getlist("c"))
    ordered = sorted(chosen, key=lambda one: _place(form.get(f"order-{one.id}", "")))
    return public_page(
        "public/selection_shown.html",
        fresh=True,
        asked=asked,
        title=_typed(form.get("title", ""), LONGEST_TITLE),
        introduction=_typed(form.get("introduction", ""), LONGEST_WORDS),
        voices=[(one, _typed(form.get(f"words-{one.id}", ""), LONGEST_WORDS)) for one in ordered],
        themes=theme_labels(asked),
        outcomes=OUTCOMES,
        own=lambda said: localised_text(said, asked),
    )


def _asked(rows: Session, slug: str) -> Consultation:
    found = published_view.find_public_consultation(rows, slug)
    if found is None:
        abort(404)
    return found[1]


def _chosen(rows: Session, slug: str, numbers: list[str]) -> list[PublishedVoice]:
    """The published contributions of these numbers, each once, in their order; what is not published is not there."""
    wanted = dict.fromkeys(int(one) for one in numbers if one.isascii() and one.isdecimal() and len(one) < 10)
    found = (published_view.find_published_voice(rows, slug, number) for number in list(wanted)[:MOST_CHOSEN])
    return [one for one in found if one is not None]


def _place(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else MOST_CHOSEN + 1


def _typed(words: str, longest: int) -> str:
    return words.replace("\0", "").strip()[:longest]
