"""The real gammu-smsd with the dummy driver: a modem whose SIM card is a folder.

Configuration after gammu-smsdrc(5); texts on the card after gammu-smsbackup(5), which the driver reads.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROGRAM = shutil.which("gammu-smsd")

_CONFIGURATION = """\
[gammu]
model = dummy
connection = none
device = {card}

[smsd]
service = files
logfile = {log}
debuglevel = 1
commtimeout = 1
sendtimeout = 5
checksecurity = 0
checkbattery = 0
checksignal = 0
checknetwork = 0
statusfrequency = 0
inboxpath = {spool}/inbox/
outboxpath = {spool}/outbox/
sentsmspath = {spool}/sent/
errorsmspath = {spool}/error/
inboxformat = {format}
transmitformat = auto
deliveryreport = no
"""

_ON_CARD = """\
[SMSBackup000]
SMSC = "+33609001390"
State = UnRead
Sent = {at}
Number = "{sender}"
Coding = {coding}
{udh}Folder = 1
Length = {length}
Class = -1
ReplySMSC = False
RejectDuplicates = False
ReplaceMessage = 0
MessageReference = 0
{text}
"""


@dataclass
class Modem:
    """The daemon's folders, and the card behind it."""

    folder: Path
    format: str = "unicode"
    _arrived: int = 0
    _references: int = field(default=0x40, repr=False)

    @property
    def spool(self) -> Path:
        """The folder above the daemon's four."""
        return self.folder / "modem"

    @property
    def log(self) -> str:
        """What the daemon logged."""
        path = self.folder / "smsd.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def receives(self, *parts: str, sender: str, at: str = "20261112T080000") -> None:
        """Put a text on the card, as the network does: in so many parts."""
        self._references += 1
        for number, words in enumerate(parts, 1):
            units = words.encode("utf-16-be", "surrogatepass")
            udh = f"UDH = 050003{self._references:02X}{len(parts):02X}{number:02X}\n" if len(parts) > 1 else ""
            self._put(
                # The parts come a second apart.
                at=f"{at[:-2]}{int(at[-2:]) + number - 1:02}",
                sender=sender,
                coding="Unicode_No_Compression",
                udh=udh,
                length=len(units) // 2,
                text=_lines(units),
            )

    def receives_binary(self, content: bytes, *, sender: str, at: str = "20261112T080000") -> None:
        """Put a message on the card that is no text."""
        self._put(at=at, sender=sender, coding="8bit", udh="", length=len(content), text=_lines(content))

    def _put(self, **told: object) -> None:
        self._arrived += 1
        card = self.folder / "card" / "sms" / "1"
        (card / str(self._arrived)).write_text(_ON_CARD.format(**told), encoding="utf-8")

    def has_received(self, files: int) -> bool:
        """Whether the daemon has said of so many files that they are written."""
        return self.log.count(": Received IN") == files

    def sent(self) -> list[str]:
        """The numbers of the texts that the daemon has sent."""
        return [path.name.split("_")[3] for path in sorted((self.spool / "sent").glob("OUT*"))]


def _lines(units: bytes) -> str:
    hexadecimal = units.hex().upper()
    pieces: Sequence[str] = [hexadecimal[at : at + 200] for at in range(0, len(hexadecimal), 200)] or [""]
    return "\n".join(f"Text{number:02} = {piece}" for number, piece in enumerate(pieces))


def new_modem(folder: Path, format: str = "unicode") -> Modem:  # noqa: A002  the daemon's own word
    """A modem whose daemon does not run yet."""
    for name in ("inbox", "outbox", "sent", "error"):
        (folder / "modem" / name).mkdir(parents=True)
    for number in range(1, 6):
        (folder / "card" / "sms" / str(number)).mkdir(parents=True)
    return Modem(folder, format)


@contextmanager
def running(modem: Modem) -> Iterator[Modem]:
    """The daemon at work."""
    assert PROGRAM is not None
    file = modem.folder / "smsdrc"
    told = {"card": modem.folder / "card", "log": modem.folder / "smsd.log", "spool": modem.spool}
    file.write_text(_CONFIGURATION.format(**told, format=modem.format), encoding="utf-8")
    daemon = subprocess.Popen(
        [PROGRAM, "-c", str(file)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    try:
        yield modem
    finally:
        daemon.terminate()
        daemon.wait(20)


def until(found: Callable[[], bool], modem: Modem, seconds: float = 30.0) -> None:
    """Wait for the daemon; raises ``AssertionError`` with its log."""
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, modem.log
        time.sleep(0.05)
