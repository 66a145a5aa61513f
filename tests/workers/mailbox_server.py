"""What mails, folders and the mail server's own troubles do to a watched mailbox."""

from __future__ import annotations

from sqlalchemy import select

from inbox.models import MailCursor
from tests.standins.mail_line import Fault
from tests.workers.mailbox_acts import FETCH, PIECE, between, fault_at, make, odd, remake, rename, then
from tests.workers.mailbox_play import Play, Script, cut_identity, letter, sha256

_EMPTY = b'* 3 FETCH (UID 3 BODY[]<65025> "")\r\nTAG OK Fetch completed.\r\n'


def _kept_with_crlf(play: Play) -> None:
    for number in range(8):
        raw = letter(f"{play.user} {'x' * number}", 1_000_000)
        play.server.deliver(play.user, raw, keep_crlf=True)
        play.expected.add(sha256(raw))


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
    Script("a mail has no header", before=odd(b"\r\nUn banc.\r\n", b"Un banc sans rien.\r\n")),
    Script("a mail has no body", before=odd(b"Subject: rien\r\n\r\n", b"Subject: moins que rien\r\n")),
    Script("a mail has NUL bytes", before=odd(b"Subject: nul\r\n\r\n\x00\x00banc\x00\r\n")),
    Script("a mail is not UTF-8", before=odd(b"Subject: \xe9t\xe9 \xff\xfe\r\n\r\n\x80\x81\r\n")),
    Script("a mail is one line of 200,000 signs", before=odd(b"Subject: long\r\n\r\n" + b"x" * 200_000)),
    Script("a mail ends its lines otherwise", before=odd(b"Subject: lf\n\nun\ndeux\n", b"Subject: cr\r\rtrois\r")),
    Script("a mail looks like answers of the server", before=odd(
        b"Subject: )\r\n\r\nA1 OK done\r\n* BYE\r\n{12}\r\n* 1 EXPUNGE\r\n")),
    Script("mails of exactly the size up to which they come whole", before=odd(
        *(b"Subject: s\r\n\r\n".ljust(size, b"x") for size in (65_535, 65_536, 65_537, 65_538)))),
    Script("mails that end where a piece ends", before=odd(
        *(b"Subject: p\r\n\r\n".ljust(65_537 + 262_144 + more, b"x") for more in (-1, 0, 1)))),
    Script("large mails are kept with CRLF", before=_kept_with_crlf),
    Script("a mail is over the limit", before=_over_the_limit, limit_mb=1),
    Script("a mail is over the limit, twice the same", before=then(
        _over_the_limit, lambda play: play.server.deliver(play.user, letter(f"{play.user} huge", 1_500_000))),
        limit_mb=1),
    Script("a mail is over the limit, and comes under another number", before=_over_the_limit, limit_mb=1,
           after=lambda play: play.renumber()),
    Script("the limit is raised, and the folder numbered anew", before=_over_the_limit, limit_mb=1,
           after=_raise_limit),
    Script("a mail over the limit is said to be small", before=lambda play: _over_the_limit_in_secret(play),
           limit_mb=1, mails=1,
           faults=fault_at(FETCH, tells=(rb"RFC822.SIZE \d+", b"RFC822.SIZE 70000"))),
    Script("a mail over the limit has a structure that is NIL", before=_over_the_limit, limit_mb=1, faults=fault_at(
        "BODYSTRUCTURE", says=b"* 4 FETCH (UID 4 BODYSTRUCTURE NIL)\r\nTAG OK Fetch completed.\r\n")),
    Script("the structure of a mail over the limit is refused", before=_over_the_limit, limit_mb=1, faults=fault_at(
        "BODYSTRUCTURE", says=b"TAG NO [SERVERBUG] Internal error\r\n")),
    Script("the line is cut at the structure of a mail over the limit", before=_over_the_limit, limit_mb=1,
           faults=fault_at("BODYSTRUCTURE", cut=True, times=3)),
    Script("the limit is lowered, and the folder numbered anew", after=_lower_limit,
           before=lambda play: play.deliver(letter(f"{play.user} huge", 1_500_000))),
    Script("the limit is lowered, and another mail of the same size comes", after=_another_as_large,
           before=lambda play: play.deliver(letter(f"{play.user} huge", 1_500_000))),
    Script("a large mail is deleted, and the server sends nothing of it",
           between(lambda play: play.expunge(2), PIECE, says=_EMPTY)),
    Script("a batch is full to the last place", mails=50),
    Script("one more than a batch", mails=51),
    Script("the inbox is numbered anew", after=lambda play: play.renumber()),
    Script("the inbox is numbered anew, and a mail comes", after=then(
        lambda play: play.renumber(), lambda play: play.deliver("anew"))),
    Script("the cursor is lost", after=_forget_cursor),
    Script("the server lost its indexes", after=_lose_indexes),
    Script("the server is restarted", after=then(_restart, lambda play: play.deliver("after the restart"))),
    Script("the server is restarted while it answers", between(_restart)),
    Script("the server is killed before a batch", between(lambda play: play.kill_server())),
    Script("the server is killed before a piece", between(lambda play: play.kill_server(), PIECE)),
    Script("the server is killed before a search", between(lambda play: play.kill_server(), "UID SEARCH")),
    Script("a folder is deleted and made anew", before=make("Avis"), folders=("Avis", "INBOX"),
           after=remake("Avis", "another")),
    Script("a folder is deleted and made anew while it is fetched", folders=("INBOX", "Avis"),
           before=make("Avis"), faults=lambda play: [Fault(FETCH, first=lambda: _replaced(play))]),
    Script("a folder is renamed, and back", before=make("Avis"), folders=("INBOX", "Avis"), after=then(
        rename("Avis", "Archive"), lambda play: play.look_until_calm(), lambda play: play.deliver("meanwhile"),
        lambda play: play.look_until_calm(), rename("Archive", "Avis"))),
    Script("a folder is renamed, and another put in its place", before=make("Avis"), folders=("INBOX", "Avis"),
           after=then(rename("Avis", "Archive"), make("Avis", "another"))),
    Script("the first folder is missing", folders=("Absent", "INBOX")),
    Script("a folder comes into being later", folders=("INBOX", "Avis"), after=make("Avis", "later")),
    Script("a folder's name has accents and signs", before=make("Été & « sel »"), folders=("INBOX", "Été & « sel »")),
    Script("a folder's name has quotes", before=make('Avis "parc" \\ 2'), folders=('Avis "parc" \\ 2', "INBOX")),
    Script("a folder within a folder", before=make("Avis.Parc.Jeux"), folders=("INBOX", "Avis.Parc.Jeux")),
    Script("a folder that holds only folders", before=make("Avis.Parc"), folders=("Avis", "Avis.Parc", "INBOX")),
]  # fmt: skip


def _over_the_limit_in_secret(play: Play) -> None:
    play.look()
    raw = play.deliver(letter(f"{play.user} huge", 1_500_000), taken=False)
    play.expected.add(sha256(raw[:65_537] + b"\0" + b"70000"))


def _replaced(play: Play) -> None:
    """The second folder, which is looked into first, is replaced between the search and the fetch."""
    play.expected.discard(sha256(letter(f"{play.user} dossier")))
    remake("Avis", "another")(play)
