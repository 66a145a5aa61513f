"""Mail taken apart in a limited child: the same as here, in bounded time; what the child makes up is not believed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from channels.email.message_file import open_mail
from channels.email.mime.problems import MailProblem
from config.sandbox.layers import BubblewrapUse, SandboxLayers, current_sandbox_layers, set_sandbox_layers
from config.sandbox.limited_process import RaisedInside
from config.settings.sections.limits_section import Limits
from gateway.reading.mail_parts import mail_parts, scan_files
from gateway.reading.opened_mail import open_file_in_child, open_mail_in_child
from tests.config.test_sandbox import needs_landlock, needs_seccomp, on_x86, targets
from transcription.base import programs
from transcription.base.file_types import is_file
from transcription.base.values import TranscriptionError

__all__ = ["targets"]
ROOT = Path(__file__).resolve().parents[2]
LIMITS = Limits(open_seconds=60)

HEAD = b"From: =?utf-8?q?Ma=C3=ABl?= <mael@poste.example>\nTo: avis@brest.example\nSubject: bancs\nMIME-Version: 1.0\n"
MAILS = {
    "plain": HEAD + b"Content-Type: text/plain; charset=utf-8\n\nDes bancs, svp.\n-- \nMa\xc3\xabl\n",
    "a page": HEAD + b"Content-Type: text/html\n\n<p>Des bancs<blockquote>Bonjour</blockquote>",
    "wrong charset": HEAD + b"Content-Type: text/plain; charset=utf-8\n\nDes bancs \xe9 \x80\n",
    "quoted": HEAD + b"In-Reply-To: <1@x>\n\nOui.\n\nLe 3 mars, la ville a \xc3\xa9crit :\n> Des bancs ?\n",
    "with a letter": HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nVoir.\n--x\n"
    b"Content-Type: application/rtf; name=a.rtf\nContent-Disposition: attachment\n\n{\\rtf1 Des arbres}\n--x--\n",
    "with a message": HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nVoir.\n--x\n"
    b"Content-Type: message/rfc822\n\nFrom: a@b.example\nSubject: autre\n\nAussi.\n--x--\n",
    "a copier's": b"From: scan@mairie.example\nSubject: Scan\nContent-Type: application/pdf; name=scan001.pdf\n"
    b"Content-Disposition: attachment; filename=scan001.pdf\n\n%PDF-1.4\n",
    "empty": b"",
    "no mail at all": bytes(range(256)) * 20,
}


@pytest.mark.parametrize("name", MAILS)
def test_a_child_takes_apart_as_would_be_done_here(name, tmp_path):
    path = tmp_path / "mail"
    path.write_bytes(MAILS[name])
    here = tmp_path / "here"
    here.mkdir()
    mail = open_mail(path, here, 0, is_file)
    scans = scan_files(mail, here)
    parts = [] if scans else mail_parts(mail, here)
    opened = open_mail_in_child(path, tmp_path, LIMITS)
    contents = [one.path.read_bytes() for one in opened.mail.attachments if one.path]
    assert contents == [one.payload or one.path.read_bytes() for one in mail.attachments]
    assert replace(opened.mail, attachments=()) == replace(mail, attachments=())
    assert [one.read_bytes() for one in opened.scans] == [one.read_bytes() for one in scans]
    assert [replace(part, media=()) for part in opened.parts] == [replace(part, media=()) for part in parts]
    media = [[(one.kind, one.content_type, one.name) for one in part.media] for part in parts]
    assert [[(one.kind, one.content_type, one.name) for one in part.media] for part in opened.parts] == media


@pytest.fixture
def plant(tmp_path, monkeypatch):
    """Put some code in place of a library's function, in every child."""

    def planted(module: str, code: str) -> None:
        package = tmp_path / "planted" / module
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(code)
        monkeypatch.setattr(sys, "path", [str(package.parent), *sys.path])

    return planted


