"""What can happen between a mailbox and its watcher, as scripts: each ends with exactly the intakes there should be."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from imapclient import IMAPClient
from sqlalchemy import func, select

from config.schema import Settings
from config.sections import Limits, Mailbox
from gateway.signing_in import SignIn
from inbox.migrations import migrate
from inbox.models import Arrival, Intake, MailCursor
from inbox.store import Store
from tests.fixtures_store import StoreFolders
from tests.standins.dovecot import Dovecot
from tests.standins.mail_line import Fault, MailLine
from workers.context import Context
from workers.mailbox import MailboxWatch

CONNECT_SECONDS, ANSWER_SECONDS = 1.0, 0.4
LARGE = 100_000
"""Bytes of a mail that is fetched in pieces."""


def letter(subject: str, size: int = 0, head: str = "") -> bytes:
    """A mail; longer than ``size`` bytes by its head."""
    text = f"From: Léa <lea@maison.example>\r\nTo: avis@brest.example\r\n{head}Subject: {subject}\r\n\r\nUn banc.\r\n"
    return text.encode() + b"Il manque un banc, rue de Siam.\r\n" * (size // 33)


@dataclass
class Play:
    """One mailbox with its watcher, the line between them, and somebody who uses the mailbox too."""

    server: Dovecot
    user: str
    store: Store
    folder: Path
    line: MailLine
    mails: int = 3
    """How many lie there at the beginning; the last one is large."""
    folders: tuple[str, ...] = ("INBOX",)
    limit_mb: int = 60
    expected: set[str] = field(default_factory=set)
    left: int = 0
    """How many are on the server and not taken in at the end."""

    def __post_init__(self) -> None:
        self.watch = self.new_watch()
        for number in range(self.mails):
            self.deliver(letter(f"{self.user} {number}", LARGE if number == self.mails - 1 else 0))

    @property
    def account(self) -> str:
        return f"{self.user}@brest.example"

    def new_watch(self, **changed: object) -> MailboxWatch:
        """A watcher as after a restart."""
        mailbox = Mailbox(
            name=self.account, host="127.0.0.1", port=self.line.port, tls="none", user=self.user, password="secret",
            folders=self.folders, poll_seconds=1,
        ).model_copy(update=changed)  # fmt: skip
        settings = Settings(folder=self.folder, limits=Limits(mail_mb=self.limit_mb))
        watch = MailboxWatch(Context(settings, self.store), mailbox, "mailbox-1")
        watch.sign_in = SignIn(mailbox, CONNECT_SECONDS, ANSWER_SECONDS, watch._beat)
        return watch

    # --- the mailbox ---

    def deliver(self, raw: bytes | str, *, taken: bool = True) -> bytes:
        """A mail comes in; ``taken`` when an intake is to come of it."""
        raw = raw if isinstance(raw, bytes) else letter(raw)
        self.server.deliver(self.user, raw)
        if taken:
            self.expected.add(sha256(raw))
        return raw

    @contextlib.contextmanager
    def person(self, folder: str = "INBOX") -> Iterator[IMAPClient]:
        """Somebody's own mail program, not over the line."""
        with IMAPClient("127.0.0.1", port=self.server.port, ssl=False, timeout=10) as client:
            client.login(self.user, "secret")
            client.select_folder(folder)
            yield client

    def expunge(self, *numbers: int) -> None:
        """Delete mails for good, by their place in the inbox; those that were not taken in yet are not expected."""
        with self.person() as client:
            uids = [client.search("ALL")[number] for number in numbers]
            for data in client.fetch(uids, ["BODY.PEEK[]"]).values():
                self.expected.discard(sha256(data[b"BODY[]"]))
            client.delete_messages(uids)
            client.expunge(uids)

    def expect_as_served(self) -> None:
        """Every mail now in the inbox is expected, as a bare mail program gets it."""
        with self.person() as client:
            served = client.fetch(client.search("ALL"), ["BODY.PEEK[]"])
            self.expected = {sha256(data[b"BODY[]"]) for data in served.values()}

    def kill_server(self) -> None:
        """Kill Dovecot and all its processes, and start it again."""
        self.server.kill()
        self.server.start()

    def renumber(self) -> None:
        """The inbox comes back under another UIDVALIDITY."""
        self.server.stop()
        self.server.renumber(self.user)
        self.server.start()

    # --- the watcher ---

    def look(self) -> None:
        """One connection of the watcher, until nothing is left."""
        with self.watch.sign_in.client() as client:
            while self.watch.take_new(client):
                pass

    def look_until_calm(self, most: int = 14) -> None:
        """Connect again and again, with growing pauses as ``run`` does, until two connections in a row were whole."""
        calm, pause = 0, 0.01
        for _ in range(most):
            try:
                self.look()
            except Exception:  # noqa: BLE001 - whatever it is, ``run`` goes on too
                calm = 0
                time.sleep(pause)
                pause = min(pause * 2, 1.0)
            else:
                calm += 1
                if calm == 2:
                    return
        raise AssertionError("it never came to an end")

    # --- what came of it ---

    @property
    def taken(self) -> Counter[str]:
        """The intakes by identity."""
        with self.store.read() as session:
            return Counter(session.scalars(select(Intake.external_id).where(Intake.account == self.account)))

    def check(self) -> None:
        """The intakes are exactly those expected, each with one arrival, and nothing is left on the server."""
        assert self.taken == Counter(self.expected)
        with self.store.read() as session:
            arrivals = session.scalar(
                select(func.count()).select_from(Arrival).join(Intake).where(Intake.account == self.account)
            )
            left = session.scalar(select(func.sum(MailCursor.not_taken_in)).where(MailCursor.account == self.account))
        assert (arrivals, left) == (len(self.expected), self.left)


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def cut_identity(raw: bytes) -> str:
    """The identity of a mail over the limit: its beginning of 65,537 bytes, and its size."""
    return sha256(raw[:65_537] + b"\0" + str(len(raw)).encode())


