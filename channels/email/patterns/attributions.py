"""How mail programs head what is not new: attributions, separating lines, heads of quoted mail.

Every pattern is tried on one line, or on a few joined ones, of bounded length, and none
nests repetitions: the time a hostile message takes grows with its length only.
"""

from __future__ import annotations

import re

LONGEST_LINE = 1000
"""Longer lines are prose: no mark is looked for in them."""
LONGEST_ATTRIBUTION = 420

# "On … wrote:" in the languages of a European town. The verb decides; the date or address makes sure.
_VERBS = (
    r"wrote|writes|a [ée]crit|escreveu|escribi[óo]|ha scritto|schrieb|schreef|skrev|kirjoitti|"
    r"napisał\(a\)|napisała|napisał|napsal\(a\)|írta|a scris|написал\(а\)|написал|пише|пишет|yazdı"
)
_DATE = (
    r"\d{1,2}[.:h]\d{2}|\b(?:19|20)\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|"
    r"\b\d{1,2}(?:st|nd|rd|th)? \w{3,10}\b|\b\w{3,9}\.? \d{1,2}\b"
)
_ADDRESS = r"[^\s<>@(]{1,80}@[^\s<>@)]{1,80}"
DATE = re.compile(_DATE, re.IGNORECASE)
TIME = re.compile(r"\b\d{1,2} ?[.:hH] ?\d{2}\b")
ADDRESS = re.compile(_ADDRESS)
CERTAIN = re.compile(rf"{TIME.pattern}|{_ADDRESS}")
WROTE = re.compile(
    rf"^\W{{0,4}}(?=.{{0,400}}(?:{_DATE}|{_ADDRESS})).{{2,400}}?(?:{_VERBS})(?: [^!?]{{1,120}})?\s*:$", re.IGNORECASE
)
WROTE_BARE = re.compile(rf"^On .{{0,120}}(?:{_DATE}).{{0,200}}{_ADDRESS}.{{0,5}} wrote$", re.IGNORECASE)
UNDATED = re.compile(rf"^\W{{0,4}}(?:[^.!?:]|\.(?=\S)){{2,200}}\s(?:{_VERBS})\s*:$", re.IGNORECASE)
# Gmail and Yandex in some languages have no verb: a date, a time, an address and a colon.
DATED = re.compile(
    rf"^(?=.{{0,300}}\d{{1,2}}[.:h]\d{{2}})(?=.{{0,300}}\d{{4}})[^?!]{{0,300}}<?{_ADDRESS}\s?>?\)?\s*:$", re.IGNORECASE
)
# Nobody's mail program speaks of whom it wrote to: « le service m'a écrit : ».
TO_SOMEBODY = re.compile(
    r"\b(?:m['’]|l['’]|t['’]|nous |vous |me |lui |leur |nous l['’]|me l['’])(?:a|avait|ont) [ée]crit|\bwrote (?:to|"
    r"me|us)\b",
    re.IGNORECASE,
)
# The beginning of one that was broken off within its date.
BROKEN_OFF = re.compile(
    r"^\W{0,4}(?:le|on|am|el|il|op|em) (?:\d{1,2}|(?:lun|mar|mer|jeu|ven|sam|dim|mon|tue|wed|thu|fri|sat|sun)\w{0,6}"
    r"[.,]{0,2}(?: \d{1,2}\.?)?)$",
    re.IGNORECASE,
)
# Nor does it tell: « Mon grand-père a écrit : ».
TOLD = re.compile(
    r"^\W{0,4}(?:mon|ma|mes|notre|nos|un|une|le|la|les|l['’]|il|elle|on|ils|elles|qui|et|my|our|the|a|he|she|they|who)\b",
    re.IGNORECASE,
)
# What no person types: an address between angle brackets, with a date and a time of day.
BY_PROGRAM = re.compile(
    rf"(?=.{{0,400}}\d{{1,2}} ?[.:hH] ?\d{{2}})(?=.{{0,400}}\d{{4}}|.{{0,400}}\d[/.-]\d).{{0,400}}[<(\[]\s?{_ADDRESS}"
)
# Zoho: ---- On Thu, 12 Mar 2026 10:11:12 +0100 Town <town@…> wrote ----
DASHED = re.compile(rf"^\s*-{{2,}} .{{0,200}}(?:{_DATE}).{{0,200}}(?:{_VERBS})[ :]{{0,2}}-{{2,}}\s*$", re.IGNORECASE)
# * Town <town@…> [2026-03-12 10:11]:
STARRED = re.compile(rf"^\s*\* .{{0,160}}<{_ADDRESS}>\s*[\[(].{{0,20}}\d.{{0,40}}[\])]\s*:$")
# Yahoo on a telephone: the quotation goes on in the line of its attribution.
RUN_ON = re.compile(rf"^\s*(?:le|on) .{{0,200}}\d.{{0,100}}<{_ADDRESS}>\s?(?:{_VERBS})\s?:\s{{2,}}\S", re.IGNORECASE)

