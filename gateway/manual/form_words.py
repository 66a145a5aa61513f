"""What each text of a printed form is, in the words of a town's clerks."""

from __future__ import annotations

from typing import Final

from config.wording.form_message_keys import FORM_KEYS

FORM_TEXTS: Final[dict[str, dict[str, str]]] = {
    "fr": {
        "form_page": "Formulaire de plusieurs pages, sous le titre",
        "form_lead": "Formulaire, sous la question",
        "form_can_change": "Formulaire, au-dessus de ce qui peut changer",
        "form_cannot_change": "Formulaire, au-dessus de ce qui ne changera pas",
        "form_themes": "Formulaire, au-dessus des thèmes",
        "form_several": "Formulaire, où l’on coche une ou plusieurs cases",
        "form_quarter": "Formulaire, au-dessus des quartiers",
        "form_one": "Formulaire, où l’on coche une seule case",
        "form_age": "Formulaire, au-dessus des tranches d’âge",
        "form_age_under": "Les plus jeunes",
        "form_age_between": "Une tranche d’âge",
        "form_age_over": "Les plus âgés",
        "form_write": "Formulaire, au-dessus de la zone où l’on écrit",
        "form_write_hint": "… et dessous",
        "form_write_or_draw_hint": "… où l’on écrit et dessine dans la même zone",
        "form_draw": "Formulaire, au-dessus de la zone où l’on dessine",
        "form_draw_hint": "… et sous ce titre",
        "form_vote": "Formulaire, au-dessus des cases du numéro d’un projet",
        "form_vote_hint": "… et dessous, une voix par téléphone",
        "form_vote_hint_card": "… et dessous, une voix par carte",
        "form_vote_card": "Formulaire, au-dessus des cases du numéro de la carte",
        "form_contact": "Formulaire, au-dessus des cases du téléphone et du nom",
        "form_contact_hint": "… et sous cette question",
        "form_telephone": "Formulaire, devant les cases du téléphone",
        "form_name": "Formulaire, devant les cases du nom",
        "form_information_title": "Formulaire, au-dessus de l’information",
        "form_information": "Formulaire : ce que devient la feuille, et les droits",
        "form_foot": "Formulaire, en bas de la première page",
        "form_foot_back": "Formulaire, en bas des autres pages",
        "form_slip": "Talon : les premiers mots",
        "form_slip_number": "Talon, au-dessus du numéro",
        "form_slip_how": "Talon : à quoi sert le numéro",
        "form_slip_title": "Talon : quelle consultation",
        "form_reply_fold": "Feuille-réponse : comment l’envoyer",
        "form_test": "Feuille d’essai, en travers de la page",
        "form_test_how": "… et dessous : qu’en faire",
        "form_poster_lead": "Affiche : les premiers mots",
        "form_poster_call": "Affiche, au-dessus du numéro de téléphone",
        "form_poster_text": "Affiche : par SMS aussi",
        "form_poster_paper": "Affiche : les feuilles sont ici",
        "form_poster_code": "Affiche, à côté du code QR",
        "form_card_call": "Carte numérotée : appeler",
        "form_card_key": "Carte numérotée, au-dessus du numéro : quand le composer",
        "form_card_keep": "Carte numérotée, sous le numéro",
    },
    "en": {text.key: text.when.removesuffix(".") for text in FORM_KEYS},
}
"""In French by key; in English as the key itself says."""