@dataclass(frozen=True)
class Script:
    """What happens: to the line (``faults``), before the watcher first looks, and after it came to rest."""

    label: str
    faults: Callable[[Play], Sequence[Fault]] = lambda _play: ()
    before: Callable[[Play], object] = lambda _play: None
    after: Callable[[Play], object] | None = None
    mails: int = 3
    folders: tuple[str, ...] = ("INBOX",)
    limit_mb: int = 60

    def run(self, play: Play) -> None:
        """Play it and check what came of it."""
        self.before(play)
        play.line.faults = list(self.faults(play))
        play.look_until_calm()
        if self.after is not None:
            self.after(play)
            play.look_until_calm()
        play.check()
        assert all(fault.struck for fault in play.line.faults), "the fault never happened"


# --- the line ---------------------------------------------------------------------------------------------

COMMANDS = {
    "asking what the server can do": "CAPABILITY",
    "signing in": "LOGIN",
    "opening the folder": "EXAMINE",
    "asking what is new": "UID SEARCH",
    "fetching a batch": "BODY.PEEK[]<0.",
    "fetching a piece of a large mail": "BODY.PEEK[]<65537.",
}

HAPPENINGS: dict[str, Callable[[str], Fault]] = {
    "the line is cut before it": lambda at: Fault(at, cut=True),
    "its answer is lost": lambda at: Fault(at, bytes_let=0),
    "the line is cut after one line of the answer": lambda at: Fault(at, lines_let=1),
    "the line is cut within the answer, thrice": lambda at: Fault(at, bytes_let=17, times=3),
    "the server says goodbye": lambda at: Fault(at, says=b"* BYE shutting down\r\n"),
    "the server has no time": lambda at: Fault(at, says=b"TAG NO [UNAVAILABLE] Try again later\r\n", times=2),
    "the folder is in use": lambda at: Fault(at, says=b"TAG NO [INUSE] Mailbox is locked\r\n"),
    "the server does not understand": lambda at: Fault(at, says=b"TAG BAD Error in IMAP command\r\n"),
    "nobody answers any more": lambda at: Fault(at, silent=True),
    "nonsense comes first": lambda at: Fault(at, inject=b"\x00\xff(((( {99\r\n"),
    "the answer is late": lambda at: Fault(at, delay=ANSWER_SECONDS / 2),
    "the answer drips": lambda at: Fault(at, drip=997),
}