SEPARATOR = re.compile(
    r"^\s*[-_=*]{2,}\s*(?P<forward>"
    r"(?:d[ée]but du )?(?:message|mail|e-?mail|courriel) (?:transf[ée]r[ée]|r[ée]exp[ée]di[ée]|renvoy[ée])|"
    r"forwarded message|begin forwarded message|weitergeleitete nachricht|mensaje reenviado|messaggio inoltrato)?"
    r"(?P<reply>(?:original|reply) (?:message|email|appointment)|"
    r"(?:message|mail|e-?mail|courriel|rendez-vous) (?:d['’]origine|initial|original)|"
    r"ursprüngliche nachricht|originalnachricht|"
    r"oprindelig (?:besked|meddelelse)|"
    r"mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|opprinnelig melding|"
    r"ursprungligt meddelande|wiadomość oryginalna|исходное сообщение)?\s*[-_=*]{2,}\s*$",
    re.IGNORECASE,
)
DRAWN = re.compile(r"^\s*[-_=*]{4,}.*[-_=*]{4,}\s*$")
FORWARD_BEGIN = re.compile(
    r"^[>\s]*(?:begin forwarded message|début du message (?:transféré|réexpédié))\s*:\s*$", re.IGNORECASE
)
RULE = re.compile(r"^\s*[-_=]{4,}\s*$")
MESSAGE_OF = re.compile(r"^\s*>?\s*message du\s*(?::|\d)", re.IGNORECASE)
# GroupWise writes its attribution as if it were quoted, and the quotation below as if it were not.
GROUPWISE = re.compile(rf"^>>> .{{0,200}}(?:{_DATE}).{{0,40}}>>>$")

# The labels of a quoted mail's head, by what they say; the first of a block must be one of those a mail begins with.
_FROM = r"from|de|von|da|van|fra|från|od|от|lähettäjä|expéditeur|remitente"
_DATES = (
    r"sent|date|envoyé|envoyé le|envoyée|gesendet|gesendet am|datum|inviato|data|verzonden|dato|sendt|skickat|"
    r"enviado|enviado el|fecha|wysłano|дата"
)
_TO = r"to|à|a|pour|an|aan|til|till|para|destinataire|do|кому"
_SUBJECT = r"subject|objet|sujet|betreff|oggetto|onderwerp|emne|ämne|asunto|assunto|temat|тема"
_OTHER = r"cc|reply-to|importance|organization|copie à|copie|cci|répondre à|kopie"
LABEL = re.compile(
    rf"^[\s*>|]{{0,8}}(?:(?P<sender>{_FROM})|(?P<date>{_DATES})|(?P<to>{_TO})|(?P<subject>{_SUBJECT})|(?:{_OTHER}))"
    r"\s?\*?\s*:\**\s*(?P<value>.*)$",
    re.IGNORECASE,
)
"""One line of a head; a label may have nothing behind it."""
