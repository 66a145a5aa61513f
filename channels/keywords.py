"""Keywords are whole messages: « Stop aux camions rue de Siam ! » is a contribution (cht-core#476)."""

from __future__ import annotations

import re
import unicodedata

from channels.values import Command, CommandKind

# The provider's own English words (its opt-out page), then ours in French. YES and OUI are no
# keywords here: they mean something only while a confirmation is pending, which gateway knows.
_WORDS: dict[tuple[CommandKind, str | None], tuple[str, ...]] = {
    (CommandKind.STOP, None): ("stop", "stop sms", "stopall"),
    (CommandKind.STOP, "en"): ("stop all", "unsubscribe", "end", "quit", "cancel", "revoke", "optout", "opt out"),
    (CommandKind.STOP, "fr"): (
        "arret",
        "arret sms",
        "desinscrire",
        "desinscription",
        "desabonner",
        "desabonnement",
        "me desinscrire",
        "me desabonner",
    ),
    (CommandKind.START, "en"): ("start", "unstop"),
    (CommandKind.START, "fr"): ("reprendre",),
    (CommandKind.HELP, "en"): ("help",),
    (CommandKind.HELP, "fr"): ("aide",),
    (CommandKind.HELP, None): ("info", "infos"),
    (CommandKind.THANKS, "fr"): (
        "merci",
        "merci beaucoup",
        "merci bien",
        "grand merci",
        "un grand merci",
        "mille mercis",
        "merci a vous",
        "ok merci",
        "d accord merci",
        "tres bien merci",
        "super merci",
        "parfait merci",
        "bien recu merci",
        "merci bonne journee",
        "merci bonne soiree",
        "merci et bonne journee",
        "merci beaucoup bonne journee",
    ),
    (CommandKind.THANKS, "en"): (
        "thanks",
        "thank you",
        "thank you very much",
        "thanks a lot",
        "many thanks",
        "ok thanks",
        "ok thank you",
        "thx",
    ),
}
_COMMANDS = {word: Command(kind, None, language) for (kind, language), words in _WORDS.items() for word in words}
_CONSENT = {
    "oui": Command(CommandKind.YES, None, "fr"),
    "yes": Command(CommandKind.YES, None, "en"),
    "non": Command(CommandKind.NO, None, "fr"),
    "no": Command(CommandKind.NO, None, "en"),
}
_SPELT_OUT = re.compile(r"(?:[a-z] ){2,}[a-z]")  # S.T.O.P.
_POLITE = re.compile(r"(?<=.)( s il vous plait| s il te plait| svp| stp| please| merci| thanks)$")
_WITH_REFERENCE = {
    "suivi": (CommandKind.STATE, "fr"),
    "status": (CommandKind.STATE, "en"),
    "effacer": (CommandKind.ERASE, "fr"),
    "erase": (CommandKind.ERASE, "en"),
    "garder": (CommandKind.KEEP, "fr"),
    "keep": (CommandKind.KEEP, "en"),
}
_REFERENCE = re.compile(rf"({'|'.join(_WITH_REFERENCE)})(?: (?:no?|numero|number|ref|reference))?((?: ?[0-9])*)")


def fold(text: str) -> str:
    """Lower case, without accents, punctuation or symbols, digits of any script as 0-9, single spaces."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = []
    for character in decomposed:
        if unicodedata.combining(character):
            continue
        if character.isdecimal():
            kept.append(str(unicodedata.decimal(character)))
        else:
            kept.append(character if character.isalpha() else " ")
    return " ".join("".join(kept).split())


def consent_in(text: str) -> Command | None:
    """The yes or no a message consists of: to be asked only while a question of ours is open."""
    return _CONSENT.get(_POLITE.sub("", fold(text)))


def command_in(text: str) -> Command | None:
    """The command a message consists of, or None when it says anything besides."""
    folded = fold(text)
    if _SPELT_OUT.fullmatch(folded):
        folded = folded.replace(" ", "")
    if found := _COMMANDS.get(folded):
        return found
    bare = _POLITE.sub("", folded)
    if (found := _COMMANDS.get(bare)) and found.kind is not CommandKind.THANKS:
        return found
    if match := _REFERENCE.fullmatch(bare):
        kind, language = _WITH_REFERENCE[match[1]]
        return Command(kind, match[2].replace(" ", "") or None, language)
    return None