LINE = [
    Script(f"{command}: {happening}", faults=lambda _play, at=at, fault=fault: [fault(at)])
    for command, at in COMMANDS.items()
    for happening, fault in HAPPENINGS.items()
]  # fmt: skip


def _fault(at: str, **how: object) -> Callable[[Play], Sequence[Fault]]:
    return lambda _play: [Fault(at, **how)]  # type: ignore[arg-type]


FETCH, PIECE = "BODY.PEEK[]<0.", "BODY.PEEK[]<65537."
_EMPTY = b'* 3 FETCH (UID 3 BODY[]<65537> "")\r\nTAG OK Fetch completed.\r\n'
_NOTHING = b"* 3 FETCH (UID 3 BODY[]<65537> NIL)\r\nTAG OK Fetch completed.\r\n"

LINE += [
    Script("the greeting is a refusal", _fault("", says=b"* BYE Too many connections\r\n", times=3)),
    Script("the greeting never comes", _fault("", silent=True)),
    Script("the line is cut at the greeting", _fault("", cut=True, times=2)),
    Script("the greeting is that of a web server", _fault("", says=b"HTTP/1.1 400 Bad Request\r\n\r\n")),
    Script("the sign-in is refused twice", _fault("LOGIN", says=b"TAG NO [AUTHENTICATIONFAILED] No\r\n", times=2)),
    Script("a batch ends within its first mail", _fault(FETCH, bytes_let=120)),
    Script("a batch ends between two mails", _fault(FETCH, lines_let=9)),
    Script("a batch ends before its last line", _fault(FETCH, lines_let=3000)),
    Script("a large mail ends in its middle", _fault(PIECE, bytes_let=20_000)),
    Script("a large mail is cut four times", _fault(PIECE, bytes_let=30_000, times=4)),
    Script("a literal claims to be longer", _fault(FETCH, lie=10)),
    Script("a literal claims to be shorter", _fault(FETCH, lie=-10)),
    Script("a literal claims to be a gigabyte", _fault(PIECE, lie=1_000_000_000)),
    Script("a batch is answered with nothing", _fault(FETCH, says=b"TAG OK Fetch completed.\r\n")),
    Script("a piece is answered with nothing", _fault(PIECE, says=b"TAG OK Fetch completed.\r\n")),
    Script("the folder looks empty for once", _fault("UID SEARCH", says=b"* SEARCH\r\nTAG OK Search completed.\r\n")),
    Script("the answer names mails that are not there", _fault("UID SEARCH", inject=b"* SEARCH 7 8 4000\r\n")),
    Script("the answer comes in two lines", _fault("UID SEARCH", inject=b"* SEARCH 1 2\r\n")),
    Script("flags of another mail are told in between", _fault(FETCH, inject=b"* 2 FETCH (FLAGS (\\Seen))\r\n")),
    Script("sizes are far too small", _fault(FETCH, tells=(rb"RFC822.SIZE \d+", b"RFC822.SIZE 5"))),
    Script("sizes are far too large", _fault(FETCH, tells=(rb"RFC822.SIZE \d+", b"RFC822.SIZE 900000"))),
    Script("sizes are not said", _fault(FETCH, tells=(rb"RFC822.SIZE \d+ ", b""))),
    Script("the server sends less of each mail than it is asked for", _fault(FETCH, asks=(b".65537>", b".50>"))),
    Script("the server sends less of each piece than it is asked for", _fault(PIECE, asks=(b".262144>", b".1000>"))),
    Script("the server sends nothing of a piece at first", _fault(PIECE, says=_NOTHING, times=2)),
    Script("the quota is full, and said so", _fault("EXAMINE", inject=b"* NO [OVERQUOTA] Quota exceeded\r\n")),
    Script("an alert is shouted", _fault("UID SEARCH", inject=b"* OK [ALERT] Maintenance tonight\r\n")),
    Script("one batch is refused, its mails are not", _fault(FETCH, says=b"TAG NO [SERVERBUG] Internal error\r\n")),
    Script("one piece is refused", _fault(PIECE, says=b"TAG NO [SERVERBUG] Internal error\r\n", times=2)),
]


