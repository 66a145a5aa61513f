"""What ``portevoix doctor`` found, in words a town clerk understands, with what to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from config.settings.providers import provider_pages
from inbox.web.base.labels import Label

KNOWN: dict[str, tuple[Label, Label]] = {
    "data directory": (
        _l("The disk"),
        _l("Make room on the disk, or ask whoever looks after the machine for a larger one."),
    ),
    "database": (_l("The database"), _l("Ask whoever looks after the machine; nothing comes in without it.")),
    "redis-server": (_l("The messenger between the parts"), _l("On the machine: apt-get install redis-server")),
    "redis": (
        _l("The messenger between the parts"),
        _l("It is started again by itself; if not, start the gateway again."),
    ),
    "consultations": (_l("Consultation files"), _l("Mend the lines named, or write the consultation on its page.")),
    "outgoing mail": (_l("Outgoing mail"), _l("Check the outgoing mail server on the page of mailboxes.")),
    "refused webhooks": (
        _l("Messages that were refused"),
        _l("Compare the address of these pages, and the token, with the provider’s console."),
    ),
    "lost webhooks": (
        _l("Messages that came late"),
        _l("Compare the addresses in the provider’s console with this page’s own."),
    ),
    "fallback spool": (
        _l("What came while the gateway was down"),
        _l("Ask whoever looks after the machine to run “portevoix spool”."),
    ),
    "recorded prompts": (_l("Your own recordings"), _l("Name the files like the texts they stand for.")),
}
"""By the name of the probe: what it is called here, and what to do when it fails."""

BEGINNINGS: tuple[tuple[str, Label, Label], ...] = (
    ("mailbox ", _l("Mailbox"), _l("Check server, user name and password on the page of mailboxes.")),
    ("scan folder of ", _l("Scan folder"), _l("See that the folder is there, and what has been lying in it for long.")),
)
"""By how the name begins, where the rest of it says which one."""

for _page in provider_pages().values():
    KNOWN |= {_words.name: (_l(_words.label), _l(_words.remedy)) for _words in _page.probes}

_GUARDS = ("Landlock", "seccomp", "bubblewrap")
for _guard in _GUARDS:
    KNOWN[_guard] = (
        _l("Protection against harmful files"),
        _l("Files are read with less protection: ask whoever looks after the machine for a newer kernel or program."),
    )

OTHERS = (_l("Another part"), _l("Ask whoever looks after the machine to do what is named."))
PROGRAMS = (_l("A program or a model that reads"), _l("Ask whoever looks after the machine to install what is named."))


@dataclass(frozen=True)
class ProbeHealth:
    """One outside part, and how it is."""

    label: Label
    which: str
    ok: bool
    found: str
    what_to_do: Label
    detail: str
    """What the command line says of it, for whoever looks after the machine."""


def health_of(probe: Mapping[str, Any], reads: Collection[str] = ()) -> ProbeHealth:
    """A probe's result in words; ``reads`` are the names of those of engines and models."""
    name = str(probe.get("name", ""))
    label, what_to_do = PROGRAMS if name in reads else OTHERS
    which = name
    if name in KNOWN:
        label, what_to_do = KNOWN[name]
        which = name if name in _GUARDS else ""
    else:
        for beginning, known, remedy in BEGINNINGS:
            if name.startswith(beginning):
                label, what_to_do, which = known, remedy, name.removeprefix(beginning)
    ok = bool(probe.get("ok"))
    detail = "" if ok else f"{probe.get('problem', '')} → {probe.get('remedy', '')}"
    return ProbeHealth(label, which, ok, str(probe.get("version", "")) if ok else "", what_to_do, detail)
