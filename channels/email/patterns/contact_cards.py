"""What a signature is made of: names, addresses, numbers, roles. A line that says anything else is no part of one."""

from __future__ import annotations

import re

_LONGEST = 90
_NAME_WORD = r"(?:[A-ZÀ-ÝŒ][\w'’-]{0,25}|[A-ZÀ-Ý]\.(?:-?[A-Z]\.)?|[A-Z][a-z]\.)"
_PARTICLES = r"(?:de|du|des|la|le|von|van|der|den|ben|el|al|et|and|&|y|ép\.|née|épouse)"
_TITLE = r"(?:M\.|Mr\.?|Mrs\.?|Ms\.?|Mme|Mlle|Mmes|MM\.|Dr\.?|Me|Pr|Prof\.|Maître|Madame|Monsieur|Docteur)"
_NAME = re.compile(rf"^(?:{_TITLE} )?{_NAME_WORD}(?: (?:{_PARTICLES}|{_NAME_WORD})){{0,4}},?$")
_TITLED = re.compile(rf"^{_TITLE} ")
# Somebody who writes in capitals, or begins a line with one, may begin an idea so.
_NO_NAMES = re.compile(
    r"\b(?:un|une|des|plus|moins|pas|merci|aussi|il|elle|faut|avec|pour|sur|sous|dans|non|oui|bus|car|banc|bancs|"
    r"moi|nous|"
    r"vous|je|tu|on|ce|cet|cette|ces|mes|nos|vos|les|rue|place|stop|aux|au|trop|très|à|ou|mais|si|que|qui|no|yes|more|"
    r"less|the|an|we|you|they|our|my|this|that|for|with|and also|please|ok|ps|bonjour|objet|pourquoi|quand|ni|"
    r"sans|vite|encore|toujours|jamais|rien|tout|tous|toutes|halte|attention|urgent|danger)\b",
    re.IGNORECASE,
)
_REACHED = (
    r"(?:[^\s<>@(]{1,64}@[^\s<>@)]{1,80}|(?:https?://|www\.)\S{3,80}|[\w-]{2,40}\.(?:fr|com|org|net|eu|bzh|uk|example)|"
    r"[+(]?\d[\d\s().+-]{7,20}\d)"
)
_LABEL = r"(?:t[ée]l(?:[ée]phone)?|tel|mob(?:ile)?|portable|port|fax|phone|e-?mail|mail|m[ée]l|courriel|site|web)"
_CONTACT = re.compile(
    rf"^(?:{_LABEL}[.: ]{{0,4}})?[<(]?{_REACHED}[>)]?(?:\s*[|"
    rf"/,–—;-]?\s*(?:{_LABEL}[.: ]{{0,4}})?[<(]?{_REACHED}[>)]?){{0,3}}$",
    re.IGNORECASE,
)
_WAY = (
    r"(?:rue|avenue|av\.?|boulevard|bd|bld|place|pl\.?|impasse|allée|chemin|route|quai|cours|square|venelle|passage|"
    r"résidence|hameau|lotissement|cité|street|st\.?|road|rd\.?|lane|close|drive|way)"
)
_PROPER = r"(?:(?:de|du|des|la|le|les|d['’]|l['’]|à|au|aux|sur|sous|en|saint|sainte) ?){0,3}[A-ZÀ-Ý\d][\w'’-]{0,25}"
_POSTAL = re.compile(
    rf"^(?:\d{{1,4}} ?(?:bis|ter|quater|[A-Da-d])?,? (?:(?i:{_WAY}) {_PROPER}(?:[ -]{_PROPER}){{0,3}}|"
    rf"(?i:{_WAY}) (?:des|du|de la|de l['’]) ?[\w'’-]{{3,25}}|{_PROPER}(?: {_PROPER}){{0,2}} (?i:{_WAY}))"
    rf"(?:,? ?[–-]? ?\d{{5}} {_PROPER}(?:[ -]{_PROPER}){{0,3}})?|(?:\d{{5}}|"
    rf"[A-Z]{{1,2}}\d{{1,2}} ?\d[A-Z]{{2}}) ?{_PROPER}"
    rf"(?:[ -]{_PROPER}){{0,3}}(?: cedex(?: \d+)?)?)[.,]?$"
)
_ROLE = re.compile(
    r"^(?:(?:un|une|le|la|les|l['’]|des) ?)?(?:(?:vice-)?présidente?|directeur|directrice|secrétaire|trésori[eè]re?|"
    r"adjointe?|conseill[eè]re?|avocate?|"
    r"médecin|infirmi[eè]re?|professeure?|enseignante?|retraitée?|locataire|gardienne?|aide à domicile|assistante?|"
    r"responsable|chargée? de|gérante?|associations?|collectif|groupe de|habitante?s?|riverain(?:e?s)?|"
    r"coordinat(?:eur|rice)|comité de|amicale|syndic|fédération|conseil syndical|"
    r"chair|secretary|treasurer|teacher|manager|director|resident|maison des associations|direction)\b[^.!?;:]{0,60}$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^\s*(?:[-–—•*·→>+]\s?\S|\(?\d{1,2}\s?[).°:/-]|\d{1,2}\.\s|[a-z]\))")
_SAYS = re.compile(
    r"(?<![\w’'-])(?:je|j['’]\w+|tu|il|elle|on|nous|vous|ils|elles|c['’]est|n['’]\w+|faut|faudrait|est|sont|était|"
    r"serait|"
    r"ont|veux|voudrai[st]|peut|peux|pourrait|doit|devrait|pas|merci|aussi|plus de|moins de|trop|et aussi|ainsi que|"
    r"i|we|you|it|they|is|are|was|should|could|would|need|needs|want|please|also|more|less|too|un|une|remettez|mettez|"
    r"contre|opposée?s?|favorables?|en colère|mécontente?s?|against)"
    r"(?![\w-])",
    re.IGNORECASE,
)


def is_name(line: str) -> bool:
    """Whether the whole line is somebody's name."""
    text = line.strip()
    bare = _TITLED.sub("", text)
    return 0 < len(text) <= 60 and bool(_NAME.match(text)) and not _NO_NAMES.search(bare)


def is_contact_line(line: str) -> bool:
    """Whether the whole line is a telephone number, an address, or a page."""
    text = line.strip()
    return 0 < len(text) <= _LONGEST and bool(_CONTACT.match(text) or _POSTAL.match(text))


def is_contact_card(lines: list[str]) -> bool:
    """Whether all of these lines are a name and what stands below one on a card."""
    filled = [line.strip(" \t*_|") for line in lines if line.strip(" \t*_|")]
    named = False
    for line in filled:
        first, _, role = line.partition(", ")
        if is_name(line) or (role and is_name(first) and (_ROLE.match(role) or is_contact_line(role))):
            named = True
        elif not (
            is_contact_line(line)
            or (named and len(line) <= _LONGEST and _ROLE.match(line) and not says_something(line))
        ):
            return False
    return True


def says_something(line: str) -> bool:
    """Whether a line says something, as no line of a signature does."""
    text = line.strip()
    if is_contact_line(text) or _ROLE.match(text):
        return False
    words = len(text.split())
    ends = text.endswith((".", "!", "?", "…", ":", ";")) and words >= 4
    return words > 10 or ends or "?" in text or bool(_ITEM.match(text) or _SAYS.search(text))
