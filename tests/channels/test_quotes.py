"""What people newly wrote, in the manner of the mail programs they use; in French first, then elsewhere."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.heads import AsideKind
from channels.email.quotes import split_reply

Q, F, S, D = AsideKind.QUOTE, AsideKind.FORWARD, AsideKind.SIGNATURE, AsideKind.FOOTER

BODY = "Bonjour,\n\nIl manque des bancs rue de Siam. Ma mère a 82 ans."
OURS = "Bonjour, votre message est bien arrivé, numéro 482 915 307.\nUne personne va le lire."
QUOTED = "\n".join(f"> {line}" for line in OURS.splitlines())

THREADS = {
    "Gmail, French": (
        f"{BODY}\n\nLe jeu. 12 mars 2026 à 10:11, Ville d'Exemple <avis@ville.example> a\nécrit :\n\n{QUOTED}\n",
        BODY,
        [Q],
    ),
    "Gmail, French, long address on its own line": (
        f"{BODY}\n\nLe jeu. 12 mars 2026 à 10:11, Ville d'Exemple <\navis@ville.example> a écrit :\n\n{QUOTED}\n",
        BODY,
        [Q],
    ),
    "Gmail, mobile, no blank line": (
        f"{BODY}\nLe jeu. 12 mars 2026 à 10:11, <avis@ville.example> a écrit :\n{QUOTED}",
        BODY,
        [Q],
    ),
    "Apple Mail, French": (
        f"{BODY}\n\n> Le 12 mars 2026 à 10:11, Ville d'Exemple <avis@ville.example> a écrit :\n> \n{QUOTED}\n",
        BODY,
        [Q],
    ),
    "iPhone, French": (
        f"{BODY}\n\nEnvoyé de mon iPhone\n\n> Le 12 mars 2026 à 10:11, Ville <avis@ville.example> a écrit :\n> \n{QUOTED}",
        BODY,
        [S, Q],
    ),
    "Thunderbird, French": (
        f"{BODY}\n\nLe 12/03/2026 à 10:11, Ville d'Exemple a écrit :\n{QUOTED}\n\n-- \nAnne Le Gall\n06 39 98 00 01",
        BODY,
        [Q, S],
    ),
    "Outlook for Windows, French": (
        f"{BODY}\n\nDe : Ville d'Exemple <avis@ville.example>\nEnvoyé : jeudi 12 mars 2026 10:11\n"
        f"À : Anne Le Gall <anne@poste.example>\nObjet : Votre avis\n\n{OURS}",
        BODY,
        [Q],
    ),
    "Outlook for Windows, bold labels as stars": (
        f"{BODY}\n\n*De :* Ville d'Exemple <avis@ville.example>\n*Envoyé :* jeudi 12 mars 2026 10:11\n"
        f"*À :* anne@poste.example\n*Objet :* Votre avis\n\n{OURS}",
        BODY,
        [Q],
    ),
    "Outlook on the web, French": (
        f"{BODY}\n________________________________\nDe : Ville d'Exemple <avis@ville.example>\n"
        f"Envoyé : jeudi 12 mars 2026 10:11\nÀ : anne@poste.example <anne@poste.example>\nObjet : Votre avis\n\n{OURS}",
        BODY,
        [Q],
    ),
    "Outlook for Android, French": (
        f"{BODY}\n\nTélécharger Outlook pour Android<https://aka.ms/AAb9ysg>\n________________________________\n"
        f"From: Ville <avis@ville.example>\nSent: Thursday, March 12, 2026 10:11:12 AM\nTo: anne@poste.example\n"
        f"Subject: Votre avis\n\n{OURS}",
        BODY,
        [S, Q],
    ),
    "Orange webmail": (
        f"{BODY}\n\n\n> Message du 12/03/26 10:11\n> De : \"Ville d'Exemple\" <avis@ville.example>\n> A : anne@orange.example\n"
        f"> Copie à : \n> Objet : Votre avis\n> \n{QUOTED}",
        BODY,
        [Q],
    ),
    "Orange webmail, unmarked": (
        f"{BODY}\n\nenvoyé : 12 mars 2026 à 10:11\nde : Ville d'Exemple <avis@ville.example>\nà : anne@orange.example\n"
        f"objet : Votre avis\n\n{OURS}",
        BODY,
        [Q],
    ),
    "Zimbra at Free": (
        f"{BODY}\n\n----- Mail original -----\nDe: \"Ville d'Exemple\" <avis@ville.example>\nÀ: anne@free.example\n"
        f"Envoyé: Jeudi 12 Mars 2026 10:11:12\nObjet: Votre avis\n\n{OURS}",
        BODY,
        [Q],
    ),
    "SFR webmail": (
        f"{BODY}\n\n\n> ----------------------------------------\n> De : Ville <avis@ville.example>\n> Date : 12/03/2026 10:11 (GMT+01:00)\n"
        f"> À : anne@sfr.example\n> Objet : Votre avis\n>\n{QUOTED}",
        BODY,
        [Q],
    ),
    "La Poste webmail": (
        f"{BODY}\n\n> Message du 12/03/2026 10:11\n> De : avis@ville.example\n> A : anne@laposte.example\n> Copie à : \n"
        f"> Objet : Votre avis\n>\n{QUOTED}",
        BODY,
        [Q],
    ),
    "Yahoo, French": (
        f"{BODY}\n\n    Le jeudi 12 mars 2026 à 10:11:12 UTC+1, Ville <avis@ville.example> a écrit :  \n \n {OURS}",
        BODY,
        [Q],
    ),
    "Yahoo for Android": (
        f"{BODY}\n\nEnvoyé à partir de Yahoo Mail pour Android \n \n  Le jeu., 12 mars 2026 à 10:11, Ville<avis@ville.example> a écrit :   {OURS}",
        BODY,
        [S],
    ),
    "Samsung telephone": (
        f"{BODY}\n\n\nEnvoyé depuis mon appareil Galaxy\n\n\n-------- Message d’origine --------\nDe : Ville <avis@ville.example> \n"
        f"Date : 12/03/2026  10:11  (GMT+01:00) \nÀ : anne@poste.example \nObjet : Votre avis \n\n{OURS}",
        BODY,
        [S, Q],
    ),
    "Proton, French": (
        f"{BODY}\n\nEnvoyé avec la messagerie sécurisée Proton Mail.\n\nLe jeudi 12 mars 2026 à 10:11, Ville <avis@ville.example> a écrit :\n\n{QUOTED}",
        BODY,
        [S, Q],
    ),
    "Proton, English": (
        f"{BODY}\n\nSent with Proton Mail secure email.\n\n------- Original Message -------\n"
        f"On Thursday, March 12th, 2026 at 10:11 AM, Ville <avis@ville.example> wrote:\n\n\n{QUOTED}",
        BODY,
        [S, Q],
    ),
    "Roundcube, French": (f"{BODY}\n\nLe 2026-03-12 10:11, Ville d'Exemple a écrit :\n\n{QUOTED}", BODY, [Q]),
    "SOGo": (f"{BODY}\n\nLe Jeudi, Mars 12, 2026 10:11 CET, Ville <avis@ville.example> a écrit:\n \n{OURS}", BODY, [Q]),
    "K-9": (
        f"{BODY}\n-- \nEnvoyé de mon appareil Android avec Courriel K-9 Mail. Veuillez excuser ma brièveté.",
        BODY,
        [S],
    ),
    "Fairphone, another program's brag": (f"{BODY}\n\nEnvoyé de mon /e/ Mail.", BODY, [S]),
    "Huawei": (f"{BODY}\n\nEnvoyé de mon téléphone Huawei\n\n-------- Message original --------\nDe : Ville <avis@ville.example>\nDate : jeu. 12 mars 2026 à 10:11\nÀ : anne@poste.example\nObjet : Votre avis\n{OURS}", BODY, [S, Q]),
    "answer below": (
        f"Le 12/03/2026 à 10:11, Ville d'Exemple a écrit :\n{QUOTED}\n\n{BODY}",
        BODY,
        [Q],
    ),
    "answers between": (
        "Le 12/03/2026 à 10:11, Ville a écrit :\n> Voulez-vous des bancs ?\n\nOui, devant l'école.\n\n> Et des arbres ?\n\nOui aussi !\n",
        "Oui, devant l'école.\n\nOui aussi !",
        [Q, Q],
    ),
    "a greeting above, answers between": (
        "Bonjour, mes réponses ci-dessous.\n\nLe 12/03/2026 à 10:11, Ville a écrit :\n> Des bancs ?\nOui.\n> Des arbres ?\nNon.",
        "Bonjour, mes réponses ci-dessous.\n\nOui.\n\nNon.",
        [Q, Q],
    ),
    "a quoted line that was wrapped on the way": (
        "D'accord.\n\nLe 12/03/2026 à 10:11, Ville a écrit :\n> Bonjour, votre message est bien arrivé, numéro 482 915 307. Une personne va\nle lire.\n> Merci.",
        "D'accord.",
        [Q],
    ),
    "a thread within a thread": (
        f"{BODY}\n\nLe 12/03/2026 à 10:11, Ville a écrit :\n> D'accord.\n>\n> Le 11/03/2026 à 9:00, Anne a écrit :\n>> Des bancs !\n",
        BODY,
        [Q],
    ),
    "closing and name": (f"{BODY}\n\nCordialement,\nAnne Le Gall", BODY, [S]),
    "closing with more words": (f"{BODY}\n\nBien cordialement.\n\nAnne Le Gall\n12 rue de Siam", BODY, [S]),
    "closing, formal": (f"{BODY}\n\nAvec mes salutations distinguées,\nAnne", BODY, [S]),
    "closing, then an afterthought": (
        f"{BODY}\n\nCordialement,\nAnne\n\nPS : et des arbres !",
        f"{BODY}\n\nCordialement,\nAnne\n\nPS : et des arbres !",
        [],
    ),
    "closing and quotation": (
        f"{BODY}\n\nCordialement\n\nAnne\n\nLe 12/03/2026 à 10:11, Ville a écrit :\n{QUOTED}",
        BODY,
        [S, Q],
    ),
    "confidentiality": (
        f"{BODY}\n\nCe message et toutes les pièces jointes sont confidentiels et établis à l'intention exclusive\nde ses destinataires.",
        BODY,
        [D],
    ),
    "an antivirus that brags": (
        f"{BODY}\n\n-- \nL'absence de virus dans ce courrier électronique a été vérifiée par le logiciel antivirus Avast.\nwww.avast.com",
        BODY,
        [S],
    ),
    "a footer about paper": (
        f"{BODY}\n\nPensez à l'environnement avant d'imprimer ce message !",
        BODY,
        [D],
    ),
    "forwarded by Gmail": (
        "Voici ce que dit ma voisine.\n\n---------- Forwarded message ---------\nDe : Rose <rose@poste.example>\n"
        "Date: jeu. 12 mars 2026 à 10:11\nSubject: Bancs\nTo: Anne <anne@poste.example>\n\nIl faut des bancs.",
        "Voici ce que dit ma voisine.",
        [F],
    ),
    "forwarded by Thunderbird": (
        "-------- Message transféré --------\nSujet : Bancs\nDate : Thu, 12 Mar 2026 10:11:12 +0100\nDe : Rose <rose@poste.example>\n"
        "Pour : Anne <anne@poste.example>\n\nIl faut des bancs.",
        "",
        [F],
    ),
    "forwarded by Apple Mail": (
        "Début du message transféré :\n\nDe: Rose <rose@poste.example>\nObjet: Bancs\nDate: 12 mars 2026 à 10:11:12 UTC+1\n\nIl faut des bancs.",
        "",
        [F],
    ),
    "English, Gmail": (
        f"Benches please.\n\nOn Thu, Mar 12, 2026 at 10:11 AM Town <town@ville.example> wrote:\n\n{QUOTED}",
        "Benches please.",
        [Q],
    ),
    "English, Outlook": (
        f"Benches please.\n\nFrom: Town <town@ville.example>\nSent: Thursday, March 12, 2026 10:11 AM\nTo: Ann\nSubject: Re: x\n\n{OURS}",
        "Benches please.",
        [Q],
    ),
    "English, telephone": ("Benches please.\n\nSent from my iPhone", "Benches please.", [S]),
    "English, closing": ("Benches please.\n\nKind regards,\nAnn", "Benches please.", [S]),
    "German": (f"Bänke bitte.\n\nAm 12.03.26 um 10:11 schrieb Stadt:\n{QUOTED}", "Bänke bitte.", [Q]),
    "Italian": (f"Panchine.\n\nIl giorno gio 12 mar 2026 alle ore 10:11 Comune <a@b.example> ha\nscritto:\n\n{QUOTED}", "Panchine.", [Q]),
    "Spanish": (f"Bancos.\n\nEl jue, 12 mar 2026 a las 10:11, Ciudad (<a@b.example>) escribió:\n\n{QUOTED}", "Bancos.", [Q]),
    "Portuguese": (f"Bancos.\n\nEm qui., 12 de mar. de 2026 às 10:11, Cidade <a@b.example> escreveu:\n\n{QUOTED}", "Bancos.", [Q]),
    "Arabic, without a verb we know": (
        f"مقاعد من فضلكم\n\nفي الخميس، 12 مارس 2026 في 10:11 ص تمت كتابة ما يلي بواسطة <a@b.example>:\n\n{QUOTED}",
        "مقاعد من فضلكم",
        [Q],
    ),
    "invisible marks in the attribution": (
        f"{BODY}\n\n\u200eLe 12 mars 2026 à 10:11, « Ville » <avis@ville.example> a\u00a0écrit\u00a0:\n{QUOTED}",
        BODY,
        [Q],
    ),
    "Windows line ends": (f"{BODY}\n\nLe 12/03/2026 à 10:11, Ville a écrit :\n{QUOTED}".replace("\n", "\r\n"), BODY, [Q]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "body", "aside"), THREADS.values(), ids=THREADS)
def test_threads(text: str, body: str, aside: list[AsideKind]) -> None:
    split = split_reply(text)
    assert split.body == body
    assert [one.kind for one in split.aside] == aside


PROSE = [
    "Le maire a écrit en 2019 :\n\nles bancs seront remplacés. Ils ne le sont pas.",
    "De : la part de tous les voisins\nÀ qui de droit : il faut des bancs.",
    "Date : mardi\nLieu : place de la Liberté\nIl y avait trop de bruit.",
    "Ce message est pour dire que le square est sale.\nMerci.",
    "Ce courrier vient de tout l'immeuble. Nous voulons des bancs.",
    "Pensez à l'environnement ! Plantez des arbres.",
    "Respectez l'environnement : moins de voitures.",
    "Avertissement : la chaussée est glissante devant l'école.",
    "Important : le passage piéton de la rue Jean-Jaurès est effacé.",
    "Mes propositions\n-----\n1. des bancs\n2. des arbres\n-----\nMerci",
    "- des bancs\n- des arbres\n- moins de bruit",
    "-- des bancs\n-- des arbres",
    "Envoyé de bon cœur par toute la famille. Nous voulons des bancs, et vite.",
    "Sent from the heart. We want benches, it is time.",
    "Cordialement vôtre, je demande des bancs depuis trois ans et personne ne répond à mes lettres.",
    "Horaires du bus :\n8:15 trop tôt\n9:15 trop tard\nil faudrait 8:45 :\nmerci",
    "Le 14 juillet à 23:30 il y avait encore du bruit. Le lendemain aussi :\ndes motos.",
    "Best\n\nLe meilleur parc est celui de Kerinou, il faut le garder tel quel avec ses grands arbres et ses allées de terre battue.",
    "Objet : bancs\nIl faut des bancs.",
    "Virus ou pas, ouvrez la piscine.",
]


@pytest.mark.parametrize("text", PROSE)
def test_prose_is_left_alone(text: str) -> None:
    split = split_reply(text)
    assert (split.body, split.aside) == (text, ())


def squeezed(text: str) -> str:
    return "".join(sorted("".join(text.split())))


visible = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp")), max_size=80)
lines = st.lists(
    st.one_of(
        visible,
        st.sampled_from(
            ["> oui", "-- ", "Cordialement", "Le 12/03/2026 à 10:11, Ville a écrit :", "De : a@b.example", "Envoyé : 12 mars",
             "Objet : x", "-----Message d'origine-----", "________________", "Envoyé de mon iPhone", "", ">", "PS : x"]
        ),  # fmt: skip
    ),
    max_size=25,
)


@given(lines)
def test_every_character_is_kept_somewhere(written: list[str]) -> None:
    text = "\n".join(written)
    split = split_reply(text)
    kept = split.body + "".join(one.text for one in split.aside)
    assert squeezed(kept) == squeezed(text)


HOSTILE = {
    "one endless line": "a" * 2_000_000,
    "endless blanks": " " * 2_000_000,
    "endless quotation marks": "> " * 500_000,
    "endless empty lines": "\n" * 500_000,
    "many attributions that do not end": "Le 12/03/2026 à 10:11, a a a a a a a a a\n" * 20_000,
    "many verbs": ("1 " + "a écrit " * 45 + "\n") * 5_000,
    "many headers": "De : a@b.example\n" * 30_000,
    "many labels": ("De : " * 150 + "\n") * 3_000,
    "many separators": "-----\n" * 100_000,
    "many closings": "Cordialement,\nAnne\n" * 30_000,
    "many footers": "Ce message est ici\n" * 50_000,
    "many addresses": ("1:11 2026 " + "a@b " * 90 + ":\n") * 5_000,
    "many dates": ("On " + "12 mars 2026 10:11 " * 20 + "\n") * 5_000,
    "many telephones": ("Envoyé de " + "x " * 40 + "\n") * 20_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_takes_seconds_at_most(text: str) -> None:
    started = time.process_time()
    split_reply(text)
    assert time.process_time() - started < 5
