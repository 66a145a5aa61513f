"""Opens the store as the settings say, so that what is committed through it wakes the pools."""

from config.settings.loader import Settings
from config.wording.message_catalog import load_catalogues
from gateway.base.queue import QueueNotifier, connect_redis
from gateway.base.traces import start_tracing
from inbox.keys.service_keyring import service_keyring
from inbox.storage.database import Store


def open_store(
    settings: Settings, *, is_checked: bool = False, holds_masters: bool = True, at_door: bool = False
) -> Store:
    """The store. Migrations are run by ``portevoix up`` before anything else starts.

    ``is_checked``: whether the keys are known to be those of the database, which is not asked then. Without
    ``holds_masters`` the key service opens what this process may read, where there is one, and no master key is read:
    for the steps it holds, or ``at_door`` for the calls it answers.
    """
    load_catalogues()
    start_tracing(settings.monitoring)
    keyring = service_keyring(settings, holds_masters=holds_masters, at_door=at_door)
    store = Store.open(settings, region=settings.region, is_checked=is_checked, keyring=keyring)
    store.after_commit(QueueNotifier(connect_redis(settings.redis_address)))
    return store
