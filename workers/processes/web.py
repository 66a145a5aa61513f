"""The web server: webhooks and pages."""

from config.settings.loader import read_outside
from gateway.base import settings_in_force
from gateway.base.settings_in_force import SettingsSource
from gateway.web.app import create_app
from workers.processes.web_server import serve
from workers.runtime import process_setup

SIGNING_IN = 2
"""Threads for passwords: each takes a core for a tenth of a second, and one is checked at a time."""

if __name__ == "__main__":
    settings = process_setup.begin(settings_in_force.load)
    threads = settings.web.threads
    serve(
        settings.web.host,
        settings.web.port,
        threads,
        lambda: create_app(settings, source=SettingsSource(read_outside())),
        # Callers and telephones wait for an answer, and neither for an upload nor for a list.
        apart={"/hooks/": threads, "/sign-in": SIGNING_IN},
    )
