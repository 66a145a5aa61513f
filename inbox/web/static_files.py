"""The style sheet, the script and the pictures of the pages, each under an address that changes with its content."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, send_from_directory, url_for

from inbox.web.base.guard import public

FOLDER = Path(__file__).parents[1] / "static"

pages = Blueprint("static_files", __name__)


@cache
def _digest(name: str) -> str:
    return sha256((FOLDER / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a static file; it may be cached for ever because a new content gets a new one."""
    return url_for("static_files.file", digest=_digest(name), name=name)


@pages.get("/static/<digest>/<name>")
@public
def file(digest: str, name: str) -> Response:
    """A static file; an old digest gets today's content, but is not to be kept."""
    response = send_from_directory(FOLDER, name, conditional=True)
    current = (FOLDER / name).is_file() and digest == _digest(name)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if current else "no-cache"
    return response
