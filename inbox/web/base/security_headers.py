"""The security headers of every response: Content-Security-Policy, HSTS, no framing, no caching of residents' words."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, current_app, g

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def allow_pictures_of(address: str) -> None:
    """Let the page that is being made show pictures from the server of ``address``, too: the town's own map tiles."""
    g.picture_origin = "{0.scheme}://{0.netloc}".format(urlsplit(address))


def add_security_headers(response: Response) -> Response:
    """What tells the browser to load nothing from elsewhere, to come by https, to keep nothing: after every view."""
    headers = response.headers
    policy = CONTENT_SECURITY_POLICY
    if origin := g.get("picture_origin"):
        policy = policy.replace("img-src 'self'", f"img-src 'self' {origin}")
    headers.setdefault("Content-Security-Policy", policy)
    if current_app.config["SESSION_COOKIE_SECURE"]:  # where the address is https, for a year
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    # Residents' words must not stay in the browser of a shared desk.
    headers.setdefault("Cache-Control", "no-store")
    return response
