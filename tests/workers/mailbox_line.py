"""What can happen on the line between a mailbox and its watcher."""

from __future__ import annotations

from collections.abc import Callable

from tests.standins.mail_line import Fault
from tests.workers.mailbox_acts import FETCH, PIECE, fault_at
from tests.workers.mailbox_play import ANSWER_SECONDS, Script

COMMANDS = {
    "asking what the server can do": "CAPABILITY",
    "signing in": "LOGIN",
    "opening the folder": "EXAMINE",
    "asking what is new": "UID SEARCH",
    "fetching a batch": FETCH,
    "fetching a piece of a large mail": PIECE,
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


_NOTHING = b"* 3 FETCH (UID 3 BODY[]<65025> NIL)\r\nTAG OK Fetch completed.\r\n"

LINE += [
    Script("the greeting is a refusal", fault_at("", says=b"* BYE Too many connections\r\n", times=3)),
    Script("the greeting never comes", fault_at("", silent=True)),
    Script("the line is cut at the greeting", fault_at("", cut=True, times=2)),
    Script("the greeting is that of a web server", fault_at("", says=b"HTTP/1.1 400 Bad Request\r\n\r\n")),
    Script("the sign-in is refused twice", fault_at("LOGIN", says=b"TAG NO [AUTHENTICATIONFAILED] No\r\n", times=2)),
    Script("a batch ends within its first mail", fault_at(FETCH, bytes_let=120)),
    Script("a batch ends between two mails", fault_at(FETCH, lines_let=9)),
    Script("a batch ends before its last line", fault_at(FETCH, lines_let=3000)),
    Script("a large mail ends in its middle", fault_at(PIECE, bytes_let=20_000)),
    Script("a large mail is cut four times", fault_at(PIECE, bytes_let=30_000, times=4)),
    Script("a literal claims to be longer", fault_at(FETCH, lie=10)),
    Script("a literal claims to be shorter", fault_at(FETCH, lie=-10)),
    Script("a literal claims to be a gigabyte", fault_at(PIECE, lie=1_000_000_000)),
    Script("a batch is answered with nothing", fault_at(FETCH, says=b"TAG OK Fetch completed.\r\n")),
    Script("a piece is answered with nothing", fault_at(PIECE, says=b"TAG OK Fetch completed.\r\n")),
    Script("the folder looks empty for once", fault_at("UID SEARCH", says=b"* SEARCH\r\nTAG OK Search completed.\r\n")),
    Script("the answer names mails that are not there", fault_at("UID SEARCH", inject=b"* SEARCH 7 8 4000\r\n")),
    Script("the answer comes in two lines", fault_at("UID SEARCH", inject=b"* SEARCH 1 2\r\n")),
    Script("flags of another mail are told in between", fault_at(FETCH, inject=b"* 2 FETCH (FLAGS (\\Seen))\r\n")),
    Script("sizes are far too small", fault_at(FETCH, tells=(rb"RFC822.SIZE \d+", b"RFC822.SIZE 5"))),
    Script("sizes are far too large", fault_at(FETCH, tells=(rb"RFC822.SIZE \d+", b"RFC822.SIZE 900000"))),
    Script("sizes are not said", fault_at(FETCH, tells=(rb"RFC822.SIZE \d+ ", b""))),
    Script("the server sends less of each mail than it is asked for", fault_at(FETCH, asks=(b".65537>", b".50>"))),
    Script("the server sends less of each piece than it is asked for", fault_at(PIECE, asks=(b".262656>", b".1000>"))),
    Script("the server gives out a piece that begins a byte too early", fault_at(PIECE, asks=(b"<65025.", b"<65024."))),
    Script(
        "the server gives out no more of a piece than is there", fault_at(PIECE, asks=(b".262656>", b".512>"), times=99)
    ),
    Script("the server sends nothing of a piece at first", fault_at(PIECE, says=_NOTHING, times=2)),
    Script("the quota is full, and said so", fault_at("EXAMINE", inject=b"* NO [OVERQUOTA] Quota exceeded\r\n")),
    Script("an alert is shouted", fault_at("UID SEARCH", inject=b"* OK [ALERT] Maintenance tonight\r\n")),
    Script("one batch is refused, its mails are not", fault_at(FETCH, says=b"TAG NO [SERVERBUG] Internal error\r\n")),
    Script("one piece is refused", fault_at(PIECE, says=b"TAG NO [SERVERBUG] Internal error\r\n", times=2)),
]
