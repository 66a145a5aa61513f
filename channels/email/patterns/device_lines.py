"""What a device or a mail program says of itself below a mail, known as a whole line; a part of one proves nothing."""

from __future__ import annotations

import re

_PROGRAMS = (
    r"iphone|ipad|ipod|apple watch|android|samsung|galaxy|huawei|honor|xiaomi|redmi|poco|oppo|realme|oneplus|pixel|"
    r"sony|xperia|nokia|wiko|motorola|moto|fairphone|blackberry|lumia|windows|outlook|hotmail|gmail|google|yahoo|proton|"
    r"orange|sfr|free|bouygues|bbox|laposte|mailo|bluemail|blue mail|k-9|fairemail|thunderbird|spark|edison|airmail|"
    r"icloud|aol|gmx|web\.de|tutanota|tuta|zimbra|roundcube|webmail|/e/"
)
_THINGS = (
    r"t[ée]l[ée]phone|mobile|smartphone|portable|appareil|tablette|ordinateur|terminal|device|phone|tablet|"
    r"cell(?:ular)?|application|appli|app|courrier|e-?mail|mail|messagerie|courriel"
)
_WITH = r"(?:de|depuis|avec|via|à partir de|du|from|via|with|using)"
_OWNERS = r"(?:mon|ma|mes|l['’]|la|le|un|une|my|the|your|a|an)"
# Beside the names of programs: what is written in capitals, a version, and the words between them.
_WORD = (
    rf"(?:{_PROGRAMS}|{_THINGS}|pour|for|sur|on|de|du|la|avec|with|from|my|mon|ma|sécurisée?|secure|"
    r"(?-i:[A-ZÀ-Ý])[\w/.'’+-]{0,25}|[\w.+-]{0,10}\d[\w.+-]{0,10}|<\S{1,80}>)"
)
DEVICE = re.compile(
    r"^[\s(<\[*_]{0,4}(?:"
    rf"(?:envoyé|expédié|transmis|écrit|sent|written) (?:{_WITH} |à partir d['’])(?:{_OWNERS} ?)?"
    rf"(?:{_WORD} ){{0,3}}?(?:{_PROGRAMS}|{_THINGS})(?![\w’'])(?: {_WORD}){{0,6}}|"
    # « Transmis par courrier » is said by people.
    rf"(?:envoyé|expédié|sent) (?:par|by) (?:{_PROGRAMS})(?![\w’'])(?: {_WORD}){{0,6}}|"
    r"get outlook for [\w ]{2,20}(?:<\S{0,60}>)?|gesendet von outlook für [\w ]{2,20}(?:<\S{0,60}>)?|"
    r"(?:télécharge[rz]|obtenez|obtenir|installez) outlook pour [\w ]{2,20}(?:<\S{0,60}>)?|"
    rf"(?:von meinem|diese nachricht wurde von meinem) (?:{_PROGRAMS}|{_THINGS})[\w /.-]{{0,40}} gesendet|"
    rf"(?:gesendet (?:von|mit|aus)|inviato da(?:l)?|enviado (?:desde|do|a partir de)|verzonden (?:vanaf|met|via)|"
    rf"sendt fra|skickat från) [\w /.-]{{0,30}}(?:{_PROGRAMS}|{_THINGS})[\w /.-]{{0,30}}|"
    r"provenance ?: ?courrier(?: pour windows(?: \d+)?)?|yahoo mail ?: [\w ,.’'éèà-]{1,70}"
    r")[\s)>\]*_.!]{0,4}$",
    re.IGNORECASE,
)
_EXCUSE = re.compile(
    r"^(?:veuillez |merci d['’]|please )excuser? (?:ma brièveté|la brièveté|les fautes|my brevity|typos|any typos)\.?$",
    re.IGNORECASE,
)
# A sentence goes on, or somebody speaks: then it is no device's line.
_SPEAKS = re.compile(
    r"[!?,;]\s+\S|\b(?:je|j['’]|vous|nous|il|elle|i|we|you|they|it|is|was|est|était|et|mais|car)\b", re.I
)
# What might be one, of a device nobody has heard of.
SENT_FROM = re.compile(
    r"^[\s(<\[*]{0,4}(?:(?:envoyé|expédié|transmis) (?:(?:de|depuis|avec|via|par|à partir de|du) |"
    r"à partir d['’]).{1,80}|"
    r"sent (?:from|via|with|by) .{1,80}|écrit (?:depuis|à partir de) .{1,60}|"
    r"(?:gesendet (?:von|mit|aus)|inviato da(?:l)?|enviado (?:desde|do|a partir)|verzonden (?:vanaf|met|via)|sendt fra|"
    r"skickat från) .{1,80})$",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[.!])\s+(?=[A-ZÀ-Ý])")


LINK = re.compile(r"^\s*<?https?://\S{3,100}>?\s*$")
"""Where to get the program: alone in the line below."""


def is_device_line(line: str) -> bool:
    """Whether the whole line is what a telephone or a mail program says of itself."""
    sentences = _SENTENCES.split(line.strip()[:200], maxsplit=1)
    if len(sentences) > 1 and not _EXCUSE.match(sentences[1]):
        return False
    return len(line) <= 200 and bool(DEVICE.match(sentences[0])) and not _SPEAKS.search(sentences[0])


def may_be_device_line(line: str) -> bool:
    """Whether the line reads like one, of a program that is not known."""
    return (
        len(line) <= 200
        and bool(SENT_FROM.match(line))
        and not _SPEAKS.search(line)
        and not re.search(r"\.\s+\S", line)
    )
