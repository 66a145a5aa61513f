"""The stage: stand-ins for the outside world, and a real gateway between them, in one folder."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from config.enums import Role
from config.settings.loader import Settings, load_settings
from config.wording.consultation import Consultation, read_consultation
from gateway.base.store_factory import open_store
from inbox.accounts.passwords import hash_password
from inbox.accounts.staff import create_person
from inbox.storage.database import Store
from tests.demo.samples import Samples
from tests.standins.mailserver import MailServer
from tests.standins.telephone import Telephone
from tests.standins.web import free_port

MARK = ".portevoix-demo"
"""Only a folder with this file in it is ever emptied."""

LOGIN = "demo"
FOLDER_CENTRE = "recouvrance"
UPLOAD_CENTRE = "bellevue"
_START_SECONDS = 60
_STOP_SECONDS = 30


class StageError(RuntimeError):
    """The stage cannot be set up; the message names the remedy."""


class GatewayStopped(StageError):
    """The gateway ended on its own, or never answered; the message is the end of its logs."""


class Stage:
    """Everything the demo needs, started in order; use as a context manager."""

    def __init__(self, folder: Path, samples: Samples, port: int | None = None) -> None:
        self.folder = folder.absolute()
        self.samples = samples
        self.port = port or _wanted_port(8080)
        self.url = f"http://127.0.0.1:{self.port}"
        self.password = secrets.token_urlsafe(9)
        self.settings_path = self.folder / "portevoix.toml"
        self.scans = self.folder / "scans"
        self.log_path = self.folder / "gateway.log"
        self.settings: Settings
        self.store: Store
        self.consultation: Consultation
        self.telephone: Telephone
        self.mail: MailServer
        self._gateway: subprocess.Popen[bytes] | None = None
        self.sessions: set[int] = set()
        """Whatever the gateway starts belongs to one of these sessions."""
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(_emptied(self.folder))
            self.scans.mkdir()
            self.settings = Settings(folder=self.folder)
            (consultation_file,) = self.settings.consultation_files[:1]
            self.consultation = read_consultation(consultation_file)
            # The recording is not there yet when it is first asked for, as in life.
            self.telephone = opening.enter_context(Telephone(self.url, recording_not_ready=1))
            mailboxes = {mail.mailbox: secrets.token_urlsafe(12) for mail in self.samples.mail}
            user, _, domain = self.town_mailbox.partition("@")
            self.mail = opening.enter_context(MailServer({user: secrets.token_urlsafe(12)} | mailboxes, domain))
            self.settings_path.write_text(self._settings_text(), encoding="utf-8")
            self.settings_path.chmod(0o600)
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_gateway()
        self._open.__exit__(kind, error, trace)

    # --- the town

    @property
    def town_number(self) -> str:
        """The number residents text and phone."""
        return str(self.consultation.addresses.phones[0])

    @property
    def town_mailbox(self) -> str:
        """The address residents write to."""
        return str(self.consultation.addresses.mailboxes[0])

    def _settings_text(self) -> str:
        user, _, _ = self.town_mailbox.partition("@")
        certificate, password = self.mail.imap.certificate.path, self.mail.imap.mailboxes[user]
        return f"""# Written by the demo, anew each time it starts.
town = {_quoted(self.consultation.town)}
town_name = {_quoted(self.consultation.town_name)}
public_url = {_quoted(self.url)}
data_dir = "data"
keys_dir = "keys"

[web]
port = {self.port}

[twilio]
account_sid = {_quoted(self.telephone.api.account_sid)}
auth_tokens = [{_quoted(self.telephone.api.auth_token)}]
api_base = {_quoted(self.telephone.base)}
receives = {_quoted(self.town_number)}
sender = {_quoted(self.town_number)}

[texting]
# So that its answer leaves at whatever hour the demo is looked at; the town's are 8 to 20, not on Sundays.
not_before = 00:00:00
not_after = 23:59:59
not_on = []
answer_wait_minutes = 0

[[mailboxes]]
name = {_quoted(self.town_mailbox)}
host = "localhost"
port = {self.mail.imap.tls_port}
tls = "ssl"
ca_file = {_quoted(str(certificate))}
user = {_quoted(user)}
password = {_quoted(password)}

[smtp]
host = "127.0.0.1"
port = {self.mail.smtp_port}
tls = "none"
user = {_quoted(user)}
password = {_quoted(password)}
sender = {_quoted(self.town_mailbox)}

[[scan_folders]]
path = "scans"
centre = {_quoted(FOLDER_CENTRE)}
settle_seconds = 1
unfinished_seconds = 5
"""

    # --- the gateway

    def start_gateway(self) -> None:
        """Run ``portevoix up`` and wait until its pages answer; raises ``GatewayStopped``."""
        program = Path(sys.executable).with_name("portevoix")
        if not program.exists():
            raise StageError(f"{program} is not there: run make setup")
        command = [str(program), "--settings", str(self.settings_path), "up"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTEVOIX_")}
        with self.log_path.open("wb") as log:
            # A session of its own: Ctrl-C is for the demo, which then stops the gateway in order.
            self._gateway = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, env=environment, start_new_session=True
            )
        self.sessions.add(self._gateway.pid)
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            self.check_gateway()
            if time.monotonic() > deadline:
                raise GatewayStopped(self._last_words())
            time.sleep(0.1)
        self.settings = load_settings(self.settings_path, env={})
        self.store = open_store(self.settings)
        with self.store.write() as session:
            roles = [Role.MODERATOR, Role.CENTRE, Role.ADMINISTRATOR]
            create_person(session, LOGIN, "Démonstration", hash_password(self.password), roles, centre=UPLOAD_CENTRE)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/sign-in", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    @property
    def gateway_pid(self) -> int:
        """The supervisor's process."""
        assert self._gateway is not None
        return self._gateway.pid

    def check_gateway(self) -> None:
        """Raise ``GatewayStopped`` when the gateway has ended on its own."""
        if self._gateway is not None and self._gateway.poll() is not None:
            raise GatewayStopped(self._last_words())

    def _last_words(self) -> str:
        """The end of what the gateway and its web server have said."""
        logs = (self.log_path, self.folder / "data" / "logs" / "web.log")
        said = [path.read_text(errors="replace").splitlines() for path in logs if path.exists()]
        return "\n".join(line for lines in said for line in lines[-15:])

    def stop_gateway(self) -> None:
        """Ask the gateway to stop, and see to it that it does."""
        gateway, self._gateway = self._gateway, None
        if gateway is None or gateway.poll() is not None:
            return
        gateway.send_signal(signal.SIGTERM)
        try:
            gateway.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(gateway.pid, signal.SIGKILL)
            gateway.wait()


def _wanted_port(wanted: int) -> int:
    """The port people expect when nobody listens there, else any free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return free_port()
    return wanted


def _quoted(text: str) -> str:
    """A TOML basic string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _emptied(folder: Path) -> ExitStack:
    """Empty the demo's folder and hold it; raises ``StageError`` when it is somebody else's, or in use."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise StageError(f"{folder} was not made by the demo: move it away, or name another folder with DATA=")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = ExitStack()
    lock = held.enter_context((folder / MARK).open("w"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise StageError(f"a demo is running in {folder} already: stop it, or name another folder with DATA=") from None
    for path in folder.iterdir():
        if path.name == MARK:
            continue
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    return held
