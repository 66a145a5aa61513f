"""What is set apart, each kind with its proof and without it; and what stays, marked or not."""

from email.message import EmailMessage

import pytest

from channels.email.doubts import parsing_doubts
from channels.email.mime.problems import MailProblem
from channels.email.parse import Mail, parse_mail
from channels.email.patterns import attributions, closings, device_lines
from channels.email.reply.evidence import AsideKind, Evidence, PassageKind
from channels.email.reply.evidence_table import ANY, KINDS
from inbox.web.base.labels import ASIDES, EVIDENCES, PASSAGES

ABOVE, BELOW = "Il manque un banc rue de Siam.", "Votre dévouée voisine attend."
F, Q, S = PassageKind.FORWARDED, PassageKind.PERHAPS_QUOTE, PassageKind.PERHAPS_SIGNATURE
OUT, FOOT = PassageKind.STANDS_OUT, PassageKind.PERHAPS_FOOTER
SENT = "Ville &lt;avis@ville.example&gt;"


def written(text: str, subject: str = "Mon avis", html: str = "") -> Mail:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "anne@poste.example", "avis@ville.example", subject
    if text:
        mail.set_content(text, cte="8bit")
    if html and text:
        mail.add_alternative(html, subtype="html")
    elif html:
        mail.set_content(html, subtype="html")
    return parse_mail(mail.as_bytes())


def marked(mail: Mail) -> list[tuple[PassageKind, str]]:
    return [(one.kind, mail.body[one.start : one.end]) for one in mail.passages]


EXAMPLES = [
    (evidence, language, example) for evidence, kind in KINDS.items() for language, example in kind.examples.items()
]


def as_mail(example: str, subject: str) -> Mail:
    if example.startswith("<"):
        return written("", subject, f"<p>{ABOVE}</p>{example}")
    return written(f"{ABOVE}\n\n{example}\n", subject)


@pytest.mark.parametrize(("evidence", "language", "example"), EXAMPLES, ids=[f"{one[0]} {one[1]}" for one in EXAMPLES])
def test_an_example_of_the_table(evidence: Evidence, language: str, example: str) -> None:
    mail = as_mail(example, "Fwd: x" if evidence is Evidence.FORWARD_HEAD else "Re: x")
    assert [(one.kind, one.evidence) for one in mail.aside] == [(KINDS[evidence].sets_apart, evidence)]
    assert mail.body == ABOVE
    if KINDS[evidence].needs == ANY:  # what proves it is where it stands: in the middle of a letter it stays
        stays = written(f"{ABOVE}\n{example.strip()}\n{BELOW.lower()}", "Re: x")
    else:
        stays = as_mail(example, "x")
    if evidence is not Evidence.FORWARD_HEAD:
        assert stays.aside == ()


def test_the_table_and_the_labels_know_every_kind() -> None:
    assert set(KINDS) == set(Evidence)
    assert set(EVIDENCES) == {one.value for one in Evidence}
    assert set(PASSAGES) == {one.value for one in PassageKind}
    assert set(ASIDES) >= {one.value for one in AsideKind}


