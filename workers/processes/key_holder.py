"""The key service as a process: it alone, of those beside the pools, need read master keys for them.

Nobody of the same user may look into its memory, and none of it is ever written to a disk.
"""

import ctypes
import os
import resource
import sys
import threading
from pathlib import Path

from gateway.base import settings_in_force
from inbox.keys.key_service import KeyService, open_key_socket, users_who_may_ask
from inbox.keys.service_keyring import door_address
from inbox.storage.database import Store
from workers.runtime import process_setup

_PR_SET_DUMPABLE = 4


def forbid_looking_in() -> None:
    """Keep others of this user from reading this process's memory, and the kernel from writing it out (prctl(2))."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


if __name__ == "__main__":
    settings = process_setup.begin_process(settings_in_force.load_settings_in_force)
    forbid_looking_in()
    address = Path(sys.argv[1])
    at_door = door_address(address)
    listening, of_doors = open_key_socket(address), open_key_socket(at_door)
    store = Store.open(settings, region=settings.region, is_checked=process_setup.are_keys_checked())
    # Where doors are users of their own, they are nobody to the pools' socket.
    doors = users_who_may_ask(at_door)
    pools = users_who_may_ask(address) - (doors - {os.getuid()})
    at_doors = KeyService(store, of_doors, doors, is_for_doors=True)
    threading.Thread(target=at_doors.serve, daemon=True, name="doors").start()
    KeyService(store, listening, pools).serve()
