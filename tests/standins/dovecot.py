"""A private Dovecot: IMAP on loopback ports of its own, never the distribution's service nor its files.

Started by root it runs as ``nobody``, for Dovecot refuses to serve mail as root; started by anyone else it runs as
them. Versions 2.3 (Debian 12, Ubuntu 24.04) and 2.4 (Debian 13) name their settings differently.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.standins.certificate import Certificate, make_certificate
from tests.standins.web import free_port

_START_SECONDS = 15

_COMMON = """
protocols = imap
listen = 127.0.0.1
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
shutdown_clients = yes
auth_failure_delay = 0
mail_max_userip_connections = 1000
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain_port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

_VERSION_2_3 = """
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
mail_location = maildir:~/Maildir
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {passwords}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/mail/%u
}}
"""

_TOKENS_2_3 = """
auth_mechanisms = plain login xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {base}/oauth2.conf
}}
"""

_INTROSPECTION = """
{prefix}introspection_mode = post
{prefix}introspection_url = {url}
{prefix}username_attribute = email
{prefix}active_attribute = active
{prefix}active_value = true
"""

_TOKENS_2_4 = """
auth_mechanisms = plain login xoauth2
passdb oauth2 {{
  mechanisms_filter = xoauth2
}}
"""

_VERSION_2_4 = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
auth_allow_cleartext = yes
ssl = yes
ssl_server_cert_file = {certificate}
ssl_server_key_file = {key}
mail_driver = maildir
mail_path = ~/Maildir
passdb passwd-file {{
  passwd_file_path = {passwords}
  default_password_scheme = PLAIN
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {base}/mail/%{{user}}
  }}
}}
"""


class DovecotMissing(RuntimeError):
    """Dovecot is not installed; the message names the remedy."""


@dataclass(frozen=True)
class _Account:
    name: str
    uid: int
    group: str
    gid: int


def _serving_account() -> _Account:
    entry = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    return _Account(entry.pw_name, entry.pw_uid, grp.getgrgid(entry.pw_gid).gr_name, entry.pw_gid)


def dovecot_program() -> str:
    """The path of the program; raises ``DovecotMissing``."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise DovecotMissing("Dovecot is not installed: apt install dovecot-imapd")
    return found


def _as_kept(raw: bytes) -> bytes:
    """A message as Dovecot's and Postfix's own delivery write it into a Maildir."""
    # Served, its lines end in CRLF again. In a file that has CRLF itself, Dovecot 2.4 (2.4.0 to 2.4.4 at least) counts
    # a CRLF that lies in two of its buffers as one byte more (message_skip_virtual), and hands over pieces that begin
    # before the place they were asked for: BODY[]<65537.262144> gave what is at 65536.
    return raw.replace(b"\r\n", b"\n")