KNOWN = {
    Evidence.ATTRIBUTION: (
        attributions.WROTE,
        {
            "de": "Am 12.03.2026 um 10:11 schrieb Stadt <a@b.example>:",
            "es": "El 12/03/2026 a las 10:11, x <a@b.example> escribió:",
            "it": "Il 12/03/2026 10:11, x <a@b.example> ha scritto:",
            "nl": "Op 12-03-2026 om 10:11 schreef x <a@b.example>:",
            "pt": "Em 12/03/2026 10:11, x <a@b.example> escreveu:",
            "pl": "12.03.2026 10:11 x <a@b.example> napisał:",
            "cs": "12.03.2026 10:11, x <a@b.example> napsal(a):",
            "da": "Den 12.03.2026 10:11 skrev x <a@b.example>:",
            "no": "Den 12.03.2026 10:11, skrev x <a@b.example>:",
            "sv": "Den 12.03.2026 kl 10:11 skrev x <a@b.example>:",
            "fi": "12.03.2026 10:11, x <a@b.example> kirjoitti:",
            "hu": "2026.03.12 10:11, x <a@b.example> írta:",
            "ro": "La 12.03.2026 10:11, x <a@b.example> a scris:",
            "ru": "12.03.2026 10:11, x <a@b.example> написал:",
            "uk": "12.03.2026 10:11, x <a@b.example> пише:",
            "tr": "12.03.2026 10:11, x <a@b.example> yazdı:",
        },
    ),
    Evidence.DEVICE: (
        device_lines.DEVICE,
        {
            "de": "Von meinem iPhone gesendet",
            "es": "Enviado desde mi iPhone",
            "it": "Inviato da iPhone",
            "nl": "Verzonden vanaf mijn iPhone",
            "pt": "Enviado do meu iPhone",
            "da": "Sendt fra min iPhone",
            "sv": "Skickat från min iPhone",
        },
    ),
    Evidence.CLOSING: (
        closings.CLOSING,
        {
            "de": "Mit freundlichen Grüßen",
            "es": "Un saludo",
            "it": "Cordiali saluti",
            "nl": "Met vriendelijke groet",
            "da": "Med venlig hilsen",
            "pl": "Pozdrawiam",
        },
    ),
    Evidence.FORWARD_HEAD: (
        attributions.SEPARATOR,
        {
            "de": "-------- Weitergeleitete Nachricht --------",
            "es": "---------- Mensaje reenviado ---------",
            "it": "---------- Messaggio inoltrato ---------",
        },
    ),
    Evidence.HEAD: (
        attributions.LABEL,
        {
            "de": "Von: x",
            "es": "Enviado el: x",
            "it": "Oggetto: x",
            "nl": "Verzonden: x",
            "pt": "Assunto: x",
            "pl": "Temat: x",
            "da": "Emne: x",
            "no": "Fra: x",
            "sv": "Från: x",
            "fi": "Lähettäjä: x",
            "ru": "Тема: x",
        },
    ),
}


@pytest.mark.parametrize("evidence", Evidence)
def test_the_table_names_the_languages_whose_words_are_known(evidence: Evidence) -> None:
    pattern, words = KNOWN.get(evidence, (attributions.WROTE, {}))
    assert set(KINDS[evidence].also) == set(words)
    assert [language for language, word in words.items() if not pattern.match(word)] == []


# --- answers ------------------------------------------------------------------------------------
HEAD = (
    "<b>De :</b> Ville &lt;avis@ville.example&gt;<br><b>Envoyé :</b> lundi 2 mars 2026 10:12<br><b>À :</b> moi<br>"
    "<b>Objet :</b> Avis<br>"
)
PAGES: dict[str, tuple[str, str, list[tuple[PassageKind, str]]]] = {
    "a rule stuck to the text": (
        f"<div>Le marché finit trop tôt.<hr>{HEAD}<br>Et quand ?</div>",
        "Le marché finit trop tôt.",
        [],
    ),
    "a rule between ideas": ("Un banc<hr>une fontaine<hr>un arbre", "Un banc une fontaine un arbre", []),
    "words after a quotation": (
        '<div>Oui<blockquote type="cite">Un banc ?</blockquote>mais à l\'ombre<p>Anne</p></div>',
        "Oui mais à l'ombre Anne",
        [],
    ),
    "words around a nested quotation": (
        '<blockquote type="cite">a<blockquote type="cite">b</blockquote>c</blockquote>Non.',
        "Non.",
        [],
    ),
    "moved in, as Gmail does": (
        '<div>Idées :<blockquote class="gmail_quote" style="margin:0 0 0 40px;border:none;padding:0px">un banc'
        "</blockquote>Merci</div>",
        "Idées : un banc Merci",
        [],
    ),
    "moved in, without a style": ("<p>Idées :</p><blockquote><p>un banc</p></blockquote>", "Idées : un banc", []),
    "in red": (
        '<p>Mes réponses en rouge</p><blockquote type="cite"><p>Des bancs ?</p><p>'
        '<span style="color:#ff0000">Oui, rue Foch'
        '</span></p><p>Des arbres ?<br><font color="red">Non</font></p></blockquote>',
        "Mes réponses en rouge Oui, rue Foch Non",
        [(OUT, "Oui, rue Foch"), (OUT, "Non")],
    ),
    "in blue below a head, in the line of the question": (
        f'<p>En bleu :</p><hr>{HEAD}<p>Votre âge ? <span style="color: rgb(0, 0, 200)">73 ans</span></p>',
        "En bleu : 73 ans",
        [(OUT, "73 ans")],
    ),
    "marked with a pen": (
        '<p>Voir</p><blockquote type="cite">Un banc ?<br><span style="background:yellow">oui</span></blockquote>',
        "Voir oui",
        [(OUT, "oui")],
    ),
    "in bold": (
        f"<p>Voir</p><p>Le 02/03/2026 à 10:12, {SENT} a écrit :</p><blockquote>Un banc ?<br><b>oui</b></blockquote>",
        "Voir oui",
        [(OUT, "oui")],
    ),
    "all in one colour": (
        '<div style="color:#1F497D"><p>Oui</p><blockquote type="cite"><p>Un banc ?</p></blockquote></div>',
        "Oui",
        [],
    ),
    "a link stands out for no one": (
        '<p>Oui</p><blockquote type="cite">Lisez <a style="color:blue" href="https://x.example">ceci</a></blockquote>',
        "Oui",
        [],
    ),
    "a written-out entity": ("<p>Siam &amp;amp; Foch &amp; Jaurès</p>", "Siam &amp; Foch & Jaurès", []),
}


