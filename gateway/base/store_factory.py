"""Opens the store as the settings say, so that what is committed through it wakes the pools."""

from config.settings.loader import Settings
from config.wording.message_catalog import load_catalogues
from gateway.base.queue import QueueNotifier, connect_redis
from inbox.storage.database import Store


def open_store(settings: Settings, *, is_checked: bool = False) -> Store:
    """The store. Migrations are run by ``portevoix up`` before anything else starts.

    ``is_checked``: whether the keys are known to be those of the database, which is not asked then.
    """
    load_catalogues()
    store = Store.open(settings, region=settings.region, is_checked=is_checked)
    store.after_commit(QueueNotifier(connect_redis(settings.redis_address)))
    return store
