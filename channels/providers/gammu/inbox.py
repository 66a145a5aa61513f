"""What the daemon received, as files: names after gammu-smsd-files(7), contents after gammu-smsdrc(5), InboxFormat."""

from __future__ import annotations

import codecs
import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from channels.base.errors import RefusalReason, RequestRefused
from channels.base.provider_fields import TextProvider
from channels.base.values import Fields

AT_REST_SECONDS = 2.0
"""The daemon writes files in place: one that has not changed for so long is whole, and so are its other parts."""
_NAME = re.compile(r"IN(?P<at>[0-9]{8}_[0-9]{6})_[0-9]+_(?P<sender>.*)_(?P<part>[0-9]+)\.(?:txt|bin)", re.DOTALL)
_BACKUP = b"; This file format was designed for Gammu"
_WIDE = {codecs.BOM_UTF16_BE: "utf-16-be", codecs.BOM_UTF16_LE: "utf-16-le"}


def _identity(posted: Fields) -> tuple[str, str]:
    if not posted.get("modem") or not re.fullmatch(r"[0-9a-f]{64}", posted.get("digest", "")):
        raise RequestRefused(RefusalReason.MALFORMED)
    return posted["modem"], posted["digest"]


TEXTS = TextProvider(
    identity=_identity,
    sender="sender",
    receiver="receiver",
    body="body",
    needed=("sender", "body"),
    sent_at="at",
    kept_back=lambda posted: posted.get("binary") == "yes",
)


@dataclass(frozen=True)
class ReceivedText:
    """A text as it lies in the inbox, a file for each part, in order; without ``at`` it is no text."""

    parts: tuple[Path, ...]
    sender: str = ""
    at: str = ""
    """By the clock of the operator's message centre, without a time zone."""

    @property
    def name(self) -> str:
        """The name of its first file."""
        return self.parts[0].name


def received_texts(folder: Path) -> list[ReceivedText]:
    """What lies in the inbox and is whole, in the order in which it was written; raises ``OSError``."""
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    written = {path: path.stat().st_mtime_ns for path in files}
    found: list[ReceivedText] = []
    unfinished: dict[tuple[str, int], list[int]] = {}
    """By sender and number of parts, the texts that a further part may belong to, first come first."""
    for path in sorted(files, key=lambda path: (written[path], path.name)):
        named = _NAME.fullmatch(path.name)
        number = int(named["part"]) if named else 0
        sender, at = (named["sender"], named["at"]) if named else ("", "")
        # Each part has a time of its own in its name, so nothing but their order tells that they belong together.
        if number and (before := unfinished.get((sender, number))):
            index = before.pop(0)
            found[index] = replace(found[index], parts=(*found[index].parts, path))
        else:
            index = len(found)
            found.append(ReceivedText((path,), sender, at))
        unfinished.setdefault((sender, number + 1), []).append(index)
    now = time.time_ns()
    # What is of the future is from before the clock was put back.
    at_rest = {path for path, then in written.items() if not 0 <= now - then < AT_REST_SECONDS * 1e9}
    return [text for text in found if at_rest.issuperset(text.parts)]


def fields_of(text: ReceivedText, contents: Sequence[bytes], *, modem: str, receiver: str, zone: tzinfo) -> Fields:
    """The fields of a received text; none where the file is no text, or one in the format ``detail``."""
    if not text.at or contents[0].startswith(_BACKUP):
        return Fields({})
    binary = any(path.suffix == ".bin" for path in text.parts)
    named = {"modem": modem, "digest": _digest(text, contents), "sender": text.sender, "receiver": receiver}
    named["at"] = _came_in(text, zone).isoformat()
    return Fields(named | {"body": "" if binary else _decoded(contents), "binary": "yes" if binary else "no"})


def _digest(text: ReceivedText, contents: Sequence[bytes]) -> str:
    return hashlib.sha256(b"\0".join([text.name.encode("utf-8", "surrogateescape"), *contents])).hexdigest()


def _decoded(contents: Sequence[bytes]) -> str:
    """The words of all parts: UTF-16 with its mark as by default, else UTF-8; what is neither becomes U+FFFD.

    Parts are joined before they are decoded: a sign outside the basic plane may be cut in two between them. To half a
    sign at the end of a part the daemon adds zeros.
    """
    encodings = {_WIDE.get(part[:2], "utf-8") for part in contents}
    if len(encodings) > 1:
        return "".join(_decoded([part]) for part in contents)
    (encoding,) = encodings
    if encoding == "utf-8":
        return b"".join(contents).decode("utf-8", "replace")
    units = [[part[at : at + 2] for at in range(2, len(part), 2)] for part in contents]
    return b"".join(unit for part in units for unit in part if unit != b"\0\0").decode(encoding, "replace")


def _came_in(text: ReceivedText, zone: tzinfo) -> datetime:
    """When it came to the operator, as it says; not later than the daemon wrote it down, whatever clock it went by."""
    written = datetime.fromtimestamp(min(path.stat().st_mtime for path in text.parts), UTC)
    try:
        said = datetime.strptime(text.at, "%Y%m%d_%H%M%S").replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):  # a modem that has lost its time says the month 00
        return written
    return min(said, written)