# --- people -----------------------------------------------------------------------------------------------


def _flag(*flags: bytes) -> Callable[[Play], None]:
    def act(play: Play) -> None:
        with play.person() as client:
            client.add_flags(client.search("ALL"), flags)

    return act


def _between(
    act: Callable[[Play], object], at: str = FETCH, nth: int = 1, says: bytes | None = None
) -> Callable[[Play], Sequence[Fault]]:
    return lambda play: [Fault(at, nth=nth, first=lambda: act(play), says=says)]


def _move(play: Play, numbers: Sequence[int], there: str, *, back: bool = False) -> None:
    with play.person() as client:
        if not client.folder_exists(there):
            client.create_folder(there)
        uids = client.search("ALL")
        client.move([uids[number] for number in numbers], there)
        if back:
            client.select_folder(there)
            client.move(client.search("ALL"), "INBOX")


def _moved_away(play: Play) -> None:
    with play.person() as client:
        served = client.fetch(client.search("ALL")[:1], ["BODY.PEEK[]"])
    play.expected -= {sha256(data[b"BODY[]"]) for data in served.values()}
    _move(play, [0], "Lu")


def _copy_all(play: Play) -> None:
    with play.person() as client:
        client.copy(client.search("ALL"), "INBOX")


def _put(play: Play, raw: bytes, when: object = None, folder: str = "INBOX") -> None:
    with play.person() as client:
        client.append(folder, raw, msg_time=when)
    play.expected.add(sha256(raw))


def _rename(old: str, new: str) -> Callable[[Play], None]:
    def act(play: Play) -> None:
        with play.person() as client:
            client.rename_folder(old, new)

    return act


def _make(folder: str, subject: str = "dossier") -> Callable[[Play], None]:
    def act(play: Play) -> None:
        with play.person() as client:
            client.create_folder(folder)
        _put(play, letter(f"{play.user} {subject}"), folder=folder)

    return act


def _remake(folder: str, subject: str) -> Callable[[Play], None]:
    """Delete a folder and make it anew with another mail under the same UID."""

    def act(play: Play) -> None:
        with play.person() as client:
            client.delete_folder(folder)
        _make(folder, subject)(play)

    return act


def _deliver_all(*raws: bytes | str) -> Callable[[Play], None]:
    def act(play: Play) -> None:
        for raw in raws:
            play.deliver(raw)

    return act


def _odd(*raws: bytes) -> Callable[[Play], None]:
    """Mails that a server may hand over otherwise than they were written."""

    def act(play: Play) -> None:
        for raw in raws:
            play.deliver(raw, taken=False)
        play.expect_as_served()

    return act


def _then(*acts: Callable[[Play], object]) -> Callable[[Play], None]:
    def act(play: Play) -> None:
        for one in acts:
            one(play)

    return act


def _gap(play: Play) -> None:
    """The newest mail is deleted before it was seen, and another comes: its UID is not given again."""
    play.expunge(2)
    play.deliver("after the gap")


