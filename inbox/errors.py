"""What can go wrong in the inbox, as values: every error says whether to try again, and what to do about it."""

import errno
from typing import ClassVar


class InboxError(Exception):
    """Root of this room's errors; ``remedy`` is one sentence for the person who can do something about it."""

    retryable: ClassVar[bool] = False
    remedy: ClassVar[str] = "Report this as a fault of Portevoix, with the log line."


class StoreBusy(InboxError):
    """Another process held the database for too long."""

    retryable = True
    remedy = "Try again; if it lasts, look with `portevoix doctor` for a process that hangs."


class ReplicaLost(InboxError):
    """The read replica failed while it was read from."""

    retryable = True
    remedy = "Try again: the primary answers now. If it lasts, look with `portevoix doctor`."


class Overtaken(InboxError):
    """What was made ready before a transaction does not fit what others have stored meanwhile."""

    retryable = True
    remedy = "Nothing was stored: it is made ready anew and tried again."


class NestedWrite(InboxError):
    """A write was begun inside another one of the same thread, which would wait for itself."""

    remedy = "Hand the outer session down instead of opening a second one."


class LeadLost(InboxError):
    """Another host has taken over what this process was doing: nothing of it may be saved any more."""

    remedy = "Let it go: the process ends and waits for its turn."

    def __init__(self, name: str) -> None:
        super().__init__(f"another host leads {name}")


class Destroyed(InboxError):
    """What was asked for has been erased: its key is destroyed."""

    remedy = "Nothing can bring it back; treat it as erased."


class Damaged(InboxError):
    """Sealed bytes were changed, cut short, or sealed with another key."""

    remedy = "Restore the file or row from a backup: what is stored is not what was sealed."


class NotStored(InboxError):
    """A file the database knows is not in the media store."""

    remedy = "Restore the media folder or bucket from a backup."


class ObjectStoreAway(OSError):
    """The object store does not answer, or refuses: whatever needs it is tried again."""

    def __init__(self, words: str) -> None:
        super().__init__(errno.EIO, words)


class ObjectStoreMissing(InboxError):
    """The settings name an object store, and its client is not installed."""

    remedy = "Install it with `pip install portevoix[s3]`, or set `store` in `[media]` to folder."

    def __init__(self) -> None:
        super().__init__("the client for object stores is not installed")


class KeysMissing(InboxError):
    """The folder of master keys is not the one this database was written with."""

    remedy = "Put the saved copy of the keys folder back and set `keys_dir` to it; never delete or replace its files."


class KeysAway(InboxError):
    """The key service does not answer."""

    retryable = True
    remedy = "It is started again by itself and tried again; if it lasts, look at the log of `keys`."


class KeysRefused(InboxError):
    """The key service does not open what a step has nothing to do with, or whose lease has ended."""

    retryable = True
    remedy = "If it happens again, report it as a fault of Portevoix, with the log line."


class KeysRetired(KeysMissing):
    """The master key that this was sealed under has been retired."""

    remedy = (
        "Nobody can open it any more, as was promised to those who had something erased: restore a newer backup. "
        "How long backups can be opened is the setting `backups.retire_keys_after_days`."
    )


class WrongSchema(InboxError):
    """The database is of another version than the program."""

    remedy = "Run `portevoix up` (or `portevoix migrate`) of the newest version once."
