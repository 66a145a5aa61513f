"""The web server: webhooks and pages."""

from gateway.web.app import create_app
from workers.processes.web_server import serve
from workers.runtime import process_setup

if __name__ == "__main__":
    settings = process_setup.begin()
    serve(settings.web.host, settings.web.port, settings.web.threads, lambda: create_app(settings))