TAKEN = "from tests.config.taken_over import take_over\ntake_over(__name__, {!r}, {!r})\n"
SLOW = """
import time
from tests.config import taken_over
taken_over.attack = lambda _: time.sleep(600)
taken_over.take_over(__name__, "Inscriptis", {})
"""


@needs_landlock
@needs_seccomp
@on_x86
@pytest.mark.parametrize("use", [BubblewrapUse.OFF, BubblewrapUse.AUTO])
def test_a_mail_that_takes_its_parser_over_reaches_nothing(use, plant, targets, tmp_path, monkeypatch):
    plant("inscriptis", TAKEN.format("Inscriptis", targets))
    reports: list[dict[str, str]] = []
    real = programs.call_limited

    def listening(*arguments: Any, **more: Any) -> Any:
        try:
            return real(*arguments, **more)
        except RaisedInside as error:
            reports.append(json.loads(error.message))
            raise

    monkeypatch.setattr(programs, "call_limited", listening)
    path = tmp_path / "page.html"
    path.write_bytes(b"<p>Des bancs")
    before = current_sandbox_layers()
    set_sandbox_layers(SandboxLayers(use))
    with pytest.raises(TranscriptionError):
        open_file_in_child(path, "page.html", "text/html", tmp_path, LIMITS)
    set_sandbox_layers(before)
    # It may start programs, as the reading of its attachments does: they reach no more.
    assert [set(report) for report in reports] == [{"start a program", "start a process"}]


def test_a_mail_without_end_is_shown_as_it_stands_at_once(plant, tmp_path):
    plant("inscriptis", SLOW)
    path = tmp_path / "mail"
    path.write_bytes(MAILS["a page"])
    began = time.monotonic()
    opened = open_mail_in_child(path, tmp_path, Limits(open_seconds=2))
    assert time.monotonic() - began < 30
    assert "Des bancs" in (opened.parts[0].body or "")
    assert opened.parts[0].needs_person == MailProblem.BROKEN.value
    assert opened.mail.never_answer


LIES: dict[str, Any] = {
    "a key as its attachment": lambda told, key: told["mail"]["attachments"].append(
        {"name": "a", "content_type": "a/b", "payload": "", "inline": False, "path": key, "is_taken": False}
    ),
    "a key as its file": lambda told, key: told["parts"][0]["media"].append(
        {"kind": "photo", "content_type": "image/png", "path": key, "name": "a"}
    ),
    "a key as its scan": lambda told, key: told["scans"].append([key, "scan"]),
    "another's part": lambda told, _: told["parts"][0].update(key="body2"),
    "something stored": lambda told, _: told["parts"][0].update(stored="0" * 32),
    "numbers for words": lambda told, _: told["mail"].update(body=7),
    "no mail": lambda told, _: told.pop("mail"),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_a_child_makes_up_is_not_believed(lie, tmp_path, monkeypatch):
    key = tmp_path / "key"
    key.write_text("secret")
    path = tmp_path / "mail"
    path.write_bytes(MAILS["plain"])
    real = programs.call_limited

    def lying(function: str, *arguments: Any, **more: Any) -> Any:
        told = real(function, *arguments, **more)
        if function.endswith(":take_apart"):
            LIES[lie](told, str(key))
        return told

    monkeypatch.setattr(programs, "call_limited", lying)
    opened = open_mail_in_child(path, tmp_path, LIMITS)
    assert opened.parts[0].needs_person == MailProblem.BROKEN.value
    assert (opened.mail.attachments, opened.parts[0].media, opened.scans) == ((), (), [])
    assert isinstance(opened.mail.body, str)
    assert Path(key).read_text() == "secret"


def test_what_reads_hostile_mail_has_neither_the_database_nor_the_keys() -> None:
    told = "import sys, gateway.reading.mail_child as it; it.warm_up(); print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(done.stdout.split())
    assert "channels.email.parse" in loaded
    assert not {name for name in loaded if name.split(".")[0] in ("sqlalchemy", "inbox", "cryptography", "pydantic")}
