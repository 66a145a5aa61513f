"""Reactions of telephones: « A aimé « … » », Liked “…”, 👍 to “…”. They come as texts that repeat what they are about.

The forms of iOS, of Google Messages and of the apps that imitate them, as they are seen in the wild
(moezbhatti/qksms#1330). Such a message is a verb of the list and behind it one quotation, or one kind of file, and
nothing else. What a resident quotes stands behind words of their own, or has words behind it: « J'ai aimé « X » ».
"""

from __future__ import annotations

import re

from channels.base.tapback import Reaction
from channels.intent.folding import folded_message

_SIGN = (
    r"(?:[\u203c\u2049\u2139\u2190-\u2bff\u3030-\u3299\U0001f000-\U0001fbff]"
    r"[\ufe0e\ufe0f\u200d\u20e3\u2640\u2642\U0001f3fb-\U0001f3ff]*){1,4}"
)
_TAPPED = (
    r"A aim[ée]|A ador[ée]|N['’ ]a pas (?:aim|ador)[ée]|A ri (?:de|à|a)|A trouv[ée] (?:dr[ôo]le|amusant)"
    r"|A mis en (?:[ée]vidence|avant|exergue)|A mis l['’]accent sur|A soulign[ée]|A accentu[ée]|A insist[ée] sur"
    r"|A pos[ée] une question (?:sur|à propos de)|A (?:re)?mis en (?:question|doute)|A questionn[ée]"
    r"|A (?:mis|ajout[ée]) un point d['’](?:interrogation|exclamation) (?:à|sur)|S['’]est interrog[ée](?:\(e\)|e)? sur"
    r"|A dit [jJ]['’]aime à|A [rR][ée]agi (?:à|a)|Reacted to"
    r"|Liked|Loved|Disliked|Laughed at|Emphasi[sz]ed|Questioned"
)
_SIGNED = (
    rf"(?:J['’]ai |A |[^\W\d_]{{1,30}} a |)[rR][ée](?:agi|pondu) (?:par |avec |d['’]un |)[«“\"]? ?{_SIGN} ?[»”\"]?"
    r"(?: (?:à|a)(?: votre message| ce message|)|)"
    rf"|Reacted (?:with )?(?:an? )?{_SIGN} to(?: your message|)|{_SIGN} (?:to|à|a)"
)
_WHAT = (
    rf"(?:j['’](?:aime|adore)(?: pas)?|adore|je n['’](?:aime|adore) pas|ha ?ha|!!|\?\??|{_SIGN}|c(?:œ|oe)ur|rire|pouce"
)
_WHAT += r"(?: lev[ée]| baiss[ée])?|point d['’](?:interrogation|exclamation)|[ée]vidence|r[ée]action)"
_GIVEN = (
    r"[aA] (?:attribu[ée]|ajout[ée]|retir[ée]|supprim[ée]|enlev[ée]) (?:la mention|la r[ée]action|sa r[ée]action|un|une"
    rf"|le|la)?(?: ?[«“\"] ?| ?)(?i:{_WHAT})?(?: ?[»”\"]|) ?(?:à|a|de|du|sur)"
    r"|Removed (?:an? |the |their )?(?:heart|like|dislike|laugh|exclamation(?: mark)?|question(?: mark)?|emphasis"
    rf"|reaction|{_SIGN})(?: reaction)? (?:from|to)"
)
# Other languages' are believed only when they repeat what we sent.
_ELSEWHERE = (
    r"(?:No )?le (?:ha )?(?:gust|encant)\w+(?: a)?|Se (?:ha )?(?:ri|re[ií])\w+ de|(?:Ha )?(?:enfatiz|destac)\w+"
    r"|Pregunt[óo] por|Gef[äa]llt(?: nicht)?|Liebt|Lacht (?:über|ueber)|Hebt hervor|(?:Não )?gostou de|Amou"
    r"|Adorou|Riu de|Questionou"
    r"|Ha (?:messo (?:un )?mi piace a|adorato|riso (?:di|a|per))|Vindt leuk|Vond leuk"
)
_FILES = (
    r"(?:une |votre |cette |un )(?:image|photo|vid[ée]o|pi[èe]ce jointe|film|gif|autocollant|sticker|fichier|contact"
    r"|message (?:audio|vocal)|lien)"
    r"|(?:an? |your |the )(?:image|photo|picture|video|movie|attachment|sticker|gif|file|contact|link"
    r"|(?:audio|voice) message)"
)
_PAIRS = {"«": "»", "“": "”", "„": "“", "‘": "’", '"': '"', "'": "'"}
_OPEN = "".join(_PAIRS)


