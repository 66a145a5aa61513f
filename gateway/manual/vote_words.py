"""What each text about voices for projects is, in the words of a town's clerks."""

from __future__ import annotations

from typing import Final

from config.wording.answer_message_keys import VOTE_KEYS

VOTE_TEXTS: Final[dict[str, dict[str, str]]] = {
    "fr": {
        "sms_vote_counted": "L’habitant envoie « OUI 12 »",
        "sms_vote_taken_back": "L’habitant envoie « NON 12 »",
        "sms_vote_unknown": "L’habitant envoie « OUI 99 » (aucun projet n’a ce numéro)",
        "sms_vote_too_many": "L’habitant envoie « OUI 12 14 » (plus de projets que permis)",
        "sms_vote_closed": "L’habitant envoie « OUI 12 » (après la fin)",
        "sms_vote_not_open_yet": "L’habitant envoie « OUI 12 » (avant l’ouverture)",
        "sms_vote_needs_card": "L’habitant envoie « OUI 12 » (sans numéro de carte, là où il en faut un)",
        "sms_vote_card_unknown": "L’habitant envoie « OUI 12 CARTE 111111111 » (cette carte n’existe pas)",
        "sms_vote_at_centre": "L’habitant envoie « OUI 12 » (là où l’on vote dans un centre)",
        "voice_vote_offer": "Au téléphone, après la question, s’il y a des projets",
        "voice_vote_key": "Au téléphone, touche 5",
        "voice_vote_key_card": "Au téléphone, touche 5, là où il faut une carte",
        "voice_vote_counted": "Au téléphone, après le numéro d’un projet",
        "voice_vote_unknown": "Au téléphone, après un numéro qui n’est celui d’aucun projet",
        "voice_vote_refused": "Au téléphone, quand cette voix ne peut pas compter",
    },
    "en": {text.key: text.when.removesuffix(".") for text in VOTE_KEYS},
}
