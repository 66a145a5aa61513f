"""Why a person is needed, in the reader's language.

Machines note their reasons as whole English sentences, one after the other. Those that stand
here are translated one by one; any other stays as it was noted, for a reason in English is
better than none. A test compares this list with what the other rooms can say.
"""

from __future__ import annotations

import re

from flask_babel import gettext


def N_(sentence: str) -> str:  # noqa: N802 — the name by which gettext's tools know such marks
    """Mark a sentence for the catalogue; it is translated when it is shown."""
    return sentence


SENTENCES = (
    # What an engine says of a recording or a page.
    N_("Nobody speaks in this recording."),
    N_("Somebody may be speaking, but no word could be made out."),
    N_("No word could be made out: the demo model understands synthetic voices, not people."),
    N_("Somebody speaks, but it does not sound like the language that was expected."),
    N_("Parts of this recording could not be made out."),
    N_("Too few of these words were heard with confidence."),
    N_("The recording is damaged; only its beginning could be read."),
    N_("The recording is longer than the limit; the rest was not read."),
    N_("There is nothing on this page."),
    N_("This page is covered with specks; no text was tried."),
    N_("No print could be read here: handwriting, a drawing or a photograph."),
    N_("Parts of this page are not print, or could not be read."),
    # Why a file could not be opened at all.
    N_("The file is empty."),
    N_("The file is damaged."),
    N_("The file is locked with a password."),
    N_("The file is larger than the limits allow."),
    N_("The file has more pages than the limits allow."),
    N_("This is no picture or PDF."),
    N_("There is no sound in this file."),
    N_("This is no recording."),
    # What is to be done about it.
    N_("A person opens the original, or asks for it again."),
    N_("It is tried again; if it happens each time, a person reads the original."),
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
    N_("The pictures of this message stay on the telephone that received it."),
    N_("no text was found in it"),
    N_("the text message is empty"),
    N_("The mail is empty."),
    N_("The message is damaged: what could be read of it is shown."),
    N_("The message does not say truly which characters it is written in: some may be wrong."),
    N_("The message is encrypted and cannot be read."),
    N_("Part of the message is packed in a form that only its own mail program opens: what is in it was not read."),
    N_("The message only quotes another one."),
    N_("The message is very long: its beginning is shown, the original is kept whole."),
    N_("The message is a page that cannot be laid out: quotations may stand among its words."),
    N_("The message has very many parts: the first ones are shown, the original is kept whole."),
    N_("The message is larger than the limit: its beginning and its structure are shown, the original is kept whole."),
    N_(
        "The message is larger than the limit: its beginning was taken in, its structure is shown, "
        "and the whole of it is in the mailbox."
    ),
    N_("Very many mails came from this address: they are read little by little, those of others before them."),
    N_("The mail has very many files: the first ones are kept one by one, all of them in the original."),
    N_("A document is very long: its beginning was read."),
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

_KNOWN = re.compile("|".join(re.escape(sentence) for sentence in sorted(SENTENCES, key=len, reverse=True)))


def told_reason(reason: str) -> str:
    """The reason in the reader's language, beginning with a capital."""
    told = _KNOWN.sub(lambda found: str(gettext(found.group())), reason)
    return told[:1].upper() + told[1:]
