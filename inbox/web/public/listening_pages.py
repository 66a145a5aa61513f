"""Listening to what was published: in the voice of whoever said it, where they wish it, or read by a synthetic voice.

No script, and no page that comes again by itself: whoever waits for a reading presses a button once more.
"""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, abort, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from inbox.answers import published_view, read_aloud
from inbox.answers.published_view import PublishedVoice
from inbox.answers.read_aloud import ReadState
from inbox.models.column_types import utc_now
from inbox.records import web_look_ups
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import open_to_all
from inbox.web.public.public_consultation import public_consultation
from inbox.web.public.public_frame import localised_text, public_page
from inbox.wishes import lent_voices

pages = Blueprint("listening", __name__)

PER_HOUR = 60
"""Texts that one address may have read within an hour."""


@pages.get("/consultations/<slug>/published/<int:number>/listen")
@open_to_all
def listen(slug: str, number: int) -> Response:
    """One published contribution, to be heard: what its author lends, and a synthetic voice."""
    with store_of().read() as rows:
        _id, asked = public_consultation(rows, slug)
        voice = _published(rows, slug, number)
        state = read_aloud.read_state(rows, number, voice.text)
    reads_aloud = settings_of().voicemail.reads_aloud
    if state is ReadState.NOT_ASKED and reads_aloud:
        state = _ask(number, voice.text)
    shown = public_page(
        "public/listen.html",
        fresh=True,
        asked=asked,
        voice=voice,
        state=state if reads_aloud else None,
        own=lambda said: localised_text(said, asked),
    )
    shown.headers["X-Robots-Tag"] = "noindex, nofollow"
    return shown


@pages.get("/consultations/<slug>/published/<int:number>/own-voice.mp3")
@open_to_all
def own_voice(slug: str, number: int) -> ResponseReturnValue:
    """The voice of whoever said it, as they lend it, for as long as they do."""
    with store_of().read() as rows:
        public_consultation(rows, slug)
        _published(rows, slug, number)
        sound = lent_voices.voice_sound(rows, number, online=True)
    return _played(sound)


@pages.get("/consultations/<slug>/published/<int:number>/read.mp3")
@open_to_all
def read(slug: str, number: int) -> ResponseReturnValue:
    """The words, read by a synthetic voice, so far as that is done."""
    with store_of().read() as rows:
        public_consultation(rows, slug)
        sound = read_aloud.reading_sound(rows, number, _published(rows, slug, number).text)
    return _played(sound)


def _published(rows: Session, slug: str, number: int) -> PublishedVoice:
    found = published_view.find_published_voice(rows, slug, number)
    if found is None:
        abort(404)
    return found


def _ask(number: int, text: str) -> ReadState:
    """Have it read, unless this address has asked for very many."""
    now = utc_now()
    with store_of().write() as session:
        source = f"a{web_look_ups.source_key(session, request.remote_addr or '', now)}"[:32]
        if web_look_ups.count_look_up(session, source, now) > PER_HOUR:
            return ReadState.BUSY
        return read_aloud.ask_to_read(session, number, text)


def _played(sound: bytes | None) -> Response:
    """Sound, whole or the range asked for; kept by nobody, since whoever lends a voice may take it back."""
    if sound is None:
        abort(404)
    response = send_file(BytesIO(sound), mimetype="audio/mpeg", conditional=True, etag=False)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
