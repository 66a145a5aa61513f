"""The words and phrases that are commands of texts, folded: STOP, START, HELP, the state of a reference, erasing."""

from channels.base.values import Command, CommandKind

TEXTS = r"(?:sms|textos?|msg|messages?|mms|notifications?|texts?|text messages?)"
_WANT_FR = (
    r"(?:je (?:veux|voudrais|souhaite|souhaiterais|desire|demande|demande a|vous demande de|vous prie de)"
    r"|(?:pouvez|pourriez|pourrez) vous|veuillez|merci de(?: bien vouloir)?|priere de|il faut)"
)
_LIST_FR = rf"(?: (?:de|a) (?:la |votre |vos |cette |ces )?(?:listes?(?: de diffusion)?|envois?|{TEXTS}))?"
_OFF_A_LIST = r"(?:de|des) (?:la |votre |vos |cette |ces )?(?:listes?|repertoires?|contacts?|envois?)(?: de diffusion)?"
_NOT_ME = (
    r"(?:(?:c est |vous avez |vous faites )?(?:un |une |le )?(?:mauvais|faux|wrong) (?:numero|number)"
    r"|(?:c est )?(?:une )?erreur(?: de (?:numero|destinataire))?|numero errone|je ne suis pas concernee?"
    r"|vous (?:vous trompez|faites erreur|vous etes trompes?)(?: de (?:numero|personne))?|you have the wrong number)"
)
STOP = (
    rf"(?:{TEXTS} )?stop(?: stop)*(?: {TEXTS})?",
    rf"(?:non merci |{_NOT_ME} )?stop(?: {_NOT_ME})?",
    # With the number that it is sent to, that we gave, or that is one's own.
    r"stop (?:au |a |no |n |num |numero |le |pour le |mon numero )*(?:3[68][0-9]{3}|[1-9][0-9]{2} ?[0-9]{3} ?[0-9]{3}"
    r"|(?:0|33|0033) ?[1-9](?: ?[0-9]{2}){4})",
)
STOP_FR = (
    # Told or asked to take somebody off: « désabonnez-moi », « je veux me désinscrire de votre liste ».
    rf"(?:{_WANT_FR} )?(?:me |m )?(?:desinscrire|desabonner|desincrire|desabonne|desinscris)(?: moi)?{_LIST_FR}",
    rf"(?:desinscrivez|desabonnez|desinscris|desabonne|desabonner|desinscrire|desabonez|resiliez) (?:moi|nous)"
    rf"{_LIST_FR}",
    rf"(?:{_WANT_FR} )?(?:me )?(?:retire[rz]?|enleve[rz]?|supprime[rz]?|raye[rz]?)(?: moi)?"
    rf" {_OFF_A_LIST}",
    rf"{_WANT_FR} (?:ma |mon |une |un )?(?:desinscription|desabonnement|resiliation)",
    # No more of them: « plus de SMS », « je ne veux plus recevoir vos messages », « arrêtez de m'envoyer des textos ».
    rf"(?:je )?(?:ne |n )?(?:(?:veux|voudrais|souhaite|desire) )?plus (?:recevoir )?"
    rf"(?:de |d |vos |ces |aucun )*{TEXTS}(?: de (?:votre part|vous))?",
    rf"(?:je )?(?:ne |n )(?:veux|voudrais|souhaite|desire) plus (?:recevoir )?(?:de |d |vos |ces |aucun |les )*{TEXTS}"
    r" de (?:la mairie|la ville|votre part|vous)",
    rf"(?:ne |n )?(?:me |m )?envoye[rz] (?:moi )?plus (?:de |d |vos |ces |rien|aucun )*{TEXTS}?",
    rf"arrete[rz]? (?:de |d )?(?:m |me )?(?:envoyer |l envoi )?(?:de |d |des |les |vos |ces )*{TEXTS}",
    r"arrete[rz]? de m (?:ecrire|envoyer)|ne m ecrivez plus|arret (?:des |de |d |vos )*" + TEXTS,
    rf"(?:stop|fini|assez) (?:a |aux |de |d |les |vos |ces |des |envoyer |m |me |envoi )+{TEXTS}",
    rf"(?:{_WANT_FR} )?(?:arreter|stopper|stop)(?: de recevoir (?:de |d |des |les |vos |ces |tous )*{TEXTS})?",
    r"je me (?:desabonne|desinscris|desincris)",
    r"(?:(?:je )?(?:ne |n )?(?:veux|souhaite|desire) plus (?:rien )?recevoir(?: rien)?(?: de (?:vous|votre part))?)",
    rf"(?:{_WANT_FR} )?(?:ne )?plus (?:me |m )(?:contacter|ecrire|deranger|envoyer (?:de |d |vos |des )*{TEXTS})",
    r"(?:ne )?me (?:contactez|derangez|relancez) plus",
    r"(?:supprime[rz]?|retire[rz]?|enleve[rz]?|efface[rz]?|raye[rz]?) (?:moi |mon numero "
    rf"(?:de (?:telephone|portable) )?){_OFF_A_LIST}",
    rf"stop (?:a )?(?:tous |toutes )(?:vos |les |ces )?{TEXTS}|stop(?:sms| envois?| contacts?)",
)
STOP_EN = (
    r"(?:i (?:want|would like|d like|wish) to |(?:can|could) you )?(?:unsubscribe|opt out|opt me out)(?: me)?"
    rf"(?: (?:from|of) (?:your |the |this |these |all )*(?:lists?|{TEXTS}))?",
    r"(?:(?:can|could) you )?(?:remove|take|delete) me (?:from|off) (?:your|the|this) (?:mailing )?list",
    rf"no more {TEXTS}(?: from you)?|stop (?:the |these |your |all |sending |me |any |texting )+(?:{TEXTS})?",
    rf"i (?:don t|do not|no longer) want (?:to (?:receive|get) )?(?:any |more |your |these )*{TEXTS}(?: from you)?",
    r"(?:don t|do not|stop) (?:text|message|texting|messaging|contact|contacting) me(?: again| any ?more)?",
    r"stop (?:texting|messaging)",
)
START_FR = (
    rf"(?:{_WANT_FR} )?(?:reprendre|reprenez|reactiver|reactivez) (?:a recevoir )?(?:de |les |vos |des )*{TEXTS}",
)

