"""The doors: webhooks. They seal with the open half of a master key, and hold nothing that opens what came before.

What a call that goes on needs opened, the key service opens during the call, on record.
"""

from config.settings.loader import read_external_settings
from gateway.base import settings_in_force
from gateway.base.settings_in_force import LiveSettings
from gateway.base.store_factory import open_store
from gateway.web.doors_app import create_doors_app
from workers.processes.web_server import serve_application
from workers.runtime import process_setup
from workers.runtime.hidden_folder import hide_masters
from workers.serving.request_paths import Side

TO_A_PAGE = 2
"""Threads for each that answers pages: most of a webhook's time is spent waiting for its commit, which those that
wait together share."""

if __name__ == "__main__":
    settings = process_setup.begin_process(settings_in_force.load_settings_in_force)
    hide_masters(settings)
    store = open_store(settings, is_checked=process_setup.are_keys_checked(), holds_masters=False, at_door=True)
    serve_application(
        settings.web.host,
        settings.web.doors_port or settings.web.port,
        settings.web.threads * TO_A_PAGE,
        lambda: create_doors_app(settings, store, LiveSettings(read_external_settings())),
        side=Side.DOORS,
    )