class Dovecot:
    """An IMAP server with the given mailboxes (user -> password); use as a context manager.

    With ``introspection_url`` it takes access tokens too, and asks there whose they are.
    """

    def __init__(self, mailboxes: dict[str, str], introspection_url: str = "", certificate_days: int = 1) -> None:
        self.mailboxes = dict(mailboxes)
        self._introspection_url = introspection_url
        self.host = "127.0.0.1"
        self.port, self.tls_port = free_port(), free_port()
        self._account = _serving_account()
        self._process: subprocess.Popen[bytes] | None = None
        # Sockets live below it, and their paths may have 107 bytes: never inside a deep test folder.
        self.base = Path(tempfile.mkdtemp(prefix="pv-imap-"))
        self.certificate: Certificate = make_certificate(self.base, certificate_days)

    def __enter__(self) -> Self:
        self._lay_out()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.base, ignore_errors=True)

    def _lay_out(self) -> None:
        program = dovecot_program()
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[0]
        template = _VERSION_2_3 if version.startswith("2.3") else _VERSION_2_4
        passwords = self.base / "passwords"
        passwords.write_text("".join(f"{user}:{{PLAIN}}{word}\n" for user, word in self.mailboxes.items()))
        facts = {
            "base": self.base,
            "user": self._account.name,
            "group": self._account.group,
            "uid": self._account.uid,
            "gid": self._account.gid,
            "plain_port": self.port,
            "tls_port": self.tls_port,
            "certificate": self.certificate.path,
            "key": self.certificate.key_path,
            "passwords": passwords,
        }
        # From 2.4 on, the version has to be the first setting of the file.
        settings = template.format(**facts) + _COMMON.format(**facts)
        if self._introspection_url and template is _VERSION_2_3:
            settings += _TOKENS_2_3.format(**facts)
            introspection = _INTROSPECTION.format(prefix="", url=self._introspection_url)
            (self.base / "oauth2.conf").write_text(introspection)
        elif self._introspection_url:
            settings += _TOKENS_2_4.format() + _INTROSPECTION.format(prefix="oauth2_", url=self._introspection_url)
        (self.base / "dovecot.conf").write_text(settings)
        for user in self.mailboxes:
            for folder in ("cur", "new", "tmp"):
                (self.maildir(user) / folder).mkdir(parents=True)
        for folder in ("run", "state"):
            (self.base / folder).mkdir()
        self._hand_over(self.base)

    def _hand_over(self, path: Path) -> None:
        """Give everything at and below a path to the account that serves it."""
        if os.geteuid() != 0:
            return
        for one in (path, *path.rglob("*")):
            os.chown(one, self._account.uid, self._account.gid)

    def start(self) -> None:
        """Start serving; returns when it greets."""
        as_root = os.geteuid() == 0
        self._process = subprocess.Popen(
            [dovecot_program(), "-F", "-c", str(self.base / "dovecot.conf")],
            user=self._account.uid if as_root else None,
            group=self._account.gid if as_root else None,
            extra_groups=[] if as_root else None,
            stdout=subprocess.DEVNULL,
            stderr=(self.base / "stderr").open("wb"),
            start_new_session=True,
        )
        deadline = time.monotonic() + _START_SECONDS
        while not self._greets():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"Dovecot did not start:\n{self.log()}")
            time.sleep(0.05)

    def _greets(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port), timeout=1) as connection:
                return connection.recv(64).startswith(b"* OK")
        except OSError:
            return False

    def stop(self) -> None:
        """Stop serving; mail and mailboxes stay."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """Kill it and every process it started, in the middle of whatever they do."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def log(self) -> str:
        """What it has said so far."""
        said = [self.base / name for name in ("stderr", "dovecot.log")]
        return "\n".join(path.read_text(errors="replace") for path in said if path.exists())

    # --- mailboxes

    def maildir(self, user: str) -> Path:
        """The folder that holds a user's mail."""
        return self.base / "mail" / user / "Maildir"

    def deliver(self, user: str, raw: bytes, *, keep_crlf: bool = False) -> Path:
        """Put a message into a user's inbox as a mail server does: whole in ``tmp``, then renamed into ``new``.

        ``keep_crlf`` as with Dovecot's setting ``mail_save_crlf``.
        """
        name = f"{time.time():.6f}.{uuid.uuid4().hex}.standin"
        waiting = self.maildir(user) / "tmp" / name
        waiting.write_bytes(raw if keep_crlf else _as_kept(raw))
        self._hand_over(waiting)
        return waiting.rename(self.maildir(user) / "new" / name)

    def fill(self, user: str, mails: Iterable[bytes]) -> None:
        """Put many messages into a user's inbox at once, oldest first; nobody may be looking meanwhile."""
        folder = self.maildir(user) / "new"
        for number, raw in enumerate(mails):
            # Dovecot numbers mail in the order of these names.
            (folder / f"{1_700_000_000 + number}.M{number:06}.standin").write_bytes(_as_kept(raw))
        self._hand_over(folder)

    def messages(self, user: str) -> list[bytes]:
        """The messages now in a user's inbox as they are served, oldest first."""
        kept = [path for folder in ("new", "cur") for path in (self.maildir(user) / folder).iterdir()]
        return [path.read_bytes().replace(b"\n", b"\r\n") for path in sorted(kept, key=lambda path: path.name)]

    def renumber(self, user: str) -> None:
        """Have the mailbox come back under a new UIDVALIDITY; stop the server first."""
        for path in self.maildir(user).glob("dovecot.index*"):
            path.unlink()
        # Its first line holds version, UIDVALIDITY and next UID (Dovecot's manual, maildir format).
        uids = self.maildir(user) / "dovecot-uidlist"
        uids.write_bytes(re.sub(rb" V(\d+) ", lambda old: b" V%d " % (int(old[1]) + 1), uids.read_bytes(), count=1))
        self._hand_over(uids)

    def client_context(self) -> ssl.SSLContext:
        """A TLS context that trusts this server, and nobody else."""
        return ssl.create_default_context(cafile=str(self.certificate.path))
