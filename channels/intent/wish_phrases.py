"""How people say, folded, that their own words are to be erased: verbs, what is their own, and whole turns."""

ERASE = {
    "fr": r"(?:sup+r?im+[a-z]{0,5}|ef+as?c[a-z]{0,5}|retir(?:er?|ez|e|es)|enlev(?:er?|ez|es|e|ait)|an+ul(?:er?|ez|es|e)"
    r"|oubli(?:er?|ez|es)|detrui(?:re|sez|t|s|te)|desinscri(?:re|vez)|depublie[rz]?|vire[rz]"
    r"|(?:fai(?:re|tes|s) )?disparaitre)",
    "en": r"(?:del+e+ts?[a-z]{0,3}|eras[a-z]{0,3}|remov[a-z]{0,3}|withdr[a-z]{2,4}|take (?:down|off|back|away)"
    r"|taken down|wipe|destroy[a-z]{0,2}|cancel[a-z]{0,3}|forget|unpublish|retract|scrap|get rid of)",
}
ERASED = {
    "fr": r"(?:sup+r?ime|ef+ace|retire|enleve|an+ule|oublie|detruit|depublie)e?s?",
    "en": r"(?:del+eted|erased|removed|withdrawn|taken down|wiped|destroyed|cancel+ed|forgotten|unpublished|retracted)",
}
"""As it is said of what was sent: without a verb before them, only these."""
NOUN_OF_ERASING = {
    "fr": r"(?:sup+res+ion|ef+acement|retrait|an+ulation|destruction) (?:de|d|des)",
    "en": r"(?:deletion|removal|erasure|erasing|deleting|removing|withdrawal) (?:of)?",
}
OWN = {
    "fr": r"(?:(?:tous|toutes|tout|l ensemble de) )?(?:mon|ma|mes|notre|nos|le mien|la mienne)",
    "en": r"(?:all )?(?:(?:of )?(?:my|our|mine))",
}
SAID = {
    "fr": r"(?:avi|mes+a[gj]e|msg|mess|sms|texto|texte|mot|contribu[a-z]{2,6}|com+entaire|temoi[a-z]{2,6}|participation"
    r"|reponse|vocal|enregistrement|envoi|mail|email|courriel|opinion|idee|proposition|remarque|formulaire|appel"
    r"|intervention|post)s?",
    "en": r"(?:opinion|mes+age|text|txt|sms|com+ent|contribution|submission|post|answer|response|reply|input"
    r"|feedback|voicemail|recording|call|email|mail|idea|word|entry|review)s?",
}
BESIDES = {
    "fr": r"(?:donnee|photo|image|trace)s?",
    "en": r"(?:data|photo|picture|information|info)s?",
}
"""What people send that is no words: « ne publiez pas ma photo » says nothing of their words."""
PERSONAL = {
    "fr": r"(?:numero|nom|adresse|coordonnee)s?(?: (?:de )?(?:telephone|portable|mobile|mail|postale|famille"
    r"|personnel(?:le)?s?))?",
    "en": r"(?:(?:phone|mobile|telephone|mail|postal) )?(?:number|detail|name|address)(?:e?s)?",
}
KEPT_BY_US = {
    "fr": r"(?= *$| (?:svp|stp|s il|silvous|merci|cordialement|bonne|cdt)\b| (?:de|des|dans|du) (?:votre |vos |la |le "
    r"|l |cette |ce |tous |toutes )*(?:listes?|bases?|fichiers?|systemes?|registres?|sites?|repertoires?|donnees)\b)",
    "en": r"(?= *$| (?:please|thanks|thank|regards)\b| (?:from|in) (?:your |the |this |all )*(?:lists?|data ?bases?"
    r"|files?|systems?|records?|sites?)\b)",
}
"""Behind a name or an address: « mon numéro de rue » is none that we have."""
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
        r"(?:ne|n) (?:veux|souhaite|voudrais|desire|aimerais) (?:pas|plus) (?:que )?OWN_WORDS (?:[a-z]+ ){0,3}?"
        r"(?:publi|affich|diffus|lu\b|appara|visible|en ligne)[a-z]*",
        r"(?:refuse|m oppose)(?: a ce)? (?:que|qu) OWN_WORDS (?:[a-z]+ ){0,2}publi[a-z]+",
        r"(?:pas de|refuse|m oppose a|contre) (?:la |toute )?(?:publication|diffusion) (?:de|d|des) OWN_WORDS",
    ),
    "en": (
        r"(?:don t|do not|never|not to|please not) (?:[a-z]+ )?publish OWN_WORDS",
        r"(?:don t|do not|no longer) want OWN_WORDS (?:to be |to get )?(?:published|public|shown|online)",
        r"take OWN_WORDS (?:down|off|back|away)",
    ),
}
IGNORE = {
    "fr": r"(?:ignore[rz]?|(?:ne )?(?:pas |plus )?(?:tenez|tenir|tiens) (?:pas |plus )?compte (?:de|du|d))",
    "en": r"(?:ignore|disregard)",
}
"""A wish at the beginning of a text only: « vous ignorez mon avis » is a complaint."""
BY_MISTAKE = {
    "fr": r"(?:j ai|je vous ai|a|avons) (?:[a-z]+ )?(?:envoye|ecrit|laisse|poste|depose)|par erreur|trompee?s?\b"
    r"|erreur de (?:destinataire|numero)|mauvais (?:destinataire|numero)",
    "en": r"(?:i|i have|i ve|has|son|daughter) (?:[a-z]+ )?(?:sent|wrote|written|posted|left)|by mistake|wrong number"
    r"|sent in error",
}
FORGET_ME = {
    "fr": r"droit a l oubli|droit a l effacement"
    r"|(?:demande de |demande d )?(?:sup+res+ion|ef+acement|retrait)(?: (?:rgpd|cnil))?"
    r"|(?:rgpd|cnil) (?:sup+res+ion|ef+acement|retrait)"
    r"|(?:ef+ace[rz]?|sup+rime[rz]?|oublie[rz]?) moi"
    r"(?: (?:completement|de (?:votre |la |vos )*(?:base|bases|fichier|fichiers|systeme)(?: de donnees)?))?",
    "en": r"right to be forgotten|right to erasure"
    r"|(?:delete|erase|forget|remove) me"
    r"(?: (?:completely|from (?:your |the )*(?:data ?base|files?|systems?|records?)))?",
}
LIGHT_WORDS = """
avec avez aussi bien cela cette comme dans depuis donc elle elles encore etre fait faire hier ici leur leurs mais
meme nous parce plus pour pouvez pourriez quand quel quelle quoi sans sera soit sont sous suis tout toute tous tres
trop veux voudrais souhaite vous votre veuillez also and because been before being could does don from have here
into just like more now only please said same should some sorry than that the them then there they this want was
were what when which will with would you your bonjour bonsoir merci hello thanks thank changer change avis
"""
"""Words beside a wish that say nothing of a town."""
