"""French and English: everything translated, everything current, the right one chosen."""

from __future__ import annotations

import re
import ssl
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask_babel import force_locale
from imapclient.exceptions import IMAPClientError, LoginError

from gateway.mail.imap_auth import TokenRefused, imap_error_remedy
from gateway.reading import mail_parts
from inbox.contributions.text_versions import NO_TEXT
from inbox.errors import StoreBusy
from inbox.web.base.page_language import LANGUAGES, TRANSLATIONS
from inbox.web.contributions.reasons import SENTENCES, translate_note, translate_reason
from tests.inbox.pages.conftest import Inbox, post
from transcription.base.values import Doubt, EngineCrashed, EngineMissing, TooSlow, Unread, Unreadable

ROOT = Path(__file__).parents[3]
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "_lp": ((1, "c"), 2)}
FRENCH = TRANSLATIONS / "fr" / "LC_MESSAGES"

Key = tuple[str | None, str]


def _used() -> dict[Key, object]:
    """Every sentence of the templates and pages, with its context."""
    with (TRANSLATIONS / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS, directory_filter=_ours)
    return {(context, _first(message)): message for _file, _line, message, _comments, context in found}


def _ours(folder: str) -> bool:
    return Path(folder).name not in {".venv", ".git", "tests", "node_modules"} and "demo-data" not in folder


def _first(message: object) -> str:
    return str(message[0] if isinstance(message, list | tuple) else message)


def _french() -> Catalog:
    with (FRENCH / "messages.po").open("rb") as file:
        return read_po(file, locale="fr")


def test_everything_is_translated_and_nothing_else_is_kept() -> None:
    catalogue = {(m.context, _first(m.id)): m for m in _french() if m.id}
    used = _used()
    assert sorted(used.keys() - catalogue.keys(), key=str) == [], (
        "add these to messages.po (inbox/translations/README.md)"
    )
    assert sorted(catalogue.keys() - used.keys(), key=str) == [], "no page says these any more"
    empty = [key for key, m in catalogue.items() if not all(m.string if isinstance(m.string, tuple) else [m.string])]
    assert empty == []
    assert [key for key, m in catalogue.items() if m.fuzzy] == []


def test_translations_hold_what_is_to_be_filled_in() -> None:
    for message in _french():
        wanted = set(re.findall(r"%\(\w+\)[a-z0-9]+", str(message.id)))
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for string in strings if message.id else ():
            assert set(re.findall(r"%\(\w+\)[a-z0-9]+", string)) == wanted, message.id


def test_the_compiled_catalogue_is_the_written_one() -> None:
    with (FRENCH / "messages.mo").open("rb") as file:
        compiled = GNUTranslations(file)
    stale = []
    for message in _french():
        if isinstance(message.id, tuple):
            found: object = tuple(compiled.ngettext(*message.id, n) for n in (1, 2))
        elif message.context:
            found = compiled.pgettext(message.context, message.id)
        else:
            found = compiled.gettext(message.id)
        stale += [message.id] if message.id and found != message.string else []
    assert stale == [], "run pybabel compile (inbox/translations/README.md)"


def test_french_spacing() -> None:
    for message in _french():
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for string in strings if message.id else ():
            assert not re.search(r"[^\s\u00a0\u202f][;!?»]|[«][^\s\u00a0\u202f]|[^\s\d\u00a0\u202f]:(?!//)", string), (
                string
            )
            assert "'" not in string, f"a typewriter’s apostrophe: {string}"


# What the engines can say is translated sentence by sentence.
SAID = [
    *Doubt,
    *Unread,
    NO_TEXT,
    *mail_parts.SAID,
    *(error.remedy for error in (EngineCrashed, EngineMissing, TooSlow, Unreadable)),
]


@pytest.mark.parametrize("sentence", [str(sentence) for sentence in SAID])
def test_reasons_are_told_in_french(inbox: Inbox, sentence: str) -> None:
    assert sentence in SENTENCES
    with inbox.app.test_request_context(), force_locale("fr"):
        told = translate_reason(f"{sentence} Something new.")
    assert told.endswith(" Something new.")
    assert sentence not in told