PEOPLE = [
    Script("somebody has read all of it", before=_flag(b"\\Seen")),
    Script("somebody has flagged and answered all of it", before=_flag(b"\\Flagged", b"\\Answered")),
    Script("somebody has marked all of it as deleted", before=_flag(b"\\Deleted")),
    Script("somebody reads while it is fetched", _between(_flag(b"\\Seen"))),
    Script("somebody deletes a mail before it was seen", before=lambda play: play.expunge(0)),
    Script("somebody deletes a mail while a batch is fetched", _between(lambda play: play.expunge(1))),
    Script("somebody deletes all of it while it is fetched", _between(lambda play: play.expunge(0, 1, 2))),
    Script("somebody deletes a large mail while it is fetched", _between(lambda play: play.expunge(2), PIECE)),
    Script("somebody deletes what was taken in", after=lambda play: _emptied(play)),
    Script("somebody moves a mail away before it was seen", before=_moved_away),
    Script("somebody moves mail away and back", before=lambda play: _move(play, [0, 1], "Lu", back=True)),
    Script("somebody moves mail away and back while it is fetched",
           _between(lambda play: _move(play, [0, 2], "Lu", back=True))),
    Script("somebody moves mail away and back afterwards", after=lambda play: _move(play, [0, 1, 2], "Lu", back=True)),
    Script("somebody copies all of it", before=_copy_all),
    Script("somebody copies all of it afterwards", after=_copy_all),
    Script("somebody moves it to another folder that is watched", after=lambda play: _move(play, [0, 1], "Avis"),
           before=_make("Avis"), folders=("INBOX", "Avis")),
    Script("somebody puts mail there by hand", before=lambda play: _put(play, letter("put by hand"))),
    Script("the same mail comes twice", before=lambda play: [play.deliver("twice"), play.deliver("twice")]),
    Script("the same mail comes again later", before=lambda play: play.deliver("twice"),
           after=lambda play: play.deliver("twice")),
    Script("two mails share a Message-ID", before=_deliver_all(
        letter("un", head="Message-ID: <1@x.example>\r\n"), letter("deux", head="Message-ID: <1@x.example>\r\n"))),
    Script("a Message-ID is empty, twice", before=_deliver_all(
        letter("un", head="Message-ID:\r\n"), letter("deux", head="Message-ID: <>\r\n"))),
    Script("a mail comes while others are fetched", _between(lambda play: play.deliver("meanwhile"))),
    Script("a mail comes while the folder is opened", _between(lambda play: play.deliver("meanwhile"), "EXAMINE")),
    Script("mail comes during a catch-up", _between(lambda play: play.deliver("meanwhile"), nth=2), mails=120),
    Script("a UID is skipped", before=_gap),
    Script("a clock is wrong: Date", before=_deliver_all(
        letter("past", head="Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"),
        letter("future", head="Date: Fri, 31 Dec 2099 23:59:59 +0000\r\n"),
        letter("never", head="Date: yesterday\r\n"))),
]  # fmt: skip


def _emptied(play: Play) -> None:
    """What was taken in stays taken in."""
    expected = set(play.expected)
    play.expunge(0, 1, 2)
    play.expected = expected


# --- mails, folders, servers ------------------------------------------------------------------------------


def _over_the_limit(play: Play) -> bytes:
    raw = play.deliver(letter(f"{play.user} huge", 1_500_000), taken=False)
    play.expected.add(cut_identity(raw))
    return raw


def _raise_limit(play: Play) -> None:
    play.limit_mb = 60
    play.watch = play.new_watch()
    play.renumber()


def _lower_limit(play: Play) -> None:
    play.limit_mb = 1
    play.watch = play.new_watch()
    play.renumber()


def _another_as_large(play: Play) -> None:
    _lower_limit(play)
    raw = play.deliver(letter(f"{play.user} vast", 1_500_000), taken=False)
    play.expected.add(cut_identity(raw))


def _forget_cursor(play: Play) -> None:
    with play.store.write() as session:
        for cursor in session.scalars(select(MailCursor).where(MailCursor.account == play.account)):
            session.delete(cursor)


