"""What each text of an answer is, in the words of a town's clerks."""

from __future__ import annotations

from typing import Final

from config.wording.answer_message_keys import ANSWER_KEYS

ANSWER_TEXTS: Final[dict[str, dict[str, str]]] = {
    "fr": {
        "sms_answer": "La ville répond par SMS à un avis",
        "sms_state_answered": "L’habitant envoie SUIVI et son numéro, une fois que la ville a répondu",
        "sms_state_answered_in_person": "L’habitant envoie SUIVI et le numéro d’un autre, à qui la ville a répondu",
        "voice_state_answered": "Au téléphone, par le numéro de l’avis, une fois que la ville a répondu",
        "voice_state_answered_in_person": "Au téléphone, d’un autre appareil, quand la réponse est personnelle",
        "sms_state_decided": "L’habitant envoie SUIVI et son numéro, une fois que la suite est décidée",
        "voice_state_decided": "Au téléphone, par le numéro de l’avis, une fois que la suite est décidée",
        "voice_state_more": "Au téléphone, après ce que devient un avis",
        "voice_understood_yours": "Au téléphone, touche 3 ensuite : avant ce que nous avons compris",
        "voice_understood_elsewhere": "Au téléphone, touche 3, d’un autre appareil",
        "voice_understood_nothing": "Au téléphone, touche 3, quand rien n’est encore écrit",
        "voice_contest_key": "Au téléphone, après ce que nous avons compris",
        "voice_contested": "Au téléphone, après cette touche",
        "sms_understood": "L’habitant envoie COMPRIS et son numéro",
        "sms_understood_elsewhere": "L’habitant envoie COMPRIS et le numéro d’un autre",
        "sms_understood_nothing": "L’habitant envoie COMPRIS, quand rien n’est encore écrit",
        "sms_contested": "L’habitant envoie AUTRE et son numéro",
        "email_answer_subject": "L’objet d’une réponse, quand le courriel n’en avait pas",
        "email_answer": "La ville répond à un courriel",
        "paper_letter": "La lettre par laquelle la ville répond",
        "paper_notice_title": "Titre de la feuille de réponses affichée dans un centre",
        "paper_notice_intro": "Sous ce titre",
        "paper_notice_in_person": "Sur cette feuille, quand la réponse est personnelle",
        "web_state_waiting": "Page /suivi, pas encore lu",
        "web_state_published": "Page /suivi, publié",
        "web_state_set_aside": "Page /suivi, pas publié",
        "web_state_answered": "Page /suivi, la ville a répondu",
        "web_state_answered_in_person": "Page /suivi, la ville a répondu personnellement",
        "web_state_decided": "Page /suivi, la suite est décidée",
        "web_state_unknown": "Page /suivi, numéro introuvable",
        "web_state_later": "Page /suivi, trop de numéros demandés",
        "outcome_passed_on": "Dans une réponse : transmis à un service",
        "outcome_under_study": "Dans une réponse : à l’étude",
        "outcome_kept": "Dans une réponse : retenu",
        "outcome_in_budget": "Dans une réponse : inscrit au budget",
        "outcome_done": "Dans une réponse : fait",
        "outcome_not_kept": "Dans une réponse : pas retenu",
    },
    "en": {text.key: text.when.removesuffix(".") for text in ANSWER_KEYS},
}