@pytest.mark.parametrize(("page", "body", "passages"), PAGES.values(), ids=PAGES)
def test_a_page_that_answers(page: str, body: str, passages: list[tuple[PassageKind, str]]) -> None:
    mail = written("", "Re: Avis", f"<html><body>{page}</body></html>")
    assert " ".join(mail.body.split()) == body
    assert marked(mail) == passages
    words = [word for one in mail.aside for word in one.text.split()]
    assert not {"Oui", "Oui,", "oui", "Non", "Non.", "mais", "Idées"} & set(words)
    assert (MailProblem.STANDS_OUT in parsing_doubts(mail)) is bool(passages)


def test_an_answer_in_colour_is_read_from_the_page_beside_the_text() -> None:
    plain = "Mes réponses en rouge\n\nLe 02/03/2026 à 10:12, Ville <avis@ville.example> a écrit :\n> Des bancs ?\n> Oui"
    assert written(plain, "Re: Avis", PAGES["in red"][0]).body.split() == PAGES["in red"][1].split()


ATTRIBUTION = "Le 12/03/2026 à 10:11, Ville <avis@ville.example> a écrit :"
ANSWERED: dict[str, tuple[str, str, list[tuple[PassageKind, str]]]] = {
    "Zoho": (
        "Oui.\n\n---- On Thu, 12 Mar 2026 10:11:12 +0100 Ville <avis@ville.example> wrote ----\n\nUn banc ?",
        "Oui.",
        [],
    ),
    "Zoho, French": (
        "Oui.\n\n---- Le jeu., 12 mars 2026 10:11:12 +0100 Ville <avis@ville.example> a écrit ----\nUn banc ?",
        "Oui.",
        [],
    ),
    "a star and the date in brackets": (
        "Oui.\n\n* Ville <avis@ville.example> [2026-03-12 10:11]:\n> Un banc ?",
        "Oui.",
        [],
    ),
    "no date, wrapped": (
        "Oui.\n\nVille d'Exemple, service de la participation <\navis@ville.example> a écrit :\n> Un banc ?",
        "Oui.",
        [],
    ),
    "no date, no address": ("Oui.\n\nVille d'Exemple a écrit :\n\n> Un banc ?", "Oui.", []),
    "wrapped in its date": (
        "Oui.\n\nLe lun. 2\nmars 2026 à 10:12, Ville\n<avis@ville.example> a\nécrit :\n> Un banc ?",
        "Oui.",
        [],
    ),
    "the verb alone in its line": (
        "Oui.\n\nOn Mon, Mar 2, 2026 at 10:12 AM Town <a@b.example>\nwrote:\n> Un banc ?",
        "Oui.",
        [],
    ),
    "a folded subject": (
        "Oui.\n\n-----Message d'origine-----\nDe : Ville <avis@ville.example>\n"
        "Objet : La consultation sur les rues et\n"
        "  les places de notre ville\n\n> Un banc ?",
        "Oui.",
        [],
    ),
    "in one line with what it quotes": (f"Oui.\n\n{ATTRIBUTION}   Un banc ?\nUne fontaine ?", "Oui.", []),
    "what somebody was told": (
        "Non.\n\nLe 12 mars 2026 à 10:30, la mairie nous a écrit :\n> lundi\nRien n'a commencé.",
        "Non. Le 12 mars 2026 à 10:30, la mairie nous a écrit : > lundi Rien n'a commencé.",
        [(Q, "> lundi")],
    ),
    "marks without an attribution": (
        "Mes idées :\n> un banc\n> un arbre",
        "Mes idées : > un banc > un arbre",
        [(Q, "> un banc\n> un arbre")],
    ),
    "an answer between two quoted lines": (
        f"{ATTRIBUTION}\n> Faut-il planter plus d'arbres dans le quartier de Kerinou cette année ?\nOui\n"
        f"> Et des bancs ?",
        "Oui",
        [(Q, "Oui")],
    ),
    "a typed head": (
        "De : Mme Riou\nÀ : M. le Maire\nObjet : bruit\n\nJe ne dors plus.",
        "De : Mme Riou À : M. le Maire Objet : bruit Je ne dors plus.",
        [(Q, "De : Mme Riou\nÀ : M. le Maire\nObjet : bruit\n\nJe ne dors plus.")],
    ),
    "hours": (
        "Le mercredi :\nDe : 12h\nÀ : 20h\nObjet : natation\nMerci",
        "Le mercredi : De : 12h À : 20h Objet : natation Merci",
        [(Q, "De : 12h\nÀ : 20h\nObjet : natation\nMerci")],
    ),
    "below what the telephone says": (
        "Oui.\n\nEnvoyé de mon iPhone\n\nEt une fontaine.",
        "Oui. Et une fontaine.",
        [(Q, "Et une fontaine.")],
    ),
}