def _lose_indexes(play: Play) -> None:
    play.server.stop()
    for path in play.server.maildir(play.user).glob("dovecot.index*"):
        path.unlink()
    play.server.start()


def _restart(play: Play) -> None:
    play.server.stop()
    play.server.start()


SERVER = [
    Script("a mail has no header", before=_odd(b"\r\nUn banc.\r\n", b"Un banc sans rien.\r\n")),
    Script("a mail has no body", before=_odd(b"Subject: rien\r\n\r\n", b"Subject: moins que rien\r\n")),
    Script("a mail has NUL bytes", before=_odd(b"Subject: nul\r\n\r\n\x00\x00banc\x00\r\n")),
    Script("a mail is not UTF-8", before=_odd(b"Subject: \xe9t\xe9 \xff\xfe\r\n\r\n\x80\x81\r\n")),
    Script("a mail is one line of 200,000 signs", before=_odd(b"Subject: long\r\n\r\n" + b"x" * 200_000)),
    Script("a mail ends its lines otherwise", before=_odd(b"Subject: lf\n\nun\ndeux\n", b"Subject: cr\r\rtrois\r")),
    Script("a mail looks like answers of the server", before=_odd(
        b"Subject: )\r\n\r\nA1 OK done\r\n* BYE\r\n{12}\r\n* 1 EXPUNGE\r\n")),
    Script("mails of exactly the size up to which they come whole", before=_odd(
        *(b"Subject: s\r\n\r\n".ljust(size, b"x") for size in (65_535, 65_536, 65_537, 65_538)))),
    Script("mails that end where a piece ends", before=_odd(
        *(b"Subject: p\r\n\r\n".ljust(65_537 + 262_144 + more, b"x") for more in (-1, 0, 1)))),
    Script("a mail is over the limit", before=_over_the_limit, limit_mb=1),
    Script("a mail is over the limit, twice the same", before=_then(
        _over_the_limit, lambda play: play.server.deliver(play.user, letter(f"{play.user} huge", 1_500_000))),
        limit_mb=1),
    Script("a mail is over the limit, and comes under another number", before=_over_the_limit, limit_mb=1,
           after=lambda play: play.renumber()),
    Script("the limit is raised, and the folder numbered anew", before=_over_the_limit, limit_mb=1,
           after=_raise_limit),
    Script("a mail over the limit is said to be small", before=lambda play: _over_the_limit_in_secret(play),
           limit_mb=1, mails=1,
           faults=_fault(FETCH, tells=(rb"RFC822.SIZE \d+", b"RFC822.SIZE 70000"))),
    Script("a mail over the limit has a structure that is NIL", before=_over_the_limit, limit_mb=1, faults=_fault(
        "BODYSTRUCTURE", says=b"* 4 FETCH (UID 4 BODYSTRUCTURE NIL)\r\nTAG OK Fetch completed.\r\n")),
    Script("the structure of a mail over the limit is refused", before=_over_the_limit, limit_mb=1, faults=_fault(
        "BODYSTRUCTURE", says=b"TAG NO [SERVERBUG] Internal error\r\n")),
    Script("the line is cut at the structure of a mail over the limit", before=_over_the_limit, limit_mb=1,
           faults=_fault("BODYSTRUCTURE", cut=True, times=3)),
    Script("the limit is lowered, and the folder numbered anew", after=_lower_limit,
           before=lambda play: play.deliver(letter(f"{play.user} huge", 1_500_000))),
    Script("the limit is lowered, and another mail of the same size comes", after=_another_as_large,
           before=lambda play: play.deliver(letter(f"{play.user} huge", 1_500_000))),
    Script("a large mail is deleted, and the server sends nothing of it",
           _between(lambda play: play.expunge(2), PIECE, says=_EMPTY)),
    Script("a batch is full to the last place", mails=50),
    Script("one more than a batch", mails=51),
    Script("the inbox is numbered anew", after=lambda play: play.renumber()),
    Script("the inbox is numbered anew, and a mail comes", after=_then(
        lambda play: play.renumber(), lambda play: play.deliver("anew"))),
    Script("the cursor is lost", after=_forget_cursor),
    Script("the server lost its indexes", after=_lose_indexes),
    Script("the server is restarted", after=_then(_restart, lambda play: play.deliver("after the restart"))),
    Script("the server is restarted while it answers", _between(_restart)),
    Script("the server is killed before a batch", _between(lambda play: play.kill_server())),
    Script("the server is killed before a piece", _between(lambda play: play.kill_server(), PIECE)),
    Script("the server is killed before a search", _between(lambda play: play.kill_server(), "UID SEARCH")),
    Script("a folder is deleted and made anew", before=_make("Avis"), folders=("Avis", "INBOX"),
           after=_remake("Avis", "another")),
    Script("a folder is deleted and made anew while it is fetched", folders=("INBOX", "Avis"),
           before=_make("Avis"), faults=lambda play: [Fault(FETCH, first=lambda: _replaced(play))]),
    Script("a folder is renamed, and back", before=_make("Avis"), folders=("INBOX", "Avis"), after=_then(
        _rename("Avis", "Archive"), lambda play: play.look_until_calm(), lambda play: play.deliver("meanwhile"),
        lambda play: play.look_until_calm(), _rename("Archive", "Avis"))),
    Script("a folder is renamed, and another put in its place", before=_make("Avis"), folders=("INBOX", "Avis"),
           after=_then(_rename("Avis", "Archive"), _make("Avis", "another"))),
    Script("the first folder is missing", folders=("Absent", "INBOX")),
    Script("a folder comes into being later", folders=("INBOX", "Avis"), after=_make("Avis", "later")),
    Script("a folder's name has accents and signs", before=_make("Été & « sel »"), folders=("INBOX", "Été & « sel »")),
    Script("a folder's name has quotes", before=_make('Avis "parc" \\ 2'), folders=('Avis "parc" \\ 2', "INBOX")),
    Script("a folder within a folder", before=_make("Avis.Parc.Jeux"), folders=("INBOX", "Avis.Parc.Jeux")),
    Script("a folder that holds only folders", before=_make("Avis.Parc"), folders=("Avis", "Avis.Parc", "INBOX")),
]  # fmt: skip


