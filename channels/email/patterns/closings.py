"""How a letter closes: each is known as a whole line, so that « Veuillez prendre en considération … » is none."""

from __future__ import annotations

import re

DELIMITER = re.compile(r"^\s*(?:--|—|––|__)\s*$")
"""What mail programs put above a signature (RFC 3676 §4.3), and people between two ideas."""
SIGNATURE_FOLLOWS = "-- "
"""The same as a mail program writes it, with the blank that people do not type."""
_WISHES = (
    r"(?:(?:très )?bonne (?:journée|soirée|semaine|fin de (?:journée|semaine)|réception)|bon (?:week-?end|courage)|"
    r"belle journée)(?: à (?:vous|toutes?|tous)(?: et à tous)?)?"
)
CLOSING = re.compile(
    r"^\s*(?:merci(?: beaucoup)?,? et |(?:très|bien) )?(?:"
    r"cordialement(?: vôtre)?|cdlt|cdt|bien à vous|bien à toi|amicalement|salutations(?: distinguées)?|"
    r"sincères salutations|respectueusement|meilleures salutations|(?:avec (?:mes|nos) |mes |nos )?"
    r"(?:sincères |meilleures |respectueuses )?salutations(?: (?:distinguées|respectueuses|les meilleures|cordiales|"
    r"amicales|sincères))?|(?:best|kind|kindest|warm|many|with)? ?(?:best |kind )?regards|"
    r"yours (?:sincerely|faithfully|truly)|sincerely(?: yours)?|(?:very )?best wishes|all the best|cheers|best|"
    r"(?:mit freundlichen|viele|beste|liebe) grü(?:ß|ss)en?|cordiali saluti|"
    r"saludos|un saludo|met vriendelijke groet(?:en)?|med venlig hilsen|pozdrawiam|"
    rf"{_WISHES})\s*[,.!]?\s*$",
    re.IGNORECASE,
)
_ADDRESSED = (
    r"(?:,? ?(?:(?:chère? )?(?:madame|monsieur|mademoiselle|messieurs|mesdames)(?:(?: ?,| et| ou)? (?:la |le |les |"
    r"chère? )?"
    r"(?:madame|monsieur|mesdames|messieurs|maire|députée?|présidente?|directeur|directrice|adjointe?|conseillère?|"
    r"élue?s?)){0,3}),?)?"
)
_FEELINGS = r"(?:salutations|sentiments|considération|respects?|hommages?|dévouement|salut)"
_KINDS = (
    r"(?:très|plus|les|la|le|et|distinguée?s?|meilleure?s?|respectueu(?:x|ses?)|dévouée?s?|cordiales?|cordiaux|"
    r"sincères?|amicales?|hautes?|parfaite|profonde?s?|haute|bons)"
)
FORMULA = re.compile(
    r"^\s*(?:(?:dans l['’]attente (?:de (?:votre|vos|une) (?:réponses?|retour)(?: (?:rapide|favorable|positive))?|"
    r"de vous lire)|"
    r"en vous (?:en )?remerciant(?: (?:d['’]avance|par avance|de votre (?:attention|réponse)))?|"
    r"avec (?:tous )?(?:mes|nos) remerciements(?: anticipés)?),? )?"
    rf"(?:(?:je|nous) vous (?:prie|prions)(?: donc)?{_ADDRESSED} ?(?:de |d['’])(?:bien vouloir )?"
    rf"|(?:veuillez|daignez)(?: bien vouloir)?{_ADDRESSED} |(?=agréez|recevez|croyez))"
    rf"(?:agréer|croire|recevoir|accepter|agréez|recevez|croyez(?: bien)?){_ADDRESSED} ?(?:(?:à |en )?"
    r"(?:l['’]expression|l['’]assurance|l['’]hommage) (?:(?:respectueuse|sincère|distinguée) )?de |à |en )?"
    rf"(?:mes|nos|ma|notre|mon)(?: {_KINDS}){{0,4}} {_FEELINGS}(?:,? {_KINDS}){{0,6}}{_ADDRESSED}\s*[.,!]?\s*$",
    re.IGNORECASE,
)
"""The formula a French letter ends with, whole: nothing is asked for in it."""
FORMULA_BEGINS = re.compile(
    r"^\s*(?:dans l['’]attente|en vous|avec|(?:je|nous) vous pri|veuillez|daignez|agréez|recevez|croyez)", re.IGNORECASE
)
MAY_CLOSE = re.compile(
    r"^\s*(?:(?:avec )?(?:mes|nos) |(?:très |bien )?cordiales? |sincères |meilleures )?(?:salutations|amitiés|"
    r"hommages)\b"
    r"[^?!:;]{0,40}$|"
    r"^\s*[^?!:;]{0,120}\b(?:agréer|croire|recevoir|accepter|agréez|recevez|croyez)\b[^?!:;]{0,160}"
    r"\b(?:salutations|sentiments|considération|respects?|hommages|dévouement)\b[^?!:;]{0,60}$",
    re.IGNORECASE,
)
"""A closing in words of its own, which may say something more."""
CLOSED_BY_NAME = re.compile(
    r"^\s*(?:(?:[Bb]ien|[Tt]rès) )?(?:[Cc]ordialement|[Cc]dlt|[Cc]dt|[Aa]micalement|[Rr]espectueusement|"
    r"[Bb]ien à vous|[Ss]incerely|[Rr]egards|[Bb]est)\s*[,.]\s*(?P<name>\S.{0,60})$"
)
POSTSCRIPT = re.compile(r"^\s*(?:p\.? ?s\.?|n\.? ?b\.?|post[- ]?scriptum)\s*[:.,–-]", re.IGNORECASE)
_MOST_LINES = 4


def closing_length(lines: list[str], index: int, end: int) -> int:
    """How many lines, from this one on, close a letter (0: none)."""
    line = lines[index]
    if CLOSING.match(line):
        return 1
    if not FORMULA_BEGINS.match(line):
        return 0
    joined, longest = "", 0
    for count in range(1, min(_MOST_LINES, end - index) + 1):
        joined = f"{joined} {lines[index + count - 1].strip()}".strip()
        if len(joined) > 400 or not lines[index + count - 1].strip():
            break
        if FORMULA.match(joined):
            longest = count
    return longest
