"""What the demo says in the terminal, in French and English."""

from __future__ import annotations

from collections.abc import Mapping

from config.enums import Channel

FRENCH = {
    "title": "Portevoix, la démonstration",
    "subtitle": "Des habitants inventés parlent à une ville inventée, par de vraies portes.",
    "world": "téléphonie et courrier",
    "samples": "voix, pages et courriels",
    "gateway": "passerelle",
    "preparing": "se prépare",
    "sending": "envoie",
    "arrived": "arrivé, en lecture",
    "read": "lu",
    "failed": "échec",
    "ready": "prêt",
    "channel": "Canal",
    "reference": "Numéro",
    "text": "Ce qui a été compris",
    "themes": "Thèmes",
    "confidence": "Sûreté",
    "seconds": "Temps",
    "boxes": "{name}, imprimé, coché au stylo, scanné à l'envers, lu case par case : {boxes}",
    "confidence_note": "Sûreté : celle de la machine qui a écouté ou lu ; une personne doit encore confirmer. "
    "Un tiret : la personne a écrit elle-même.",
    "doubt_note": "Un point d'interrogation : une personne doit d'abord écouter ou lire elle-même. {why}",
    "receipts": "Chacun a reçu son numéro : {how}.",
    "receipts_sms": "par SMS",
    "receipts_voicemail": "dit au téléphone",
    "receipts_email": "par courriel",
    "receipts_paper": "sur la liste à imprimer",
    "in_inbox": "{count} contributions sur {count} sont dans la boîte de réception.",
    "answering": "La ville répond à tous, d'une seule réponse, chacun par son chemin :",
    "answered_by": "Répondu",
    "answered_with": "Ce qui est lu ou entendu",
    "answer_sms": "par SMS",
    "answer_voicemail": "en rappelant, touche 2",
    "answer_email": "sous son courriel",
    "answer_paper": "sur la feuille du centre",
    "answer_sheet": "feuille en gros caractères, PDF de {size} ko",
    "not_answered": "{name} : n'a pas reçu de réponse",
    "public": "La page publique",
    "inbox": "La boîte de réception",
    "login": "identifiant",
    "password": "mot de passe",
    "stays": "La passerelle reste ouverte. Ctrl-C l'arrête.",
    "stopping": "Arrêt …",
    "total": "{seconds} en tout, installation non comprise.",
    "missing": "Il manque :",
    "not_arrived": "{name} : n'est pas arrivé",
    "not_read": "{name} : n'est pas lu ({why})",
    "not_in_inbox": "{name} : n'est pas dans la boîte de réception",
    "no_receipt": "{name} : n'a pas reçu son numéro",
    "not_sent": "{name} : n'a pas pu être envoyé ({why})",
    "log": "Le journal : {path}",
    "gone": "La passerelle s'est arrêtée, ou n'a pas démarré. Fin de son journal :",
    "waiting_reading": "lecture pas finie",
    "waiting_themes": "thèmes pas encore cherchés",
}

ENGLISH = {
    "title": "Portevoix, the demonstration",
    "subtitle": "Invented residents speak to an invented town, through real doors.",
    "world": "telephony and mail",
    "samples": "voices, pages and e-mails",
    "gateway": "gateway",
    "preparing": "getting ready",
    "sending": "sending",
    "arrived": "arrived, being read",
    "read": "read",
    "failed": "failed",
    "ready": "ready",
    "channel": "Channel",
    "reference": "Reference",
    "text": "What was understood",
    "themes": "Themes",
    "confidence": "Conf.",
    "seconds": "Time",
    "boxes": "{name}, printed, ticked with a pen, scanned upside down, read box by box: {boxes}",
    "confidence_note": "Conf.: how sure the machine that listened or read is; a person still has to confirm. "
    "A dash: the person wrote it.",
    "doubt_note": "A question mark: a person has to listen or read first. {why}",
    "receipts": "Everybody got their reference: {how}.",
    "receipts_sms": "by text message",
    "receipts_voicemail": "spoken in the call",
    "receipts_email": "by e-mail",
    "receipts_paper": "on the list to print",
    "in_inbox": "{count} of {count} contributions are in the inbox.",
    "answering": "The town answers everybody with one answer, each the way they came:",
    "answered_by": "Answered",
    "answered_with": "What is read or heard",
    "answer_sms": "by text message",
    "answer_voicemail": "by calling again, key 2",
    "answer_email": "below their e-mail",
    "answer_paper": "on the centre's sheet",
    "answer_sheet": "a sheet in large print, PDF of {size} kB",
    "not_answered": "{name}: was not answered",
    "public": "The public page",
    "inbox": "The inbox",
    "login": "login",
    "password": "password",
    "stays": "The gateway stays up. Ctrl-C stops it.",
    "stopping": "Stopping …",
    "total": "{seconds} in all, not counting the installation.",
    "missing": "Missing:",
    "not_arrived": "{name}: has not arrived",
    "not_read": "{name}: has not been read ({why})",
    "not_in_inbox": "{name}: is not in the inbox",
    "no_receipt": "{name}: did not get a reference",
    "not_sent": "{name}: could not be sent ({why})",
    "log": "The log: {path}",
    "gone": "The gateway has stopped, or has not started. The end of its log:",
    "waiting_reading": "reading is not finished",
    "waiting_themes": "themes not looked for yet",
}

CHANNELS = {
    "fr": {
        Channel.SMS: "SMS",
        Channel.VOICEMAIL: "Téléphone",
        Channel.EMAIL: "Courriel",
        Channel.PAPER: "Papier",
    },
    "en": {Channel.SMS: "Text", Channel.VOICEMAIL: "Phone", Channel.EMAIL: "E-mail", Channel.PAPER: "Paper"},
}

PHRASES = {"fr": FRENCH, "en": ENGLISH}


def spoken_language(environment: Mapping[str, str]) -> str:
    """The language to speak: English where the locale says so, French everywhere else."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "en" if environment[name].lower().startswith("en") else "fr"
    return "fr"


def in_words(seconds: float, language: str) -> str:
    """A duration as people of this language write it."""
    shown = f"{seconds:.1f} s"
    return shown.replace(".", ",") if language == "fr" else shown
