"""Files in a scan folder that are nobody's scan: what systems leave behind, and what is still under another name."""

from __future__ import annotations

import re
from enum import StrEnum


class StrayReason(StrEnum):
    """Why a file is left alone, in the words of the status page."""

    SYSTEM = "files of the system"
    LOCK = "locks of open documents"
    UNFINISHED = "files under the name of something unfinished"
    FOLDER = "folders"
    LINK = "links and the like"


_SYSTEM = re.compile(
    r"(?:(?:eh)?thumbs(?:_vista)?\.db|iconcache\.db|pspbrwse\.jbf|desktop\.ini|autorun\.inf|picasa\.ini|zbthumbnail\.info|icon\r?)(?::.*)?|"
    r".+:(?:zone\.identifier|encryptable|afp_\w+|\$data|com\..*)",
    re.IGNORECASE,
)
"""Of Windows, macOS and picture programs; ``name:stream`` is how a share shows what hangs on a file."""
_LOCK = re.compile(r"~\$.*|\.~lock.*|.*\.(?:lock|lck|ldb|laccdb|dwl2?|idlk)", re.IGNORECASE)
_UNFINISHED = re.compile(
    r".*\.(?:part|partial|tmp|temp|crdownload|filepart|download|opdownload|aria2|!ut|!qb|bc!|upload|uploading|"
    r"inprogress|pending|incomplete|writing|dltmp|xltd|!sync|swp|swx|"
    r"sb-[0-9a-f]+-\w+)(?:\.?[0-9]{1,6})?|.*~|#.*#|unconfirmed [0-9]+.*",
    re.IGNORECASE,
)
"""How programs call a file that they are still writing, and editors the one before."""


def stray_reason(name: str) -> StrayReason | None:
    """Why a file with this name is left alone; None for one that is taken in."""
    if _LOCK.fullmatch(name):
        return StrayReason.LOCK
    if _UNFINISHED.fullmatch(name):
        return StrayReason.UNFINISHED
    # Hidden: ``._scan.pdf`` of macOS, ``.nfs000`` of a share, ``.scan.pdf.Xy12`` of rsync.
    if name.startswith(".") or _SYSTEM.fullmatch(name):
        return StrayReason.SYSTEM
    return None