@pytest.mark.parametrize(("text", "body", "passages"), ANSWERED.values(), ids=ANSWERED)
def test_an_answer(text: str, body: str, passages: list[tuple[PassageKind, str]]) -> None:
    mail = written(text, "Re: Avis")
    assert " ".join(mail.body.split()) == body
    assert marked(mail) == passages


# --- forwarded ----------------------------------------------------------------------------------
GMAIL = (
    "---------- Forwarded message ---------\nDe : Rose <rose@poste.example>\nDate: dim. 2 mars 2026 à 17:08\n"
    "Subject: {}\nTo: Anne <anne@poste.example>\n\n"
)
FORWARDED: dict[str, tuple[str, str, str, list[tuple[PassageKind, str]]]] = {
    "a note above": (
        "Fwd: car",
        f"C'est pour ma mère.\n\n{GMAIL.format('car')}Le car ne passe plus.",
        "C'est pour ma mère. Le car ne passe plus.",
        [(F, "Le car ne passe plus.")],
    ),
    "without a word": (
        "Tr: car",
        "Début du message transféré :\n\n> De: Rose <r@poste.example>\n> Date: 2 mars 2026 à 18:40\n> Objet: car\n"
        "> \n> Le car ne passe plus.",
        "Le car ne passe plus.",
        [(F, "Le car ne passe plus.")],
    ),
    "as Outlook does": (
        "TR: car",
        "Voir ci-dessous.\n\nDe : Rose <r@poste.example>\nEnvoyé : lundi 2 mars 2026 10:12\nÀ : Anne\n"
        "Objet : car\n\nLe car ne passe plus.",
        "Voir ci-dessous. Le car ne passe plus.",
        [(F, "Le car ne passe plus.")],
    ),
    "of a letter with its signature": (
        "Fwd: car",
        f"{GMAIL.format('car')}Le car ne passe plus.\n\nCordialement,\nRose Riou",
        "Le car ne passe plus.",
        [(F, "Le car ne passe plus.")],
    ),
    "of an answer": (
        "Fwd: car",
        f"{GMAIL.format('Re: car')}Il passe à 8 h.\n\n{ATTRIBUTION}\n> Quand ?",
        "Il passe à 8 h.",
        [(F, "Il passe à 8 h.")],
    ),
    "of a letter with what it cites": (
        "Fwd: car",
        f"{GMAIL.format('car')}Mes souhaits :\n> un car",
        "Mes souhaits : > un car",
        [(F, "Mes souhaits :\n> un car")],
    ),
    "in an answer": (
        "Re: Avis",
        f"Ma voisine dit :\n\n{GMAIL.format('car')}Le car ne passe plus.",
        "Ma voisine dit : Le car ne passe plus.",
        [(F, "Le car ne passe plus.")],
    ),
    "with a long subject, folded": (
        "Fwd: car",
        f"{GMAIL.format('Le car du jeudi qui ne passe plus')}".replace("passe plus", "passe\n plus") + "Il manque.",
        "Il manque.",
        [(F, "Il manque.")],
    ),
    "hours, in what is called forwarded": (
        "Tr: piscine",
        "Le mercredi :\nDe : 12h\nÀ : 20h\nObjet : natation",
        "Le mercredi : De : 12h À : 20h Objet : natation",
        [],
    ),
    "a rule of somebody's own": (
        "Mot",
        "Un mot :\n\n-------- Message transféré --------\nLa rue est sombre.",
        "Un mot : -------- Message transféré -------- La rue est sombre.",
        [],
    ),
}


