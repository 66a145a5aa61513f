"""The web server: webhooks and pages."""

from gateway.app import create_app
from workers import process
from workers.serving import serve

if __name__ == "__main__":
    settings = process.begin()
    serve(settings.web.host, settings.web.port, settings.web.threads, lambda: create_app(settings))