def _over_the_limit_in_secret(play: Play) -> None:
    play.look()
    raw = play.deliver(letter(f"{play.user} huge", 1_500_000), taken=False)
    play.expected.add(sha256(raw[:65_537] + b"\0" + b"70000"))


def _replaced(play: Play) -> None:
    """The second folder, which is looked into first, is replaced between the search and the fetch."""
    play.expected.discard(sha256(letter(f"{play.user} dossier")))
    _remake("Avis", "another")(play)


# --- the watcher's own end --------------------------------------------------------------------------------


def die() -> None:
    """As ``kill -9`` would end this process."""
    os.kill(os.getpid(), signal.SIGKILL)


@contextlib.contextmanager
def fast_store() -> Iterator[Store]:
    """A store in memory where there is such a folder: hundreds of commits need not reach a disk here."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        store = Store.open(StoreFolders(f"sqlite:///{folder / 'p.db'}", folder / "data", folder / "keys"))
        migrate(store.engine)
        yield store
        store.close()


@contextlib.contextmanager
def stage(server: Dovecot, store: Store, folder: Path, script: Script | None = None, number: int = 0) -> Iterator[Play]:
    """A mailbox of its own for one script."""
    script = script or Script("")
    with MailLine(server.port) as line:
        yield Play(
            server,
            f"u{number:03}",
            store,
            folder,
            line,
            mails=script.mails,
            folders=script.folders,
            limit_mb=script.limit_mb,
        )


def users(scripts: int) -> dict[str, str]:
    """A mailbox for each script."""
    return {f"u{number:03}": "secret" for number in range(scripts)}
