"""What people do to a mailbox while it is watched."""

from __future__ import annotations

from tests.workers.mailbox_acts import PIECE, between, copy_all, deliver_all, flag, gap, make, move, moved_away, put
from tests.workers.mailbox_play import Play, Script, letter

PEOPLE = [
    Script("somebody has read all of it", before=flag(b"\\Seen")),
    Script("somebody has flagged and answered all of it", before=flag(b"\\Flagged", b"\\Answered")),
    Script("somebody has marked all of it as deleted", before=flag(b"\\Deleted")),
    Script("somebody reads while it is fetched", between(flag(b"\\Seen"))),
    Script("somebody deletes a mail before it was seen", before=lambda play: play.expunge(0)),
    Script("somebody deletes a mail while a batch is fetched", between(lambda play: play.expunge(1))),
    Script("somebody deletes all of it while it is fetched", between(lambda play: play.expunge(0, 1, 2))),
    Script("somebody deletes a large mail while it is fetched", between(lambda play: play.expunge(2), PIECE)),
    Script("somebody deletes what was taken in", after=lambda play: _emptied(play)),
    Script("somebody moves a mail away before it was seen", before=moved_away),
    Script("somebody moves mail away and back", before=lambda play: move(play, [0, 1], "Lu", back=True)),
    Script("somebody moves mail away and back while it is fetched",
           between(lambda play: move(play, [0, 2], "Lu", back=True))),
    Script("somebody moves mail away and back afterwards", after=lambda play: move(play, [0, 1, 2], "Lu", back=True)),
    Script("somebody copies all of it", before=copy_all),
    Script("somebody copies all of it afterwards", after=copy_all),
    Script("somebody moves it to another folder that is watched", after=lambda play: move(play, [0, 1], "Avis"),
           before=make("Avis"), folders=("INBOX", "Avis")),
    Script("somebody puts mail there by hand", before=lambda play: put(play, letter("put by hand"))),
    Script("the same mail comes twice", before=lambda play: [play.deliver("twice"), play.deliver("twice")]),
    Script("the same mail comes again later", before=lambda play: play.deliver("twice"),
           after=lambda play: play.deliver("twice")),
    Script("two mails share a Message-ID", before=deliver_all(
        letter("un", head="Message-ID: <1@x.example>\r\n"), letter("deux", head="Message-ID: <1@x.example>\r\n"))),
    Script("a Message-ID is empty, twice", before=deliver_all(
        letter("un", head="Message-ID:\r\n"), letter("deux", head="Message-ID: <>\r\n"))),
    Script("a mail comes while others are fetched", between(lambda play: play.deliver("meanwhile"))),
    Script("a mail comes while the folder is opened", between(lambda play: play.deliver("meanwhile"), "EXAMINE")),
    Script("mail comes during a catch-up", between(lambda play: play.deliver("meanwhile"), nth=2), mails=120),
    Script("a UID is skipped", before=gap),
    Script("a clock is wrong: Date", before=deliver_all(
        letter("past", head="Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"),
        letter("future", head="Date: Fri, 31 Dec 2099 23:59:59 +0000\r\n"),
        letter("never", head="Date: yesterday\r\n"))),
]  # fmt: skip


def _emptied(play: Play) -> None:
    """What was taken in stays taken in."""
    expected = set(play.expected)
    play.expunge(0, 1, 2)
    play.expected = expected
