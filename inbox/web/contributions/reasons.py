"""Why a person is needed, in the reader's language.

Machines note their reasons as whole English sentences, one after the other. Those that stand
here are translated one by one; any other stays as it was noted, for a reason in English is
better than none. A test compares this list with what the other rooms can say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask_babel import gettext


def N_(sentence: str) -> str:  # noqa: N802 — the name by which gettext's tools know such marks
    """Mark a sentence for the catalogue; it is translated when it is shown."""
    return sentence


SENTENCES = (
    # What an engine says of a recording or a page.
    N_("Nobody speaks in this recording."),
    N_("There is sound in this recording, but no voice was recognised in it: a person has to listen."),
    N_("Somebody may be speaking, but no word could be made out."),
    N_("No word could be made out: the demo model understands synthetic voices, not people."),
    N_("Somebody speaks, but it does not sound like the language that was expected."),
    N_("Parts of this recording could not be made out."),
    N_("Too few of these words were heard with confidence."),
    N_("Some of these words may only be a noise: they are marked."),
    N_("The end of this recording is missing: only what is there was read."),
    N_("The recording is damaged: parts of it could not be read."),
    N_("The recording is longer than the limit; the rest was not read."),
    N_("There is nothing on this page."),
    N_("This page is covered with specks; no text was tried."),
    N_("No print could be read here: handwriting, a drawing or a photograph."),
    N_("There are only faint marks on this page: pale ink, pencil, or its other side shining through."),
    N_("The letters in this picture are too small to be read."),
    N_("The lines of this page may stand here in a wrong order."),
    N_("Parts of this page are not print, or could not be read."),
    N_("Words that are in the file and not on its pages, as notes or in fields, were added to the text."),
    N_("This form shows its answers in its own program only: they were taken from within it, if there are any."),
    N_("There are other files within this file, which were not read."),
    N_("This picture has further pictures behind it, which were not read."),
    N_("Somebody wrote here by hand: a person types it in."),
    # Why a form of ours is looked at.
    N_("Something pale or small is in this box: a mark, or dirt."),
    N_("This box is filled: ticked, or withdrawn."),
    N_("Something is drawn around this box, not in it."),
    N_("This box was not found where it must be."),
    N_("The corners of this form were not found well enough: each box has to be looked at."),
    N_("Corners of this form are missing."),
    N_("The other side of this form is missing."),
    N_("More than one box is ticked where one was asked for."),
    N_("Several sheets came under the number of this form: photocopies, each with ink of its own."),
    N_("This form may have been scanned twice."),
    N_("This is a form that is not known here: printed elsewhere, or before this gateway was set up."),
    N_("Too little of this form is in the picture for its boxes to be found: scan it again, or look at it."),
    N_("Boxed characters were filled in: a person types them in."),
    N_("It votes for a project: key the vote in under « Type in », and cover it."),
    N_("Nobody could read the number: the vote is not counted."),
    N_("No project has this number: the vote is not counted."),
    N_("A vote without what tells whose it is: it is not counted."),
    N_("There is no card of this number: the vote is not counted."),
    N_("Somebody drew on this form."),
    N_("The codes of this form cannot be read: type in the number printed beside one of them, or scan it again."),
    N_("Two people read this writing differently: compare what they typed with the picture."),
    N_("Somebody tried to read this writing, and could not."),
    N_("It names somebody, says who typed it in."),
    N_("Another sheet came before under the number of this form: a photocopy, or this very sheet."),
    N_("The form in this message came before, under the number of its slip."),
    N_("Several forms came with this message: each is a contribution of its own."),
    # What a test sheet says of a copier.
    N_("The copier scans too coarsely: set it to 200 or 300 dpi."),
    N_("The copier cuts off the edges: scan the whole sheet, at 100 %."),
    N_("The copier makes everything black or white: set it to grey, or to photo."),
    N_("Pale marks get lost: set the copier darker, and its background removal off."),
    N_("The copier compresses too much: set the file quality higher."),
    N_("The sheet was not read well: clean the glass, lay it flat, and try again."),
    N_("Only one side was scanned: set the copier to both sides."),
    # Why a file could not be opened at all.
    N_("The file is empty."),
    N_("The file is damaged."),
    N_("The file is locked with a password."),
    N_("The file is larger than the limits allow."),
    N_("The file has more pages than the limits allow."),
    N_("This is no picture or PDF of a kind that can be opened here."),
    N_("This picture is too small to hold any writing."),
    N_("There is no sound in this file."),
    N_("The end of this recording is missing, and what is left of it cannot be played."),
    N_("This is no recording."),
    N_("The file ends before its end: pages, or parts of them, may be missing."),
    N_("The scanned file has grown since some of its forms were decided: compare them with the file as it now is."),
    # What is to be done about it.
    N_("A person opens the original, or asks for it again."),
    N_("It is tried again; if it happens each time, a person reads the original."),
    N_("It is tried again; if it happens each time, see whether the machine has memory enough."),
    N_("The object store cannot be reached: it is tried again."),
    N_("It is tried again; raise the limit in the settings if the machine is slow."),
    N_("Run “portevoix doctor” to see what to install."),
    N_("It took longer than any step may take."),
    N_("the worker stopped before it had finished"),
    N_("No space is left on the disk: make room, then it goes on."),
    N_("its worker was stopped"),
    # Why something was not erased.
    N_("Somebody asks to have a contribution erased who could not be recognised: a person decides."),
    N_("The contribution to be erased now holds other people's words too: a person decides."),
    # What came in without words.
    N_("Besides, it asks for something to be erased: a person decides."),
    N_("The pictures of this message stay on the telephone that received it."),
    N_("no text was found in it"),
    N_("the text message is empty"),
    N_("Taken as a contribution by a person. Look at the original, and write down what it says."),
    N_("The mail is empty."),
    N_("The message is damaged: what could be read of it is shown."),
    N_("The message does not say truly which characters it is written in: some may be wrong."),
    N_("The message is encrypted and cannot be read."),
    N_("Part of the message is packed in a form that only its own mail program opens: what is in it was not read."),
    N_("The message only quotes another one."),
    N_("More of the message was set apart than stays: its writer may have meant some of it."),
    N_("What is quoted says more than we wrote: some of it may be an answer."),
    N_("The text is only a greeting: what was meant may stand elsewhere."),
    N_("Answers may stand among the words that are quoted: the writer says so, or some are in capitals."),
    N_("Words within a quotation stand out by colour or style: they stay in the text, for they may be answers."),
    N_("The message is very long: its beginning is shown, the original is kept whole."),
    N_("The message is a page that cannot be laid out: quotations may stand among its words."),
    N_("The message has very many parts: the first ones are shown, the original is kept whole."),
    N_("The message is larger than the limit: its beginning and its structure are shown, the original is kept whole."),
    N_(
        "The message is larger than the limit: its beginning was taken in, its structure is shown, "
        "and the whole of it is in the mailbox."
    ),
    N_("Part of the message lies elsewhere, or comes in several mails: it was not read."),
    N_("The message says one thing as plain text and more as a page: the page is taken, the plain text set apart."),
    N_("Very many mails came from this address: they are read little by little, those of others before them."),
    N_("The mail has very many files: the first ones are kept one by one, all of them in the original."),
    N_("A document is very long: its beginning was read."),
    N_("A document holds pictures or other files, which were not read."),
    N_("A file that came along was not read by any machine: a person opens it."),
    N_("An archive came along and was not opened: the files in it were not read."),
    N_("A small picture that stands within the text was not read."),
    N_("A document is damaged and was not read."),
    N_("A document is locked with a password and was not read."),
    N_("A document is larger than the limits allow and was not read."),
    N_("A document is of an old kind, or locked with a password, and was not read."),
    # What could not be sent.
    N_("Our texts have no sender."),
    N_("There is no telephone provider."),
    N_("There is no outgoing mail server."),
    N_("Answer this person another way."),
    N_("It is tried again by itself; if it lasts, check smtp in the settings with “portevoix doctor”."),
    # What the ledger finds.
    N_("waits, but nothing is left to be done to it"),
    N_("was read, but belongs to no contribution"),
    N_("is made of nothing"),
    N_("came in without anything that arrived"),
)

NOTES = (
    # What a mailbox's watcher says of it.
    N_("cannot be read:"),
    N_("is not taken in:"),
    N_("catching up:"),
    N_("cannot open or search the folder"),
    N_("Rename it back, change folders, or look into the server’s log"),
    N_("its certificate is not valid: have it renewed, or set ca_file if it is your own"),
    N_("it refuses the sign-in: check user and password, or oauth2"),
    N_("no encrypted connection came about: check port and tls"),
    N_("it does not answer: check host and port, and the network"),
    N_("it takes no connection or ended it: check host and port, and the server"),
    N_("it cannot be reached: check host and port, and the network"),
    N_("it answers with an error: look into the server’s log if it lasts"),
    N_("it answers nonsense"),
    N_("the data directory cannot be written: make room on its disk"),
    N_("our own database does not let us:"),
    N_("Try again; if it lasts, look with `portevoix doctor` for a process that hangs."),
    N_("the file of the access token cannot be read"),
    N_("the file of the access token is empty"),
    N_("the token_url cannot be reached"),
    N_("the token_url gives out no token"),
    N_(": check the section oauth2"),
    # What the watcher of scan folders says.
    N_("cannot be looked into"),
    N_(": check that it is there"),
    N_("a file cannot be taken in"),
    N_(": check its permissions"),
    N_("left alone:"),
    N_("files of the system"),
    N_("locks of open documents"),
    N_("files under the name of something unfinished"),
    N_("folders"),
    N_("links and the like"),
    # What the reading of the provider’s lists says.
    N_("the provider’s lists could not be read:"),
    N_("last pass at"),
    N_("found without a webhook:"),
    N_("could not be taken in:"),
    N_("messages"),
    N_("calls"),
    N_("recordings"),
)
"""What stands beside a heartbeat, in pieces: names, times and figures stand between them."""


def _any_of(sentences: Iterable[str]) -> re.Pattern[str]:
    # The longest first; a word is not looked for within another one.
    words = (rf"(?<!\w){re.escape(one)}" if one[0].isalpha() else re.escape(one) for one in sentences)
    return re.compile("|".join(sorted(words, key=len, reverse=True)))


_KNOWN, _KNOWN_NOTES = _any_of(SENTENCES), _any_of(NOTES)


def translate_reason(reason: str) -> str:
    """The reason in the reader's language, beginning with a capital."""
    return _told(_KNOWN, reason)


def translate_note(note: str) -> str:
    """What a process says of itself, in the reader's language, beginning with a capital."""
    return _told(_KNOWN_NOTES, note)


def _told(known: re.Pattern[str], text: str) -> str:
    told = known.sub(lambda found: str(gettext(found.group())), text)
    return told[:1].upper() + told[1:]
