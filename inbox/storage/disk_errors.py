"""Whether it is our own disk that failed: then what was to be stored is kept by whoever brought it, and tried again."""

from __future__ import annotations

import errno

from sqlalchemy.exc import DBAPIError

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS})
# SQLite's words, for its codes of a failed commit do not reach here; PostgreSQL's class 58 and disk_full, 53100.
_SQLITE_SAYS = ("disk is full", "disk I/O error", "readonly database")
_POSTGRESQL_STATES = ("53100", "58")


def cannot_be_written(error: BaseException) -> bool:
    """Whether the disk is full, broken or not to be written to, and neither a sender nor what came is at fault."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        return state.startswith(_POSTGRESQL_STATES) or any(said in str(error.orig) for said in _SQLITE_SAYS)
    return isinstance(error, OSError) and error.errno in _NO_ROOM
