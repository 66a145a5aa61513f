"""How people say, folded, that their own words are to be erased: verbs, what is their own, and whole turns."""

ERASE = {
    "fr": r"(?:sup+r?im+[a-z]{0,5}|ef+as?c[a-z]{0,5}|retir(?:er?|ez|e|es)|enlev(?:er?|ez|es|e|ait)|an+ul(?:er?|ez|es|e)"
    r"|oubli(?:er?|ez|es)|detrui(?:re|sez|t|s|te)|desinscri(?:re|vez)|depublie[rz]?|vire[rz])",
    "en": r"(?:del+e+ts?[a-z]{0,3}|eras[a-z]{0,3}|remov[a-z]{0,3}|withdr[a-z]{2,4}|take (?:down|off|back|away)"
    r"|taken down|wipe|destroy[a-z]{0,2}|cancel[a-z]{0,3}|forget|unpublish|retract|scrap|get rid of)",
}
NOUN_OF_ERASING = {
    "fr": r"(?:sup+res+ion|ef+acement|retrait|an+ulation|destruction) (?:de|d|des)",
    "en": r"(?:deletion|removal|erasure|erasing|deleting|removing|withdrawal) (?:of)?",
}
OWN = {
    "fr": r"(?:(?:tous|toutes|tout|l ensemble de) )?(?:mon|ma|mes|notre|nos|le mien|la mienne)",
    "en": r"(?:all )?(?:(?:of )?(?:my|our|mine))",
}
SENT = {
    "fr": r"(?:avis|mes+age|msg|mess|sms|texto|texte|mot|contribu[a-z]{2,6}|com+entaire|temoi[a-z]{2,6}|participation"
    r"|reponse|donnee|vocal|enregistrement|photo|image|envoi|mail|email|courriel|opinion|idee|proposition"
    r"|remarque|formulaire|numero"
    r"|coordonnee|nom|adresse|trace|appel|intervention|post)s?",
    "en": r"(?:opinion|mes+age|text|txt|sms|com+ent|contribution|submission|post|answer|response|reply|input"
    r"|feedback|data|information|info|voicemail|recording|call|photo|picture|number|detail|name|email|mail|idea"
    r"|word|entry|review)s?",
}
WHICH = {
    "fr": r"(?:(?:dernier|derniere|derniers|dernieres|precedent|precedente|precedents|precedentes|premier|premiere"
    r"|ancien|ancienne|autre|autres|petit|propre|donnees) )*",
    "en": r"(?:(?:last|latest|previous|earlier|first|old|other|own|personal|recent|text|voice) )*",
}
BETWEEN = {
    "fr": r"(?:(?:moi|svp|stp|s il vous plait|bien|vouloir|completement|totalement|definitivement|immediatement"
    r"|vite|aussi|tout|de suite|la|a) )*",
    "en": r"(?:(?:please|completely|immediately|now|also|down|for|me|out|off) )*",
}
SENT_WITHOUT_OWN = {
    "fr": r"(?:(?:le|l|ce|cet|cette|la|les) )?(?:avis |message |sms |texto |texte |contribution |commentaire |numero )?"
    r"(?:que j ai|que je vous ai|que je viens d|ce que j ai|ce que je vous ai) (?:laisse|envoye|ecrit|dit|mis"
    r"|depose|fait"
    r"|poste)[a-z]*",
    "en": r"(?:(?:the|this|that) )?(?:opinion |message |text |comment |contribution )?(?:that )?"
    r"(?:i|what i|i have|i ve|i just) (?:have |just |ve )*(?:sent|wrote|written|said|left|posted|texted|told)(?: you)?",
}
NEVER_PUBLISH = {
    "fr": (
        r"(?:ne|n) (?:[a-z]+ ){0,2}?(?:pas |plus |jamais )?(?:[a-z]+ )??(?:publi|diffus|affich)[a-z]+ (?:(?:pas"
        r"|plus|jamais|svp) )*"
        r"OWN_WORDS",
        r"(?:ne|n) (?:veux|souhaite|voudrais|desire|aimerais) (?:pas|plus) (?:que )?OWN_WORDS (?:[a-z]+ ){0,3}"
        r"(?:publi|affich|diffus|lu)[a-z]*",
        r"(?:refuse|m oppose)(?: a ce)? (?:que|qu) OWN_WORDS (?:[a-z]+ ){0,2}publi[a-z]+",
    ),
    "en": (
        r"(?:don t|do not|never|not to|please not) (?:[a-z]+ )?publish OWN_WORDS",
        r"(?:don t|do not|no longer) want OWN_WORDS (?:to be |to get )?(?:published|public|shown|online)",
    ),
}
FORGET_ME = {
    "fr": r"droit a l oubli|droit a l effacement|(?:ef+ace[rz]?|sup+rime[rz]?|oublie[rz]?) moi(?: (?:completement"
    r"|de (?:votre"
    r" |la |vos )*(?:base|bases|fichier|fichiers|systeme)(?: de donnees)?))?",
    "en": r"right to be forgotten|right to erasure|(?:delete|erase|forget|remove) me(?: (?:completely"
    r"|from (?:your |the )*"
    r"(?:data ?base|files?|systems?|records?)))?",
}