@pytest.mark.parametrize(("subject", "text", "body", "passages"), FORWARDED.values(), ids=FORWARDED)
def test_a_forwarded_message(subject: str, text: str, body: str, passages: list[tuple[PassageKind, str]]) -> None:
    mail = written(text, subject)
    assert " ".join(mail.body.split()) == body
    assert marked(mail) == passages
    assert (MailProblem.FORWARDED in mail.problems) is bool(passages)


def test_a_note_and_the_message_attached_to_it_are_both_the_text() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "anne@poste.example", "Ma voisine"
    mail.set_content("Elle n'a pas votre adresse.")
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "rose@poste.example", "banc"
    inner.set_content("Remettez le banc.")
    mail.add_attachment(inner)
    parsed = parse_mail(mail.as_bytes())
    assert parsed.body == "Elle n'a pas votre adresse.\n\nRemettez le banc."
    assert marked(parsed) == [(F, "Remettez le banc.")]


# --- endings ------------------------------------------------------------------------------------
ENDINGS: dict[str, tuple[str, list[tuple[PassageKind, str]]]] = {
    "Cordialement,\nAnne Le Gall": ("", []),
    "Bien cordialement\nM. et Mme Riou\n12 rue du Four\n29200 Brest\n06 39 98 00 01": ("", []),
    "Je vous prie d'agréer, Madame la Maire, l'expression de mes sentiments distingués.": ("", []),
    "Veuillez recevoir, Monsieur, mes salutations\ndistinguées.\nA. Person": ("", []),
    "Yours sincerely,\nAnn Jones": ("", []),
    "-- \nAnne Le Gall\nanne@poste.example": ("", []),
    "Cordialement": ("Cordialement", [(S, "Cordialement")]),
    "Cordialement,\nAnne\nun banc aussi": ("Cordialement,\nAnne\nun banc aussi", []),
    "Cordialement,\nAnne\nFleurs et musique": (
        "Cordialement,\nAnne\nFleurs et musique",
        [(S, "Cordialement,\nAnne\nFleurs et musique")],
    ),
    "Bon courage à vous.\n\nCordialement,\nAnne Riou": ("Bon courage à vous.", [(S, "Bon courage à vous.")]),
    "--\nFontaine": ("--\nFontaine", [(S, "--\nFontaine")]),
    "--\nAnne Riou": ("", []),
    "--\nUne fontaine": ("--\nUne fontaine", []),
    "-- \nAnne\n« La mer est à nous »": ("-- \nAnne\n« La mer est à nous »", [(S, "-- \nAnne\n« La mer est à nous »")]),
    "Envoyé de mon iPhone": ("", []),
    "Envoyé depuis mon téléphone parce que l'ordinateur est cassé": (
        "Envoyé depuis mon téléphone parce que l'ordinateur est cassé",
        [],
    ),
    "Transmis par courrier": ("Transmis par courrier", [(S, "Transmis par courrier")]),
    "Envoyé par la Poste": ("Envoyé par la Poste", [(S, "Envoyé par la Poste")]),
    "Envoyé de mon balcon": ("Envoyé de mon balcon", [(S, "Envoyé de mon balcon")]),
    "Sent from Outlook for Android": ("", []),
    "Ce courriel est confidentiel. Si vous n'en êtes pas le destinataire, veuillez le supprimer.": ("", []),
    "Ce message est confidentiel et pour son seul destinataire, mais le trottoir de la rue Foch est cassé.": (
        "Ce message est confidentiel et pour son seul destinataire, mais le trottoir de la rue Foch est cassé.",
        [
            (
                FOOT,
                "Ce message est confidentiel et pour son seul destinataire, mais le trottoir de la rue Foch est cassé.",
            )
        ],
    ),
    "Ce courriel est confidentiel : mon voisin ne doit pas le lire.": (
        "Ce courriel est confidentiel : mon voisin ne doit pas le lire.",
        [(FOOT, "Ce courriel est confidentiel : mon voisin ne doit pas le lire.")],
    ),
    "Pensez à l'environnement avant d'imprimer ce message.": ("", []),
    "Pensez à l'environnement avant d'imprimer vos affiches !": (
        "Pensez à l'environnement avant d'imprimer vos affiches !",
        [(FOOT, "Pensez à l'environnement avant d'imprimer vos affiches !")],
    ),
}


