"""The fallback door as a process: imports neither database nor Redis, so that it starts when they do not."""

import sys

from config.settings.loader import SettingsError
from gateway.base import settings_snapshot
from gateway.spool.fallback_app import FallbackDoor
from inbox.errors import InboxError
from workers.processes.web_server import serve_application
from workers.runtime import process_setup

THREADS = 4


def main() -> int:
    """Serve until told to stop; 2 when the settings do not let it start."""
    try:
        settings = process_setup.begin_process(settings_snapshot.load_from_snapshot)
        if not settings.fallback.public_url:
            sys.stderr.write("portevoix: there is no fallback door. Set fallback.public_url to its address.\n")
            return 2
        # Made here, so that missing keys are said at the start and not at the first request.
        door = FallbackDoor(settings)
    except (SettingsError, InboxError) as error:
        sys.stderr.write(f"portevoix: {error}\n")
        return 2
    serve_application(settings.fallback.host, settings.fallback.port, THREADS, lambda: door)
    return 0


if __name__ == "__main__":
    sys.exit(main())
