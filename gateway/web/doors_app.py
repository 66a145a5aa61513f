"""The doors as an application of their own: what providers post is checked, sealed, stored and answered.

It knows no page, nobody who signs in, and no cookie's key.
"""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings.loader import Settings
from gateway.base.settings_in_force import LiveSettings
from gateway.web import call_back_hooks, settings_refresh, telephone_hooks
from inbox.storage.database import Store
from inbox.web.base import guard, row_ids

DOORS = (telephone_hooks.blueprint, call_back_hooks.blueprint)


def create_doors_app(settings: Settings, store: Store, source: LiveSettings | None = None) -> Flask:
    """The application of the doors; ``source`` as for that of the pages."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=settings.limits.upload_mb * 1024 * 1024, SESSION_COOKIE_SECURE=settings.web.secure_cookies
    )
    app.extensions["portevoix"] = {"settings": settings, "store": store}
    settings_refresh.install(app, source or LiveSettings.of(settings))
    believe_proxies(app, settings)
    row_ids.install(app)
    for blueprint in DOORS:
        app.register_blueprint(blueprint)
    guard.install_without_sessions(app)
    return app


def believe_proxies(app: Flask, settings: Settings) -> None:
    """Believe as many proxies in front as the settings say, about who asks and how."""
    if many := settings.web.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=many, x_proto=many)  # type: ignore[method-assign]  # how Flask documents it
