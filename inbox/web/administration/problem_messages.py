"""What is wrong with something typed on a page, in the reader's language.

The same sentences stand in the messages about files (``config.settings``, ``config.wording``). Those that stand here
are translated; a test compares this list with what those packages can say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from flask_babel import gettext


def N_(sentence: str) -> str:  # noqa: N802 — the name by which gettext's tools know such marks
    """Mark a sentence for the catalogue; it is translated when it is shown."""
    return sentence


SAID = (
    N_("is missing; write it"),
    N_("is empty; write it"),
    N_("is no date; write it like 2027-04-30"),
    N_("is no language; write fr, en, br …"),
    N_("is no short name; write small letters, digits and hyphens, like rues-et-places"),
    N_("is missing in %(languages)s; write it, or take the language out of languages"),
    N_("has no label of %(key)s in %(languages)s; write it"),
    N_("has %(key)s twice; give each theme a key of its own"),
    N_("is before opens (%(day)s); correct one of them"),
    N_("is before closes (%(day)s); correct one of them"),
    N_('promises an answer by no day; write answer_by, or answers = "none"'),
    N_("recordings and originals are kept longer than the contribution; shorten theirs"),
    N_("%(what)s has %(key)s twice; take one out or give it a name of its own"),
    N_("age_limits must rise; write them like [18, 30, 60]"),
    N_("zones has one called drawing, which is the zone to draw in; give it another name"),
    N_("reply_authorisation needs reply_address: where the prepaid sheets go"),
    N_("is no pictogram; there are %(names)s"),
    N_("a service has a name of at most %(number)s characters"),
    N_("write it like https://signalements.ville.example/open311/v2"),
    N_("is no address of map tiles; write one like https://tiles.example.org/{z}/{x}/{y}.png"),
    N_("there is no such text; docs/texts.md lists them"),
    N_("%(fact)s is not known here; known are %(names)s"),
    N_("%(fact)s: forms are %(names)s"),
    N_("has a brace or square bracket without its other half; close it, or take it out"),
    N_("is the consent, which %(key)s says without keys; write %(key2)s as well"),
    N_("has %(key)s twice; give each project a number of its own"),
    # Settings.
    N_("is no PostgreSQL database; write it like postgresql+psycopg://host/name"),
    N_("says s3 and names no bucket; add bucket, or set store to folder"),
    N_("is not a telephone number; write it with its country, like +33298000000"),
    N_("is not an e-mail address; write it plainly, like avis@ville.example"),
    N_("is not a web address; write it like https://avis.ville.example, without ? and #"),
    N_("is not https, so the token would travel in the clear; write it with https://"),
    N_("is not https, so the password would travel in the clear; http is for your own network only"),
    N_("is not AC and 32 hexadecimal digits; copy it from the provider's console"),
    N_(
        "is neither a number like +33600000000, nor a name of up to 11 letters and digits with at least one "
        "letter, nor a messaging service (MG and 32 hexadecimal digits)"
    ),
    N_("sends the password in the clear; set it to ssl or starttls"),
    N_("is no messaging service; copy it from the provider's console: MG and 32 hexadecimal digits"),
    N_("is empty, so no webhook could be told from a forged one; copy it from the provider's console"),
    N_("is empty, and nobody can write back to a sender with letters; set it, or receives"),
    N_("or user is empty, so the app would refuse every text; copy both from the app"),
    N_("names every day of the week, so no text could ever go out; take one out"),
    N_("is not later than not_before, so no text could ever go out; write it like 20:00:00"),
    N_("or oauth2: set exactly one of the two"),
    N_("is empty; set it to the address that residents may answer to"),
    N_("is not a time zone; write one like Europe/Paris or Indian/Reunion"),
    N_("is no country with telephone numbers; write its two capitals, like FR, RE or BE"),
    N_("lacks %(name)s, which language says is the usual one; add it"),
    N_("lies inside data_dir, so whoever copies the data has the keys too; move it beside"),
    N_("has %(name)s twice; name every folder in one of the two, or give each its own name"),
    N_("has %(name)s inside data_dir, where nothing lies in the clear; move it beside"),
    N_("write it like http://127.0.0.1:8000/v1"),
    N_("%(name)s may be anywhere: write localhost, or the machine's own number"),
    N_("%(name)s is no address on the town's own machine or network"),
    # The model's own.
    N_("Field required"),
    N_("Input should be a valid integer, unable to parse string as an integer"),
    N_("Input should be greater than or equal to %(least)s"),
    N_("Input should be less than or equal to %(most)s"),
    N_("String should have at most %(most)s characters"),
    N_("String should have at least %(least)s character"),
    N_("String should have at least %(least)s characters"),
    N_("String should match pattern '%(pattern)s'"),
    N_("Input should be %(choices)s"),
    N_("Tuple should have at least %(least)s item after validation, not %(count)s"),
    N_("Tuple should have at most %(most)s items after validation, not %(count)s"),
)

_FACT = re.compile(r"%\\\((\w+)\\\)s")
_PATTERNS = [(re.compile(_FACT.sub(r"(?P<\1>.+?)", re.escape(said))), said) for said in SAID]


def translate_problem(problem: str) -> str:
    """A problem in the reader's language; one that is not known stays as it is, for a reason in English beats none."""
    for pattern, said in _PATTERNS:
        if found := pattern.fullmatch(problem):
            return _as_sentence(gettext(said, **found.groupdict()))
    return _as_sentence(problem)


def _as_sentence(words: str) -> str:
    sentence = words[:1].upper() + words[1:]
    return sentence if sentence[-1:] in ".!?…" else f"{sentence}."


def problems_by_field(problems: Iterable[tuple[Iterable[int | str], str]]) -> Mapping[str, str]:
    """Problems, told, by the dotted name of the field they are about; several of one field stand together."""
    told: dict[str, list[str]] = {}
    for loc, problem in problems:
        told.setdefault(".".join(map(str, loc)), []).append(translate_problem(problem))
    return {name: " ".join(dict.fromkeys(sentences)) for name, sentences in told.items()}
