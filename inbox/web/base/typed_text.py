"""What stands in the box of a contribution's page goes along with whatever button is pressed, and is kept first.

The page proves with a token which contribution, whose page and which opening of it the text belongs to,
so that it is kept even when the session has ended meanwhile: nobody is signed in by it, and nothing is shown.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app, g, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import HTTPException

from inbox.contributions import drafts
from inbox.contributions.drafts import DraftOutcome, DraftSheet
from inbox.web.base.app_context import store_of

SHEET, BODY, NUMBER = "sheet", "body", "typed"
"""The fields: the token of the page, what stands in its box, and a number that rises as more is typed."""

TEXTS = (BODY, "text")
"""The fields of any page that hold long texts: also a letter that is typed in on somebody's behalf."""

TOKEN_SECONDS = 30 * 24 * 3600
"""How long an opened page is believed; longer than anybody leaves one open, and than a browser is off."""

MOST_FORM_BYTES = 32 * 1024 * 1024
"""A whole text goes along with every button, and a mail may be long."""

_NONCE_BYTES = 12


def page_token(contribution_id: int, person_id: int, based_on: int, continues: tuple[int, int] | None) -> str:
    """The token of a page that is being opened now."""
    name = secrets.token_urlsafe(12)
    return str(_signer().dumps([contribution_id, person_id, name, based_on, *(continues or ())]))


def sheet_of_token(token: str) -> DraftSheet | None:
    """The page a token was made for; None when it is none of ours, or too old."""
    try:
        contribution_id, person_id, name, based_on, *draft = _signer().loads(token, max_age=TOKEN_SECONDS)
    except BadData:
        return None
    return DraftSheet(contribution_id, person_id, name, based_on, (draft[0], draft[1]) if draft else None)


def _signer() -> URLSafeTimedSerializer:
    secret = current_app.secret_key
    assert secret is not None
    return URLSafeTimedSerializer(secret, salt="portevoix sheet")


def current_sheet() -> DraftSheet | None:
    """The page the form of this request stood on; None for forms of other pages."""
    token = request.form.get(SHEET)
    return sheet_of_token(token) if token else None


def keep_what_was_typed() -> None:
    """Before anything else is done with a form: keep what stands in its box, if it stood on a contribution's page."""
    request.max_form_memory_size = MOST_FORM_BYTES
    sheet, body = current_sheet(), request.form.get(BODY)
    if sheet is None or body is None:
        return
    written = request.form.get(NUMBER, "")
    number = int(written) if written.isdecimal() and len(written) < 10 else None
    g.kept = sheet if save_typed_text(sheet, body, number) is not DraftOutcome.GONE else None


def kept_sheet() -> DraftSheet | None:
    """The page whose text ``keep_what_was_typed`` kept in this request."""
    sheet: DraftSheet | None = g.get("kept")
    return sheet


def unsaved_text() -> str:
    """What was typed into the form of this request and stands nowhere else: "" when it was kept, or none came."""
    if request.method != "POST" or kept_sheet() is not None:
        return ""
    try:
        form = request.form
    except HTTPException:  # larger than is taken, or no form
        return ""
    return next((written for name in TEXTS if (written := form.get(name, "").strip())), "")


def save_typed_text(sheet: DraftSheet, body: str, number: int | None) -> DraftOutcome:
    """Keep a text for a page, in a transaction of its own."""
    with store_of().write() as session:
        return drafts.save_draft(session, sheet, body, number)


def local_key(contribution_id: int, person_id: int) -> str:
    """The key with which a page seals what it keeps in the browser, as its script takes it; "" when erased."""
    with store_of().read() as session:
        key = drafts.browser_draft_key(session, contribution_id, person_id)
    return b64encode(key).decode() if key else ""


def open_browser_copy(sheet: DraftSheet, sealed: str) -> str | None:
    """What a browser had kept: base64 of nonce and AES-256-GCM; None when it does not open (any more)."""
    with store_of().read() as session:
        key = drafts.browser_draft_key(session, sheet.contribution_id, sheet.person_id)
    try:
        raw = b64decode(sealed, validate=True)
        return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None).decode() if key else None
    except (NotBase64, InvalidTag, ValueError):
        return None