CONTEST_FR = (
    "pas ca",
    "c est pas ca",
    "ce n est pas ca",
    "ce n est pas cela",
    "mal compris",
    "vous avez mal compris",
)
CONTEST_EN = ("that s not it", "that is not it", "not what i meant", "that is not what i meant")
"""« Ce n'est pas ça »: whole messages, after an answer of the town."""

WITH_REFERENCE = {
    "suivi": (CommandKind.STATE, "fr"),
    "suivre": (CommandKind.STATE, "fr"),
    "status": (CommandKind.STATE, "en"),
    "statut": (CommandKind.STATE, "fr"),
    "effacer": (CommandKind.ERASE, "fr"),
    "erase": (CommandKind.ERASE, "en"),
    "garder": (CommandKind.KEEP, "fr"),
    "keep": (CommandKind.KEEP, "en"),
    "compris": (CommandKind.UNDERSTOOD, "fr"),
    "understood": (CommandKind.UNDERSTOOD, "en"),
    "autre": (CommandKind.CONTEST, "fr"),
    "other": (CommandKind.CONTEST, "en"),
}
"""Words with a reference behind them."""

# The provider's own English words (its opt-out page), then ours in French. YES and OUI are no
# keywords here: they mean something only while a confirmation is pending, which gateway knows.
KEYWORDS: dict[tuple[CommandKind, str | None], tuple[str, ...]] = {
    (CommandKind.STOP, None): ("stop", "stop sms", "stopsms", "stopall", "stpo", "sotp", "tsop"),
    (CommandKind.STOP, "en"): ("stop all", "unsubscribe", "end", "quit", "cancel", "revoke", "optout", "opt out"),
    (CommandKind.STOP, "fr"): (
        "arret",
        "arret sms",
        "arrete",
        "arreter",
        "arretez",
        "desinscrire",
        "desinscription",
        "desabonner",
        "desabonnement",
        "resilier",
        "resiliation",
    ),
    (CommandKind.START, "en"): ("start", "unstop", "resubscribe"),
    (CommandKind.START, "fr"): ("reprendre", "reabonner", "me reabonner", "reinscrire", "me reinscrire"),
    (CommandKind.HELP, "en"): ("help",),
    (CommandKind.HELP, "fr"): ("aide",),
    (CommandKind.HELP, None): ("info", "infos"),
    (CommandKind.STATE, "fr"): ("suivi", "suivit", "suivie", "suivis", "suivy"),
    (CommandKind.STATE, "en"): ("status",),
    (CommandKind.CONTEST, "fr"): CONTEST_FR,
    (CommandKind.CONTEST, "en"): CONTEST_EN,
}
CONSENT = {
    "oui": Command(CommandKind.YES, None, "fr"),
    "yes": Command(CommandKind.YES, None, "en"),
    "non": Command(CommandKind.NO, None, "fr"),
    "no": Command(CommandKind.NO, None, "en"),
}
