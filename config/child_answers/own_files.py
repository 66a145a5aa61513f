"""Files that a limited child says it has written: they count where they are plain files in the folder it was given.

Who has looked into a stranger's file may name any other, so that we hand it on for it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path


class ForeignFile(Exception):
    """A path that is not a plain file of the child's own."""


def own_output_file(told: object, folder: Path) -> Path:
    """The path that a child told, if it is a plain file directly in ``folder`` or below; raises ``ForeignFile``.

    The child has ended, so nothing changes any more between this look and the next.
    """
    if not isinstance(told, str) or not told or "\0" in told:
        raise ForeignFile
    path = Path(told)
    below = Path(os.path.normpath(path))
    try:
        kind = below.lstat()
        inside = below.parent.resolve(strict=True).is_relative_to(folder.resolve(strict=True))
    except OSError:
        raise ForeignFile from None
    if below != path or not inside or not stat.S_ISREG(kind.st_mode) or kind.st_nlink != 1:
        raise ForeignFile
    return path
