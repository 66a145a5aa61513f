"""What companies, lists and antivirus programs put below mails, known as a whole paragraph; a part proves nothing.

A footer's word within a sentence of the writer's (« au printemps », « la destination ») is none.
"""

from __future__ import annotations

import re

_LONGEST = 3000

_MAIL = (
    r"(?:e-?mail|message|courriel|mail|courrier(?: électronique)?|communication|transmission|pièces? jointes?|"
    r"fichiers? joints?|attachments?)"
)
# Each sentence of a legal footer begins like one of these …
_LEGAL = re.compile(
    rf"^[\s*_\"«“-]{{0,6}}(?:(?:avis|clause) de confidentialité|confidentiality notice|disclaimer|avertissement|"
    rf"important|"
    rf"notice|(?:ce|cet|tout|this|any) {_MAIL}\b|(?:l['’]|les |the |le )?informa(?:tion|zion)[esi]* cont|"
    rf"(?:s['’]il|si) (?:vous|ce {_MAIL})|if you (?:are not|have received|received)|if this {_MAIL}|"
    r"toute (?:utilisation|diffusion|publication|copie|reproduction)|any (?:unauthori[sz]ed|use|review|dissemination)|"
    rf"(?:merci|veuillez|vous êtes priés?|please|kindly|il vous est) .{{0,40}}(?:détruire|supprimer|avertir|prévenir|"
    rf"informer|notify|delete|destroy)|l['’](?:intégrité|internet)\b|les (?:messages électroniques|e-?mails|"
    rf"communications)\b|(?:the )?internet |nous déclinons|.{{2,50}} (?:décline|accepts no|is not liable|"
    rf"ne peut être tenue?)|"
    rf"il (?:peut|est) .{{0,30}}(?:confiden|destin)|he?r? contents?|its contents?|thank you\b.{{0,30}}$|"
    rf"merci\b.{{0,20}}$|"
    rf"{_MAIL}\b)",
    re.IGNORECASE,
)
# … and one of them at least says one of these.
_LEGAL_WORDS = re.compile(
    r"\bconfiden[tz]\w+.{0,300}\b(?:destinataires?|recipients?|addressees?|pièces? jointes?|attachments?|intended|"
    r"intention exclusive|divulgu\w+|privileged|riservat\w+)\b|"
    r"\b(?:destinataires?|recipients?|addressees?|intended|privileged|intention exclusive)\b.{0,300}"
    r"\bconfiden[tz]\w+|(?:n['’]êtes pas|not) (?:le |la |l['’]un des |the )?(?:destinataires?|intended recipients?)",
    re.IGNORECASE | re.DOTALL,
)
_PAPER = re.compile(
    r"^[\s*_\"«“-]{0,6}(?:p ?(?=[A-Z]))?(?:"
    rf"(?:pensez|pensons) (?:à (?:l['’]environnement|la planète|nos arbres|la nature)|vert)(?: et)?,? ?(?:avant|"
    rf"n['’]).{{0,20}}"
    rf"imprim\w+(?: (?:ce|cet|votre|les?) ?{_MAIL}s?(?: que si (?:cela est |c['’]est )?(?:vraiment )?nécessaire)?)?|"
    rf"avant d['’]imprimer(?: ce {_MAIL})?,? pens(?:ez|ons) à (?:l['’]environnement|la planète|nos arbres|la nature)|"
    rf"(?:(?:afin de |pour )?(?:respect|préserv)\w+ l['’]environnement ?[,:]? ?)?(?:merci de )?"
    rf"n['’]?e? ?(?:pas )?imprim\w+ "
    rf"(?:pas )?ce {_MAIL} (?:que )?si (?:ce n['’]est pas |c['’]est |cela (?:n['’])?est )?(?:vraiment |"
    rf"pas )?nécessaire|"
    rf"please (?:consider|think of|think about) the (?:environment|planet|trees?) before (?:you )?print(?:ing)?"
    rf"(?: (?:out )?(?:this|the|your) {_MAIL})?"
    r")[\s\"»”*_.!]{0,4}$",
    re.IGNORECASE,
)
_VIRUS = re.compile(
    r"^[\s*_\"«“-]{0,6}(?:l['’]absence de virus dans ce (?:courrier électronique|courriel|"
    r"message) a été vérifiée par .{1,60}|"
    # Alone, « Sans virus. » may end what somebody tells of an illness.
    r"garanti sans virus\.?|(?:sans virus|virus-free)(?=\W{1,4}(?:https?://|www\.))\.?|"
    r"this e-?mail has been (?:checked|scanned) (?:for viruses )?by .{1,60})"
    r"(?:\s*<?(?:https?://|www\.)\S{3,80})?[\s\"»”*_.!]{0,4}$",
    re.IGNORECASE,
)
_OF_THE_LIST = (
    r"(?:(?:de|du|d['’]|à|au|aux|la|le|les|l['’]|cette|ces|notre|nos|votre|from|to|of|the|this|our|these|and|et|stop|"
    r"ne plus|receiv\w+|recevoir|emails?|e-?mails?|mails?|messages?|courriels?|it|ce|groupe?s?|listes?|lists?|lettres?|"
    r"newsletters?|d['’]information|diffusion|discussion|google|yahoo|abonn\w+|updates?|[«“\"][^»”\"]{1,60}[»”\"]|"
    r"<?[^\s<>@]{1,64}@[^\s<>@]{1,80}>?)(?:[\s,:]+|(?=\.?\s*$))){0,14}"
)
_ASKS = (
    r"(?:(?:(?:merci d['’]|veuillez |il vous suffit d['’])?envoy(?:ez|er)(?: un)? (?:e-?mail|mail|message|courriel)"
    r"(?: vide)? à(?: l['’]adresse)?|(?:please )?(?:send|write)(?: an?)?(?: empty| blank)?"
    r"(?: email| e-?mail| message)? to|"
    r"écri(?:vez|re) à(?: l['’]adresse)?|(?:please )?(?:visit|go to|click(?: here| on| the link)?)|"
    r"(?:merci de |veuillez )?(?:cliqu(?:ez|er)(?: ici| sur(?: ce lien| le lien)?)?|visitez|rendez-vous sur|"
    r"consultez))\s*)?"
)
_LINK = r"[:<(\s]{0,4}(?:[^\s<>@]{1,64}@[^\s<>@]{1,80}|(?:https?://|www\.)\S{1,200})"
_LIST = re.compile(
    r"^(?=.*\w)[\s*_\"«“-]{0,6}(?:(?:you (?:have )?received this message because you are subscribed to|"
    r"vous (?:recevez|avez reçu) ce (?:message|courriel|mail) (?:car|parce que) vous êtes (?:abonnée?|"
    rf"inscrite?)(?:\(e\))?)\s{_OF_THE_LIST}"
    # One name of the list, with or without quotation marks.
    r"(?:[\w.@-]{1,60}|[«“\"][^»”\"]{1,60}[»”\"])?[.\s]*)?"
    r"(?:(?:pour (?:vous|se) (?:désabonner|désinscrire)|to unsubscribe)[\s,:]{1,3}"
    rf"{_OF_THE_LIST}{_ASKS}(?:{_LINK}|(?<=ici)|(?<=here))[>)\s.*_]{{0,4}})?$",
    re.IGNORECASE,
)
# Of the longer words of each sentence most are the law's: « … mais réparez le trottoir » are not.
_LAW = re.compile(
    r"(?:messag|courri|e-?mail|confiden|destin|exclusi|intention|intended|inform|conten|contient|pi[eè]ce|joint|"
    r"fichier|"
    r"attach|files?$|erreur|error|re[cç]u|recev|recei|merci|please|avert|prévenir|immédiat|immediat|expéditeur|"
    r"émetteur|"
    r"sender|détrui|destroy|supprim|delet|utilis|diffus|publi|reprodu|copi|total|partiel|interdi|prohib|strict|autoris|"
    r"authori|unauthori|express|expres|préalabl|société|entrepris|filial|respons|intégrit|internet|électroni|electroni|"
    r"altér|modifi|falsif|déclin|titre|privil|légal|legal|transm|divulg|disclos|distrib|dissem|person|system|système|"
    r"virus|communic|veuill|vouloir|notif|address|recip|solely|individu|entity|liab|accept|review|reliance|action|"
    r"contents?$|comput|secur|sécuris|garanti|guarant|intercept|établi|toute|cette|être|peuvent|which|their|there|"
    r"these|"
    r"those|other|should|shall|having|avis$|clause|notice|disclaim|avertiss|important)",
    re.IGNORECASE,
)
_LONG_WORD = re.compile(r"[^\W\d_][\w’'-]{4,}")
_MOSTLY = 0.8
_MYSELF = re.compile(r"(?<![\w’'])(?:je|j['’]|mon|ma|mes|moi|my|i)(?![\w’'])", re.IGNORECASE)
_SENTENCES = re.compile(r"(?<=[.!:])\s+")
# What begins and goes on like a footer, without being known as a whole.
_PERHAPS_BEGINS = re.compile(
    r"^[\s*_\"«“-]{0,8}(?:(?:ce|cet|this) (?:e-?mail|message|courriel|mail|courrier|communication)\b|"
    r"(?:avis|clause) de confidentialité|confidentiality notice|disclaimer\b|avertissement\s*:|"
    r"(?:l['’]|les |the |le )?informa(?:tion|zion)[esi]* cont|important\s*:|notice\s*:|pensez |"
    r"(?:afin de |pour )?(?:respect|préserv)\w+ l['’]environnement|avant d['’]imprimer|n['’]imprimez|please consider|"
    r"garanti sans virus|sans virus|virus-free|l['’]absence de virus|protégez votre boîte|"
    r"pour (?:vous|se) (?:désabonner|désinscrire)|pour (?:vous désinscrire|se désinscrire)|to unsubscribe|"
    r"you received this message because|vous recevez ce (?:message|courriel|mail))",
    re.IGNORECASE,
)
_PERHAPS_WORDS = re.compile(
    r"\b(?:confiden[tz]\w*|destinataires?|pièces? jointes?|attachments?|intended|privileged|recipients?|riservat\w+|"
    r"virus|antivirus|antispam|avast|imprim(?:er|ez|ons|é|ée)|print(?:ing)?|google groups|liste de diffusion|"
    r"mailing list|"
    r"désinscri\w+|désabonn\w+|unsubscribe)\b",
    re.IGNORECASE,
)


def is_boilerplate(paragraph: str) -> bool:
    """Whether a whole paragraph, its lines joined, is a company's, a list's or an antivirus program's."""
    text = paragraph.strip()
    if not 0 < len(text) <= _LONGEST:
        return False
    if _PAPER.match(text) or _VIRUS.match(text) or _LIST.match(text):
        return True
    if _MYSELF.search(text) or "?" in text or not _LEGAL_WORDS.search(text):
        return False
    return all(_is_legal(sentence) for sentence in _SENTENCES.split(text))


def _is_legal(sentence: str) -> bool:
    """Whether a sentence begins like one of a legal footer, and goes on like one."""
    words = [re.sub(r"^\w['’]", "", word) for word in _LONG_WORD.findall(sentence)]
    return bool(_LEGAL.match(sentence)) and sum(bool(_LAW.match(word)) for word in words) >= _MOSTLY * len(words)


def may_be_boilerplate(paragraph: str) -> bool:
    """Whether a paragraph begins and goes on like a footer."""
    text = paragraph.strip()[:_LONGEST]
    return bool(_PERHAPS_BEGINS.match(text) and _PERHAPS_WORDS.search(text))
