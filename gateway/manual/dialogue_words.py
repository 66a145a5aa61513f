"""The words around the dialogues in docs/dialogues.fr.md and dialogues.en.md: headings, and what residents do."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, dict[str, str]]] = {
    "fr": {
        "title": "Ce que les habitants entendent et lisent",
        "intro": (
            "Cette page est écrite par le programme, à partir des textes eux-mêmes, pour la consultation d’exemple. "
            "Chaque consultation peut mettre les siens à la place ([texts.md](texts.md)) ; `portevoix texts` montre "
            "alors les vôtres, avec leur prix. Les durées sont celles d’une voix de synthèse ordinaire, arrondies."
        ),
        "calls": "Au téléphone",
        "calls_intro": (
            "Personne n’est obligé d’appuyer sur une touche : après l’accueil, le bip vient tout seul. "
            "On peut raccrocher à tout moment ; ce qui a été dit est gardé."
        ),
        "who": "qui",
        "what": "ce qui est dit ou fait",
        "text": "texte",
        "seconds": "durée",
        "town": "la ville",
        "resident": "l’habitant",
        "calls_up": "*appelle*",
        "presses": "*appuie sur {keys}*",
        "speaks": "*parle, puis se tait ou tape dièse*",
        "silent": "*ne dit rien*",
        "waits": "*attend*",
        "hangs_up": "*raccroche*",
        "tone": "*bip*",
        "replay": "*fait réentendre ce qui a été dit*",
        "pause": "*un silence de {seconds} s*",
        "ends": "*fin de l’appel*",
        "texts": "Par SMS",
        "texts_intro": (
            "Les numéros et les dates sont des exemples. Un mot-clé n’est compris que s’il est tout le message ; "
            "avec ou sans accents, en majuscules ou non. Chaque réponse tient en un seul SMS, "
            "sauf celles que la ville écrit elle-même."
        ),
        "sends": "L’habitant envoie",
        "colon": " :",
        "cost": "{units} caractères, {encoding}, {count} SMS",
        "cost_needless": "⚠ {count} SMS au lieu d’un : {why}",
        "cost_letters": "à cause de {letters}",
        "cost_long": "trop long",
        "mails": "Par courriel",
        "mails_intro": "Les réponses aux courriels n’ont pas de prix. Une machine ou une liste n’en reçoit jamais.",
        "paper": "Sur papier",
        "paper_intro": "Ce qui est imprimé pour celles et ceux qui ont rempli un formulaire.",
        "forms": "Sur les formulaires, les affiches et les cartes",
        "forms_intro": "{reference} y est le numéro de chaque exemplaire.",
        "promises": "Ce qui est promis",
        "promises_intro": (
            "Selon ce que dit la consultation (answers), un de ces passages suit dans les réponses ci-dessus ; "
            "les courts sont pour les SMS."
        ),
        "reasons": "Pourquoi un avis n’est pas publié",
        "reasons_intro": "Ces passages remplacent la raison dans les réponses ci-dessus.",
        "more": "Autres textes",
    },
    "en": {
        "title": "What residents hear and read",
        "intro": (
            "This page is written by the program, from the texts themselves, for the example consultation. Each "
            "consultation can put its own in their place ([texts.md](texts.md)); `portevoix texts` then shows yours, "
            "with their price. Durations are those of an ordinary synthetic voice, rounded."
        ),
        "calls": "On the telephone",
        "calls_intro": (
            "Nobody has to press a key: after the greeting, the tone comes by itself. One can hang up at any "
            "moment; what was said is kept."
        ),
        "who": "who",
        "what": "what is said or done",
        "text": "text",
        "seconds": "time",
        "town": "the town",
        "resident": "the resident",
        "calls_up": "*calls*",
        "presses": "*presses {keys}*",
        "speaks": "*speaks, then is silent or presses hash*",
        "silent": "*says nothing*",
        "waits": "*waits*",
        "hangs_up": "*hangs up*",
        "tone": "*tone*",
        "replay": "*plays what was said*",
        "pause": "*a pause of {seconds} s*",
        "ends": "*end of the call*",
        "texts": "By text message",
        "texts_intro": (
            "Numbers and dates are examples. A keyword is understood only where it is the whole message; with or "
            "without accents, in capitals or not. Each answer fits one text message."
        ),
        "sends": "The resident sends",
        "colon": ":",
        "cost": "{units} characters, {encoding}, {count} text message(s)",
        "cost_needless": "⚠ {count} text messages instead of one: {why}",
        "cost_letters": "because of {letters}",
        "cost_long": "too long",
        "mails": "By e-mail",
        "mails_intro": "Answers by e-mail cost nothing. A machine or a list never gets one.",
        "paper": "On paper",
        "paper_intro": "What is printed for those who filled in a form.",
        "forms": "On forms, posters and cards",
        "forms_intro": "{reference} is the number of each copy.",
        "promises": "What is promised",
        "promises_intro": (
            "According to what the consultation says (answers), one of these passages follows in the answers above; "
            "the short ones are for text messages."
        ),
        "reasons": "Why an opinion is not published",
        "reasons_intro": "These passages stand for the reason in the answers above.",
        "more": "Other texts",
    },
}

SCENES: Final[dict[str, dict[str, str]]] = {
    "fr": {
        "leaves": "Laisser un message",
        "silent": "Ne rien dire",
        "again": "Se réécouter, recommencer",
        "not_there": "Se réécouter trop tôt, recommencer, puis se taire",
        "keys": "Entendre la question encore une fois, et ses droits",
        "waiting": "Demander la suite : pas encore lu",
        "published": "La suite : publié",
        "set_aside": "La suite : non publié",
        "erased": "La suite : effacé",
        "unknown": "La suite : un numéro qui n’existe pas",
        "later": "La suite : trop de numéros demandés, ou une panne chez nous",
        "before": "Appeler avant l’ouverture",
        "over": "Appeler après la fin",
        "stranger": "Appeler un numéro qui n’est celui d’aucune consultation",
        "no_number": "La panne au mauvais moment : le message est gardé, le numéro manque",
    },
    "en": {
        "leaves": "Leaving a message",
        "silent": "Saying nothing",
        "again": "Listening to oneself, starting again",
        "not_there": "Listening to oneself too early, starting again, then saying nothing",
        "keys": "The question once more, and one’s rights",
        "waiting": "What became of it: not read yet",
        "published": "What became of it: published",
        "set_aside": "What became of it: not published",
        "erased": "What became of it: erased",
        "unknown": "What became of it: a number that does not exist",
        "later": "What became of it: asked too often, or something of ours failed",
        "before": "Calling before it opens",
        "over": "Calling after it closed",
        "stranger": "Calling a number that belongs to no consultation",
        "no_number": "Something of ours fails at the wrong moment: the message is kept, its number is missing",
    },
}

TEXTED: Final[dict[str, dict[str, str]]] = {
    "fr": {
        "sms_receipt": "« Plus de bancs à l’ombre, s’il vous plaît. »",
        "sms_closed": "« Plus de bancs à l’ombre. » (après la fin)",
        "sms_not_open_yet": "« Plus de bancs à l’ombre. » (avant l’ouverture)",
        "sms_state_waiting": "« SUIVI 482915307 » (pas encore lu)",
        "sms_state_published": "« SUIVI 482915307 » (publié)",
        "sms_state_set_aside": "« SUIVI 482915307 » (non publié)",
        "sms_state_erased": "« SUIVI 482915307 » (effacé)",
        "sms_state_unknown": "« SUIVI 482915308 » (ce numéro n’existe pas)",
        "sms_stop": "« STOP »",
        "sms_start": "« REPRENDRE »",
        "sms_help": "« AIDE »",
        "sms_erase_how": "« Je veux supprimer mon avis. »",
        "sms_erase_how_published": "« Je veux supprimer mon avis. » (déjà publié)",
        "sms_erase_how_unknown": "« Je veux supprimer mon avis. » (il y en a plusieurs, ou aucun)",
        "sms_erase_confirm": "« EFFACER 482915307 » (du même téléphone)",
        "sms_erased": "« OUI » (à cette question)",
        "sms_erase_kept": "« NON », ou « GARDER 482915307 »",
        "sms_erase_by_person": "« EFFACER 482915307 » (d’un autre téléphone)",
    },
    "en": {
        "sms_receipt": "“More benches in the shade, please.”",
        "sms_closed": "“More benches in the shade.” (after it closed)",
        "sms_not_open_yet": "“More benches in the shade.” (before it opens)",
        "sms_state_waiting": "“STATUS 482915307” (not read yet)",
        "sms_state_published": "“STATUS 482915307” (published)",
        "sms_state_set_aside": "“STATUS 482915307” (not published)",
        "sms_state_erased": "“STATUS 482915307” (erased)",
        "sms_state_unknown": "“STATUS 482915308” (there is no such number)",
        "sms_stop": "“STOP”",
        "sms_start": "“START”",
        "sms_help": "“HELP”",
        "sms_erase_how": "“I want to delete my opinion.”",
        "sms_erase_how_published": "“I want to delete my opinion.” (published already)",
        "sms_erase_how_unknown": "“I want to delete my opinion.” (there are several, or none)",
        "sms_erase_confirm": "“ERASE 482915307” (from the same telephone)",
        "sms_erased": "“YES” (to this question)",
        "sms_erase_kept": "“NO”, or “KEEP 482915307”",
        "sms_erase_by_person": "“ERASE 482915307” (from another telephone)",
    },
}
"""What a resident sends before each answer."""

HAPPENS: Final[dict[str, dict[str, str]]] = {
    "fr": {"sms_call_receipt": "L’habitant a laissé un message depuis un téléphone mobile."},
    "en": {"sms_call_receipt": "The resident has left a message from a mobile telephone."},
}

UNASKED: Final[dict[str, dict[str, str]]] = {
    "fr": {
        "email_receipt_subject": "L’objet, quand le courriel n’en avait pas",
        "email_receipt": "Réponse à un courriel",
        "email_closed": "Réponse à un courriel après la fin",
        "email_too_large": "Réponse à un courriel trop lourd",
        "paper_list_title": "Titre de la liste imprimée pour un lot de formulaires",
        "paper_list_intro": "Sous ce titre",
        "paper_receipt": "Le reçu remis avec un formulaire",
        "paper_box_title": "L’affichette posée près de la boîte : son titre",
        "paper_box_intro": "Combien de formulaires en sont sortis",
        "paper_box_boxes": "Au-dessus des cases cochées",
        "paper_box_next": "La suite",
        "promise_all": "Chacun aura une réponse",
        "promise_published_summary": "Une synthèse sera publiée",
        "promise_none": "Il n’y aura pas de réponse",
        "promise_all_short": "Chacun aura une réponse, en court",
        "promise_published_summary_short": "Une synthèse sera publiée, en court",
        "promise_none_short": "Il n’y aura pas de réponse, en court",
        "free_call": "Dans l’accueil au téléphone, si l’appel ne coûte rien (free_call)",
        "reason_off_topic": "Un autre sujet",
        "reason_names_a_person": "Une personne nommée est accusée",
        "reason_insulting": "Des insultes",
        "reason_unlawful": "Contraire à la loi",
        "reason_advertising": "Une publicité",
        "reason_unreadable": "Illisible ou inaudible",
        "reason_duplicate": "Envoyé deux fois",
        "reason_withdrawn": "Retirée par son auteur",
        "voice_trouble": "Au téléphone, quand rien d’autre ne peut être dit",
        "voice_fallback": "Au téléphone, quand la porte de secours répond",
        "generic_town": "Le nom de la ville, quand on ne sait pas de quelle consultation il s’agit",
    },
    "en": {
        "email_receipt_subject": "The subject, where the mail had none",
        "email_receipt": "Answer to a mail",
        "email_closed": "Answer to a mail after it closed",
        "email_too_large": "Answer to a mail that is too large",
        "paper_list_title": "Heading of the list printed for a batch of forms",
        "paper_list_intro": "Below that heading",
        "paper_receipt": "The slip handed out with a form",
        "paper_box_title": "The notice beside the box: its heading",
        "paper_box_intro": "How many forms came out of it",
        "paper_box_boxes": "Above the boxes that were ticked",
        "paper_box_next": "What happens now",
        "promise_all": "Everybody is answered",
        "promise_published_summary": "A summary is published",
        "promise_none": "There is no answer",
        "promise_all_short": "Everybody is answered, in short",
        "promise_published_summary_short": "A summary is published, in short",
        "promise_none_short": "There is no answer, in short",
        "free_call": "In the greeting on the telephone, where the call is free (free_call)",
        "reason_off_topic": "Another subject",
        "reason_names_a_person": "A named person is accused",
        "reason_insulting": "Insults",
        "reason_unlawful": "Against the law",
        "reason_advertising": "Advertising",
        "reason_unreadable": "Cannot be read or heard",
        "reason_duplicate": "Sent twice",
        "reason_withdrawn": "Withdrawn by its author",
        "voice_trouble": "On the telephone, when nothing else can be said",
        "voice_fallback": "On the telephone, when the fallback door answers",
        "generic_town": "The town’s name, where the consultation is unknown",
    },
}
"""What the texts are called that no dialogue holds."""
