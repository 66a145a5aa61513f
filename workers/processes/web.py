"""The web server of the pages."""

from config.settings.loader import read_external_settings
from gateway.base import settings_in_force
from gateway.base.settings_in_force import LiveSettings
from gateway.web.app import create_app
from workers.processes.web_server import serve_application
from workers.runtime import process_setup

SIGNING_IN = 2
"""Threads for passwords: each takes a core for a tenth of a second, and one is checked at a time."""

if __name__ == "__main__":
    settings = process_setup.begin_process(settings_in_force.load_settings_in_force)
    serve_application(
        settings.web.host,
        settings.web.port,
        settings.web.threads,
        lambda: create_app(settings, source=LiveSettings(read_external_settings()), has_doors=False),
        apart={"/sign-in": SIGNING_IN},
    )