# What stands beside a heartbeat, as the processes say it.
TOLD = [
    (ssl.SSLCertVerificationError(), "son certificat n’est pas valable"),
    (LoginError(), "le serveur refuse la connexion"),
    (ssl.SSLError(), "aucune connexion chiffrée"),
    (TimeoutError(), "le serveur ne répond pas"),
    (ConnectionResetError(), "le serveur refuse ou coupe la connexion"),
    (OSError(), "le serveur est injoignable"),
    (IMAPClientError(), "le serveur répond par une erreur"),
    (ValueError(), "la réponse du serveur n’a pas de sens"),
    (OSError(28, ""), "impossible d’écrire"),
    (StoreBusy(), "notre propre base de données s’y oppose\u00a0: Réessayez\u00a0; si"),
    (
        TokenRefused("the token_url gives out no token (x)"),
        "token_url ne donne pas de jeton (x)\u00a0: vérifiez la section",
    ),
]
NOTED = {
    **{f"cannot be read: {imap_error_remedy(error)}": f"Ne peut pas être lue\u00a0: {said}" for error, said in TOLD},
    "catching up: INBOX 50 / 150": "Rattrapage\u00a0: INBOX 50 / 150",
    "folder-1 cannot be looked into (X): check that it is there": (
        "Folder-1 ne peut pas être parcouru (X)\u00a0: vérifiez qu’il est bien là"
    ),
    "last pass at 10:30 UTC · found without a webhook: 3 messages; could not be taken in: 2": (
        "Dernier passage à 10:30 UTC · trouvés sans webhook\u00a0: 3 messages; n’ont pas pu être pris\u00a0: 2"
    ),
}


@pytest.mark.parametrize(("note", "said"), NOTED.items(), ids=NOTED)
def test_what_processes_say_of_themselves_is_told_in_french(inbox: Inbox, note: str, said: str) -> None:
    with inbox.app.test_request_context(), force_locale("fr"):
        assert translate_note(note).startswith(said)


PREFERENCES = {
    "fr-FR,fr;q=0.9": "fr",
    "en-GB,en;q=0.8": "en",
    "de,en;q=0.5": "en",
    "br": "fr",  # the town's own
    "": "fr",
}


@pytest.mark.parametrize("preferred", PREFERENCES)
def test_the_browsers_language_or_the_towns(inbox: Inbox, preferred: str) -> None:
    text = inbox.client(language=preferred).get("/sign-in").text
    assert f'<html lang="{PREFERENCES[preferred]}">' in text


def test_a_chosen_language_stays_and_leads_back(inbox: Inbox) -> None:
    client = inbox.client("mod", language="fr")
    answer = post(client, "/language", {"language": "en", "next": "/ledger"}, page="/ledger")
    assert answer.location == "/ledger"
    assert '<html lang="en">' in client.get("/ledger").text
    post(client, "/language", {"language": "xx"}, page="/ledger")
    assert '<html lang="en">' in client.get("/ledger").text
    post(client, "/sign-out", {}, page="/ledger")
    assert '<html lang="en">' in client.get("/sign-in").text


def test_each_language_is_announced_in_itself(inbox: Inbox) -> None:
    for language in LANGUAGES:
        text = inbox.client(language=language).get("/sign-in").text
        for name in LANGUAGES.values():
            assert f">{name}</button>" in text


def test_no_french_line_begins_with_a_mark() -> None:
    """The space before « ; : ? ! » and inside the quotation marks is one at which no line is broken."""
    sentences = [
        str(one) for m in _french() if m.id for one in (m.string if isinstance(m.string, tuple) else [m.string])
    ]
    assert [one for one in sentences if re.search(r"(?<=\S) [;:!?»](?=[\s<.,)]|$)|« ", one)] == []
