"""The process at the one address: it hands each connection to the doors or to the pages, and reads none itself.

It holds no key, no settings of any use and no database; nobody of the same user may look into its memory.
"""

import sys

from gateway.base import settings_in_force
from workers.processes.key_holder import forbid_looking_in
from workers.processes.web_server import handed_down_sockets
from workers.runtime import process_setup
from workers.serving.connection_sorter import ConnectionSorter
from workers.serving.request_paths import Side

if __name__ == "__main__":
    process_setup.begin_process(settings_in_force.load_settings_in_force)
    forbid_looking_in()
    listening, *lines = handed_down_sockets()
    ConnectionSorter(listening, dict(zip(map(Side, sys.argv[1:]), lines, strict=True))).serve()
