"""How mail programs mark what is not new: attributions, headers of quoted mail, signatures, footers.

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
CERTAIN = re.compile(rf"\b\d{{1,2}} ?[.:hH] ?\d{{2}}\b|{_ADDRESS}")
WROTE = re.compile(
    rf"^\W{{0,4}}(?=.{{0,400}}(?:{_DATE}|{_ADDRESS})).{{2,400}}?(?:{_VERBS})(?: [^!?]{{1,120}})?\s*:$", re.IGNORECASE
)
WROTE_BARE = re.compile(rf"^On .{{0,120}}(?:{_DATE}).{{0,200}}{_ADDRESS}.{{0,5}} wrote$", re.IGNORECASE)
# Gmail and Yandex in some languages have no verb: a date, a time, an address and a colon.
DATED = re.compile(
    rf"^(?=.{{0,300}}\d{{1,2}}[.:h]\d{{2}})(?=.{{0,300}}\d{{4}})[^?!]{{0,300}}<?{_ADDRESS}\s?>?\)?\s*:$", re.IGNORECASE
)

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
FORWARD_BEGIN = re.compile(
    r"^\s*(?:begin forwarded message|début du message (?:transféré|réexpédié))\s*:\s*$", re.IGNORECASE
)
RULE = re.compile(r"^\s*[-_=]{4,}\s*$")
MESSAGE_OF = re.compile(r"^\s*>?\s*message du\s*(?::|\d)", re.IGNORECASE)
# GroupWise writes its attribution as if it were quoted, and the quotation below as if it were not.
GROUPWISE = re.compile(rf"^>>> .{{0,200}}(?:{_DATE}).{{0,40}}>>>$")

# The labels of a quoted mail's header; the first of a block must be one of those a mail begins with.
_FROM = r"from|de|von|da|van|fra|från|od|от|lähettäjä|expéditeur|remitente"
_REST = (
    r"sent|date|to|subject|cc|reply-to|importance|organization|envoyé|envoyé le|envoyée|à|a|objet|copie à|copie|cci|"
    r"sujet|pour|répondre à|gesendet|gesendet am|datum|an|betreff|kopie|inviato|data|oggetto|verzonden|aan|onderwerp|"
    r"dato|til|emne|sendt|skickat|till|ämne|enviado|enviado el|para|asunto|assunto|fecha|destinataire|wysłano|do|temat|"
    r"дата|кому|тема"
)
HEADER_FIRST = re.compile(rf"^[\s*>|]{{0,8}}(?:{_FROM})\s?\*?\s*:\**\s*\S", re.IGNORECASE)
HEADER_LINE = re.compile(rf"^[\s*>|]{{0,8}}(?:{_FROM}|{_REST})\s?\*?\s*:\**(?:\s*\S|\s*$)", re.IGNORECASE)
DATE_FIRST = re.compile(r"^[\s*>|]{0,8}(?:date|sent|envoyé(?: le)?|gesendet)\s?\*?\s*:\**\s*.{0,40}\d", re.IGNORECASE)

SIGNATURE = re.compile(r"^\s*(?:--|—|––|-- |__)\s*$")
DASHED_NAME = re.compile(r"^\s*(?:-{1,2}|—) ?(?:[A-ZÀ-Ý][\w'’.-]{0,25} ?){1,3}$")
SENT_FROM = re.compile(
    r"^[\s(<\[*]{0,4}(?:"
    r"(?:envoyé|expédié|transmis|écrit) (?:(?:de|depuis|avec|via|par|à partir de|du) |à partir d['’]).{1,80}|"
    r"sent (?:from|via|with|by) .{1,80}|get outlook for .{1,60}|"
    r"(?:télécharge[rz]|obtenez|obtenir|installez) outlook .{1,60}|"
    r"(?:von meinem|diese nachricht wurde von) .{1,80} gesendet.{0,10}|gesendet (?:von|mit|aus) .{1,80}|"
    r"inviato da(?:l)? .{1,80}|enviado (?:desde|do|a partir) .{1,80}|verzonden (?:vanaf|met|via) .{1,80}|"
    r"sendt fra .{1,80}|skickat från .{1,80}|yahoo mail *: .{1,80}|provenance : courrier .{1,60})$",
    re.IGNORECASE,
)
SENT_FROM_PROSE = re.compile(
    r"[.!?,;]\s+\S|\b(?:je|j['’]|vous|nous|i|we|you|they|it|is|was|est|était)\b", re.IGNORECASE
)
CLOSING = re.compile(
    r"^\s*(?:merci(?: beaucoup)?,? et |(?:très|bien) )?(?:"
    r"cordialement|cdlt|cdt|bien à vous|bien à toi|amicalement|salutations(?: distinguées)?|"
    r"sincères salutations|respectueusement|meilleures salutations|(?:avec (?:mes|nos) |mes |nos )?"
    r"(?:sincères |meilleures |respectueuses )?salutations.{0,40}|(?:best|kind|warm|many|with)? ?(?:best )?regards|"
    r"yours (?:sincerely|faithfully|truly)|sincerely|(?:very )?best wishes|all the best|cheers|best|"
    r"(?:mit freundlichen|viele|beste|liebe) grü(?:ß|ss)en?|mit freundlichen grü(?:ß|ss)en|cordiali saluti|"
    r"saludos|un saludo|met vriendelijke groeten?|med venlig hilsen|pozdrawiam|"
    r"(?:(?:très )?bonne (?:journée|soirée|semaine|fin de (?:journée|semaine)|réception)|bon (?:week-?end|courage)|"
    r"belle journée)(?: à (?:vous|toutes?|tous)(?: et à tous)?)?)\s*[,.!]?\s*$",
    re.IGNORECASE,
)
# The formula a French letter ends with, and a closing with the name in its own line.
FORMULA = re.compile(
    r"^\s*(?:dans l['’]attente .{0,120}|en (?:vous )?(?:remerciant|espérant) .{0,120}|avec .{0,80})?"
    r"(?:(?:je|nous) vous (?:prie|prions)\b.{0,60}\b(?:d['’]agréer|de croire|de recevoir|d['’]accepter)|"
    r"(?:veuillez|agréez|recevez|croyez|daignez)\b)[^?]{0,160}"
    r"\b(?:salutations|sentiments|considération|respects?|hommages|dévouement)\b[^?]{0,60}$",
    re.IGNORECASE,
)
CLOSED_BY_NAME = re.compile(
    r"^\s*(?:(?:[Bb]ien|[Tt]rès) )?(?:[Cc]ordialement|[Cc]dlt|[Cc]dt|[Aa]micalement|[Rr]espectueusement)\s*[,.]\s*"
    r"(?:(?:[A-ZÀ-Ý][\w'’.-]{0,25}|de|du|le|la) ?){1,5}$"
)
TITLED_NAME = re.compile(
    r"^\s*(?:M\.|Mr\.?|Mme|Mlle|Mmes|MM\.|Dr|Me|Pr|Madame|Monsieur) "
    r"(?:(?:[A-ZÀ-Ý][\w'’.-]{0,25}|de|du|et|le|la) ?){1,5}"
    r"(?:,\s*\S.{0,60})?$"  # with nothing behind its comma it is a letter's address: « Monsieur le Maire, »
)
POSTSCRIPT = re.compile(r"^\s*(?:p\.? ?s\.?|n\.? ?b\.?)\s*[:.,–-]", re.IGNORECASE)
# A footer needs its beginning and its words: « Ce message est pour dire que le square est sale »
# and « Pensez à l'environnement ! » are contributions.
FOOTER = re.compile(
    r"^[\s*_\"«“-]{0,8}(?:(?:ce|cet|this) (?:e-?mail|message|courriel|mail|courrier|communication)\b|"
    r"avis de confidentialité|clause de confidentialité|confidentiality notice|disclaimer\b|avertissement\s*:|"
    r"(?:l['’]|les |the |le )?informa(?:tion|zion)[esi]* cont|important\s*:|notice\s*:|"
    r"pensez |(?:afin de |pour )?(?:respect|préserv)\w+ l['’]environnement|avant d['’]imprimer|n['’]imprimez|"
    r"please consider|garanti sans virus|sans virus\.|virus-free|l['’]absence de virus|"
    r"you received this message because|vous recevez ce (?:message|courriel|mail)|"
    r"pour (?:vous désabonner|se désinscrire|vous désinscrire)|to unsubscribe)",
    re.IGNORECASE,
)
FOOTER_WORDS = re.compile(
    r"confiden[tz]|destinat|pièces? jointes?|attachment|intended|privileged|recipient|riservat|virus|antivirus|avast|"
    r"imprim|print|google groups|liste de diffusion|mailing list|désinscri|désabonn|unsubscribe|"
    r"établi à l['’]intention",
    re.IGNORECASE,
)