def _quoting(verbs: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(rf"(?:{verbs}) ?:? ?(?P<open>[{_OPEN}]) ?(?P<quoted>\S.*)", re.DOTALL | flags)


_PLAIN = _quoting(f"{_TAPPED}|{_SIGNED}|{_GIVEN}")
_OF_A_FILE = re.compile(rf"(?:{_TAPPED}|{_SIGNED}|{_GIVEN}) (?i:{_FILES})\.?")
_SIGN_ALONE = re.compile(rf"(?:J['’]ai |A |)[rR][ée]agi (?:par|avec) {_SIGN}(?: (?:à|a) votre message)?")
_NAMED = r"(?:[^\W\d_]{1,30} ){0,2}?"
# Some name who reacts, or write the sign alone: as residents may, so that only what we sent proves it.
_PERHAPS = _quoting(f"{_NAMED}(?:{_TAPPED}|{_SIGNED}|{_GIVEN}|{_ELSEWHERE}|{_SIGN})", re.IGNORECASE)
_SIGN_BEHIND = re.compile(rf"(?<=[{''.join(_PAIRS.values())}]) (?:par|avec|with) (?:an? |un )?{_SIGN}$")
_UNQUOTED = re.compile(rf"{_SIGN} (?:to|à|a) (?P<quoted>\S.*)", re.DOTALL)
_UNSEEN = re.compile("[\u200b\u200c\u200e\u200f\u2060\ufeff]")
_MOST_CHARACTERS = 2000
"""Telephones cut what they repeat long before."""
_FEWEST = 12
"""Characters: with fewer in common, two texts may be alike by chance."""


def reaction_in(text: str) -> Reaction | None:
    """The reaction that a whole message is, or may be; None where somebody wrote it."""
    if len(text) > _MOST_CHARACTERS:
        return None
    # Google Messages puts spaces without width around its sign and thin ones into the quotation.
    tidy = _SIGN_BEHIND.sub("", " ".join(_UNSEEN.sub("", text).split()))
    if _OF_A_FILE.fullmatch(tidy) or _SIGN_ALONE.fullmatch(tidy):
        return Reaction()
    if (found := _PLAIN.fullmatch(tidy)) and _is_closed_once(found["open"], found["quoted"]):
        return Reaction(_bare(found["quoted"]))
    if found := _PERHAPS.fullmatch(tidy) or _UNQUOTED.fullmatch(tidy):
        return Reaction(_bare(found["quoted"]), is_plain=False)
    return None


def repeats(reaction: Reaction, sent: str) -> bool:
    """Whether a reaction repeats this text, whole or its beginning: accents, signs and spaces get lost on the way."""
    quoted, said = (folded_message(one).replace(" ", "") for one in (reaction.quoted, sent))
    return len(quoted) >= min(_FEWEST, len(said)) > 0 and said.startswith(quoted)


def _is_closed_once(opened: str, quoted: str) -> bool:
    """Whether a quotation ends with the message and not before it."""
    close = _PAIRS[opened]
    said = quoted.removesuffix(".").rstrip()
    inside = said[: -len(close)]
    return said.endswith(close) and bool(inside.strip()) and (close not in inside or opened in "'‘")


def _bare(quoted: str) -> str:
    return re.sub(rf"(?:…|\.\.\.)?\s*[{''.join(_PAIRS.values())}]?\.?(?:…|\.\.\.)?$", "", quoted).strip()
