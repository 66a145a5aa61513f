"""Which command a text message is.

Keywords are whole messages: « Stop aux camions rue de Siam ! » is a contribution (cht-core#476).

A courtesy, a greeting or a name beside one takes nothing from it: « Bonjour, STOP svp. Mme X » (learning-circles#593).
"""

from __future__ import annotations

import difflib
import re

from channels.base.values import Command, CommandKind
from channels.intent import erasure_wish
from channels.intent.courtesy import language_of_courtesy, without_courtesy
from channels.intent.folding import collapse_doubled, collapse_repeats, emoji_matters, folded_message, strip_emoticons
from channels.intent.keywords import CONSENT, KEYWORDS, START_FR, STOP, STOP_EN, STOP_FR, WITH_REFERENCE
from channels.intent.thanks import language_of_thanks

__all__ = ["consent_in", "folded_message", "keyword_command_in", "language_of"]

_MOST_CHARACTERS = 400
"""No keyword is longer, with every courtesy."""

_COMMANDS = {word: Command(kind, None, language) for (kind, language), words in KEYWORDS.items() for word in words}
_SQUEEZED = {collapse_doubled(word): command for word, command in reversed(_COMMANDS.items()) if len(word) > 3}
_LONG = tuple(word for word in _COMMANDS if len(word) > 6 and " " not in word)
_SPELT_OUT = re.compile(r"(?:[a-z] ){2,}[a-z]")  # S.T.O.P.

_SENTENCES = (
    (re.compile("|".join(STOP)), Command(CommandKind.STOP)),
    (re.compile("|".join(STOP_FR)), Command(CommandKind.STOP, None, "fr")),
    (re.compile("|".join(STOP_EN)), Command(CommandKind.STOP, None, "en")),
    (re.compile("|".join(START_FR)), Command(CommandKind.START, None, "fr")),
)
_AT_ONCE = re.compile(
    r" (?:maintenant|tout de suite|immediatement|definitivement|des maintenant|now|right now|immediately|at once|asap)$"
)
_HOW_IT_IS = re.compile(r"^(?:ou en (?:est|sont)|(?:quel est )?l etat|etat) (?=.*[0-9]{3} ?[0-9]{3}$)")

_NUMBERED = r"(?:(?:n|no|nr|num|numero|number|ref|reference|code)(?: |$|(?=[0-9])))*"
_ABOUT = (
    r"(?:(?:de|du|d|la|le|l|mon|ma|of|my|the|for|pour|avis|message|contribution|dossier|demande|opinion|text|sms) )*"
)
_KEYWORD = re.compile(rf"([a-z]+) ?{_NUMBERED}((?: ?[0-9])*)")
_STATE_ASKED = re.compile(rf"(?:le |mon |the |my )?([a-z]+) {_ABOUT}{_NUMBERED}((?: ?[0-9]){{6,12}})")
_FEWEST_DIGITS = 6
"""With fewer digits behind it, a misspelt word is not yet taken for a keyword."""


def consent_in(text: str) -> Command | None:
    """The yes or no a message consists of: to be asked only while a question of ours is open."""
    return None if emoji_matters(text) else CONSENT.get(without_courtesy(strip_emoticons(text)))


def keyword_command_in(text: str) -> Command | None:
    """The command a message consists of, or None when it says anything besides."""
    if len(text) > _MOST_CHARACTERS or emoji_matters(text):
        return erasure_wish.erasure_command_in(text)
    text = strip_emoticons(text)
    if thanked := language_of_thanks(text):
        return Command(CommandKind.THANKS, None, thanked)
    core = _HOW_IT_IS.sub("suivi ", _AT_ONCE.sub("", without_courtesy(text)))
    return _keyword(core) or erasure_wish.erasure_command_in(text)


def language_of(text: str, command: Command) -> str | None:
    """The language in which a keyword was sent: the keyword's own, else that of the courtesies; None where unclear."""
    return command.language or language_of_courtesy(text)


def _keyword(core: str) -> Command | None:
    if _SPELT_OUT.fullmatch(core):
        core = core.replace(" ", "")
    if found := _COMMANDS.get(core) or _COMMANDS.get(collapse_repeats(core)) or _SQUEEZED.get(collapse_doubled(core)):
        return found
    if said := next((command for pattern, command in _SENTENCES if pattern.fullmatch(core)), None):
        return said
    if match := _KEYWORD.fullmatch(core):
        return _about_reference(match[1], match[2].replace(" ", ""))
    if match := _STATE_ASKED.fullmatch(core):
        found = _about_reference(match[1], match[2].replace(" ", ""))
        return found if found is not None and found.kind is CommandKind.STATE else None
    return _misspelt(core)


def _about_reference(word: str, digits: str) -> Command | None:
    known = WITH_REFERENCE.get(word)
    if known is None and len(digits) >= _FEWEST_DIGITS:
        near = difflib.get_close_matches(
            collapse_doubled(word), map(collapse_doubled, WITH_REFERENCE), n=1, cutoff=0.79
        )
        known = next((WITH_REFERENCE[one] for one in WITH_REFERENCE if near and collapse_doubled(one) == near[0]), None)
    if known is None:
        return None if digits else _misspelt(word)
    kind, language = known
    if kind is CommandKind.UNDERSTOOD and not digits:
        return None  # « Compris » alone agrees with us
    return Command(kind, digits or None, language)


def _misspelt(core: str) -> Command | None:
    """A long keyword with a letter or two wrong; a short one could be another word."""
    if " " in core or len(core) < 6:
        return None
    near = difflib.get_close_matches(core, _LONG, n=1, cutoff=0.86)
    if not near or near[0][:2] != core[:2] or abs(len(near[0]) - len(core)) > 2:
        return None
    return _COMMANDS[near[0]]