@pytest.mark.parametrize("subject", ["Mon avis", "Re: Votre avis"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ending(ending: str, subject: str) -> None:
    stays, passages = ENDINGS[ending]
    mail = written(f"{ABOVE}\n\n{ending}", subject)
    assert mail.body == f"{ABOVE}\n\n{stays}".strip()
    assert marked(mail) == passages


# --- doubts -------------------------------------------------------------------------------------
DOUBTS: dict[str, tuple[str, str, tuple[MailProblem, ...]]] = {
    "a letter": ("Mon avis", "Il faut un banc rue de Siam.\n\nCordialement,\nAnne Riou", ()),
    "more is quoted than said": (
        "Re: Avis",
        f"Oui.\n\n{ATTRIBUTION}\n> {'Que pensez-vous des bancs ? ' * 5}",
        (MailProblem.MORE_APART,),
    ),
    "a telephone's line is nobody's": ("Mon avis", "Oui\n\nEnvoyé de mon iPhone", ()),
    "a long footer": ("Mon avis", f"Oui.\n\n{KINDS[Evidence.BOILERPLATE].examples['fr']}", (MailProblem.MORE_APART,)),
    "a greeting": ("Mon avis", "Bonjour,", (MailProblem.ONLY_GREETING,)),
    "a greeting to several": ("Mon avis", "Bonjour Madame la Maire, bonjour à tous !", (MailProblem.ONLY_GREETING,)),
    "an English greeting": ("My view", "Dear Mrs Smith,", (MailProblem.ONLY_GREETING,)),
    "a greeting above a quotation": (
        "Re: Avis",
        f"Bonjour,\n\n{ATTRIBUTION}\n> Un banc ?",
        (MailProblem.MORE_APART, MailProblem.ONLY_GREETING),
    ),
    "a greeting and a word": ("Mon avis", "Bonjour, un banc", ()),
}


@pytest.mark.parametrize(("subject", "text", "doubts"), DOUBTS.values(), ids=DOUBTS)
def test_when_a_person_is_told(subject: str, text: str, doubts: tuple[MailProblem, ...]) -> None:
    assert parsing_doubts(written(text, subject)) == doubts


def test_a_text_without_any_header_counts_as_an_answer() -> None:
    text = f"Oui.\n\n{ATTRIBUTION}\n> Un banc ?"
    assert parse_mail(f"\n\n{text}".encode()).body == "Oui."
    assert parse_mail(f"Subject: Bancs\n\n{text}".encode()).body == text
