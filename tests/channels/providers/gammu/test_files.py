"""Names and contents of the daemon's files that it writes seldom, or that others write."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from channels.base.errors import NotReady
from channels.base.provider_requests import TextToSend
from channels.base.values import Address, Outgoing
from channels.providers.gammu import inbox
from channels.providers.gammu.folders import ERROR, INBOX, OUTBOX, SENT
from channels.providers.gammu.provider import GammuProvider
from channels.providers.gammu.section import Gammu
from channels.sms import text_message
from config.enums import AddressKind, Channel
from config.probe import run_probe
from config.settings.schema import Settings
from tests.channels.providers.gammu.contract_case import lay, spool_in

LEA, ALI = "+33639980006", "+33639980007"
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return spool_in(tmp_path)


@pytest.fixture
def provider(spool: Path) -> GammuProvider:
    return GammuProvider(Settings(folder=spool.parent, gammu=Gammu(spool=spool)))


def test_an_empty_folder_is_no_modem() -> None:
    assert not Gammu(spool="").configured  # type: ignore[arg-type] # as it comes from the environment


def wide(words: str, mark: str = "be") -> bytes:
    return (b"\xfe\xff" if mark == "be" else b"\xff\xfe") + words.encode(f"utf-16-{mark}", "surrogatepass")


def name(sender: str, part: int, second: int = 0, kind: str = "txt") -> str:
    return f"IN20261112_0800{second:02}_00_{sender}_{part:02}.{kind}"


# Files as (name, content), in the order in which they are written -> the words of each text.
INBOXES = {
    "one": ([(name(LEA, 0), wide("Ça va"))], ["Ça va"]),
    "the other byte order": ([(name(LEA, 0), wide("Ça va", "le"))], ["Ça va"]),
    "the format standard": ([(name(LEA, 0), "Ça va".encode())], ["Ça va"]),
    "the format standard of another language": ([(name(LEA, 0), "Ça va".encode("latin-1"))], ["\ufffda va"]),
    "empty": ([(name(LEA, 0), b"")], [""]),
    "nothing but the mark": ([(name(LEA, 0), b"\xfe\xff")], [""]),
    "half a unit at the end": ([(name(LEA, 0), wide("abc") + b"\x00")], ["abc\ufffd"]),
    "parts of a second each": ([(name(LEA, 0, 1), wide("a")), (name(LEA, 1, 2), wide("b"))], ["ab"]),
    "parts of one second": ([(name(LEA, 0, 1), wide("a")), (name(LEA, 1, 1), wide("b"))], ["ab"]),
    "parts whose times are in the wrong order": ([(name(LEA, 0, 9), wide("a")), (name(LEA, 1, 2), wide("b"))], ["ab"]),
    "two residents' parts among each other": (
        [(name(LEA, 0), wide("a")), (name(ALI, 0), wide("x")), (name(LEA, 1), wide("b")), (name(ALI, 1), wide("y"))],
        ["ab", "xy"],
    ),
    "one resident's two texts": (
        [(name(LEA, 0, 1), wide("a")), (name(LEA, 1, 2), wide("b")), (name(LEA, 0, 3), wide("c"))],
        ["ab", "c"],
    ),
    "a part that has lost the one before": ([(name(LEA, 1), wide("b"))], ["b"]),
    "a sign cut in two": (
        [(name(LEA, 0), wide("a\ud83c") + b"\0\0\0\0"), (name(LEA, 1), wide("\udf33b"))],
        ["a\U0001f333b"],
    ),
    "twelve parts": ([(name(LEA, part), wide(f"{part};")) for part in range(12)], ["0;1;2;3;4;5;6;7;8;9;10;11;"]),
    "a name of letters": ([(name("La_Poste", 0), wide("Colis"))], ["Colis"]),
    "no sender at all": ([(name("", 0), wide("?"))], ["?"]),
    "a hidden file": ([(".IN", wide("no")), (name(LEA, 0), wide("yes"))], ["yes"]),
}


@pytest.mark.parametrize(("files", "words"), INBOXES.values(), ids=INBOXES)
def test_an_inbox(spool: Path, provider: GammuProvider, files: list[tuple[str, bytes]], words: list[str]) -> None:
    for age, (file, content) in zip(range(90, 0, -1), files, strict=False):
        lay(spool, file, content, age=float(age))
    waiting = provider.waiting()
    assert [one.posted["body"] for one in waiting] == words
    assert len({one.posted["digest"] for one in waiting}) == len(words)
    for one in waiting:
        text_message.parse_text_message(one.posted, provider.texts)
        provider.acknowledge(one)
    assert [path.name for path in (spool / INBOX).iterdir() if not path.name.startswith(".")] == []


@pytest.mark.parametrize(("age", "is_offered"), [(60.0, True), (0.0, False), (-7200.0, True)])
def test_what_may_still_be_written_is_left_alone(
    spool: Path, provider: GammuProvider, age: float, is_offered: bool
) -> None:
    lay(spool, name(LEA, 0), wide("Un banc"), age=age)
    assert bool(provider.waiting()) is is_offered


def test_a_text_waits_for_its_last_part(spool: Path, provider: GammuProvider) -> None:
    lay(spool, name(LEA, 0), wide("a"), age=9.0)
    lay(spool, name(LEA, 1), wide("b"), age=0.0)
    assert list(provider.waiting()) == []


def test_a_binary_message_is_for_a_person(spool: Path, provider: GammuProvider) -> None:
    lay(spool, name(LEA, 0, kind="bin"), bytes(range(9)))
    [waiting] = provider.waiting()
    [text] = text_message.parse_text_message(waiting.posted, provider.texts)
    assert (text.body, text.kept_back, waiting.raw) == ("", True, bytes(range(9)))


WRITTEN = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
# The operator's time in the name -> what counts; the file was written at ten in Paris.
TIMES = {
    "20261112_095900": datetime(2026, 11, 12, 8, 59, tzinfo=UTC),
    "20261109_100000": datetime(2026, 11, 9, 9, 0, tzinfo=UTC),
    "20261112_110000": WRITTEN,
    "20000000_000000": WRITTEN,
    "20261112_250000": WRITTEN,
}


@pytest.mark.parametrize(("at", "counts"), TIMES.items(), ids=TIMES)
def test_the_time_that_counts(spool: Path, at: str, counts: datetime) -> None:
    path = lay(spool, f"IN{at}_00_{LEA}_00.txt", wide("x"))
    os.utime(path, (WRITTEN.timestamp(),) * 2)
    [text] = inbox.received_texts(spool / INBOX)
    fields = inbox.fields_of(text, [b""], modem="m", receiver="", zone=PARIS)
    assert datetime.fromisoformat(fields["at"]) == counts


def text(words: str = "Merci", attempted: bool = False) -> TextToSend:
    outgoing = Outgoing(Channel.SMS, Address(AddressKind.PHONE, LEA), words)
    before = datetime.now(UTC) - timedelta(minutes=5)
    return TextToSend(outgoing, name="portevoix-brest-7", attempted_at=before if attempted else None)


def send(provider: GammuProvider, **more: bool) -> str:
    return provider.send(None, text(**more))  # type: ignore[arg-type] # a modem is asked over no network


# Where an earlier attempt left the text, and whether its outcome is unknown -> the folders in which it lies then.
ATTEMPTS = {
    "none": (None, False, [OUTBOX]),
    "it waits": (OUTBOX, True, [OUTBOX]),
    "it was sent": (SENT, True, [SENT]),
    "it failed": (ERROR, True, [OUTBOX]),
    "a person asks for it again": (SENT, False, [OUTBOX]),
    "a person asks again after a failure": (ERROR, False, [OUTBOX]),
}


@pytest.mark.parametrize(("lies_in", "attempted", "expected"), ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_text_is_sent_once(
    spool: Path, provider: GammuProvider, lies_in: str | None, attempted: bool, expected: list[str]
) -> None:
    if lies_in:
        send(provider)
        [laid] = (spool / OUTBOX).iterdir()
        laid.rename(spool / lies_in / laid.name)
    assert send(provider, attempted=attempted) == "portevoix-brest-7"
    assert [folder for folder in (OUTBOX, SENT, ERROR) if any((spool / folder).iterdir())] == expected


def test_other_programs_texts_are_left_alone(spool: Path, provider: GammuProvider) -> None:
    others = [
        spool / SENT / "OUTC20261112_080000_00_+33639980006_sms0.smsbackup",
        spool / ERROR / "OUT+33639980006.txt",
    ]
    for path in others:
        path.write_bytes(b"theirs")
    send(provider)
    assert list(provider.statuses()) == []
    assert all(path.exists() for path in others)


def test_the_daemon_may_read_what_we_lay_out(spool: Path, provider: GammuProvider) -> None:
    before = os.umask(0o077)
    try:
        send(provider)
    finally:
        os.umask(before)
    [laid] = (spool / OUTBOX).iterdir()
    assert laid.stat().st_mode & 0o777 == 0o660


@pytest.mark.parametrize("gone", [INBOX, OUTBOX, SENT, ERROR])
def test_a_folder_that_is_gone_is_waited_for_and_told(spool: Path, provider: GammuProvider, gone: str) -> None:
    (spool / gone).rmdir()
    asked = {INBOX: provider.waiting, OUTBOX: lambda: send(provider), SENT: provider.statuses, ERROR: provider.statuses}
    with pytest.raises(NotReady):
        asked[gone]()
    [result] = [run_probe(probe) for probe in provider.probes()]
    assert not result.ok
    assert gone in result.problem


def test_a_daemon_that_sends_nothing_is_noticed(spool: Path, provider: GammuProvider) -> None:
    send(provider)
    [probe] = provider.probes()
    assert run_probe(probe).line == "USB modem 1 texts wait to be sent"
    [laid] = (spool / OUTBOX).iterdir()
    os.utime(laid, (time.time() - 3600,) * 2)
    assert "for too long" in run_probe(probe).problem
