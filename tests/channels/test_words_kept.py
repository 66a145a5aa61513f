"""Letters in odd shapes: what somebody wrote stays in the text, or a person is told."""

import base64
from email.message import EmailMessage
from pathlib import Path

import pytest

from channels.email.mime.problems import MailProblem
from channels.email.parse import parse_mail
from config.enums import NotContribution
from gateway.intake.contribute import NewPart
from gateway.reading.mail_parts import mail_parts

OURS = ("In-Reply-To", "<receipt.482915307.1@ville.example>")


def read(raw: bytes, tmp_path: Path) -> NewPart:
    (part,) = mail_parts(parse_mail(raw), tmp_path)
    return part


def letter(text: str = "", subject: str = "Mon avis", html: str = "", *headers: tuple[str, str]) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "anne@poste.example", "avis@ville.example", subject
    for name, value in headers:
        mail[name] = value
    mail.set_content(html or text, subtype="html" if html else "plain", cte="8bit")
    return mail.as_bytes()


# --- what reads like an ending, and is what is said -----------------------------------------------
NO_ENDINGS = [
    "Voici des noms pour la nouvelle place :\n\nCordialement\n\nSimone Veil",
    "Des noms pour la place, ci-dessous, et bon courage pour le choix entre toutes.\n\nCordialement\n\nSimone Veil",
    "My wishes for the new market, as follows, if it can be done this year or next.\n\nBest\nSaturday Morning",
    "Je propose pour l'école, au choix des enfants et des maîtresses.\n\n--\nRosa Parks\nLouise Michel",
    "Je propose pour l'école, au choix des enfants et des maîtresses.\n\n-- \nRosa Parks\nLouise Michel",
    "Un banc, dont nous parlons depuis des années rue Foch.\n\nCordialement,\nAnne Riou\n\nPiste Cyclable",
    "Un banc, dont nous parlons depuis des années rue Foch.\n\nCordialement,\nAnne Riou\nRiveraine opposée au parking",
    "Un banc, dont nous parlons depuis des années rue Foch.\n\nBien à vous,\nAnne Riou\n06 39 98 00 01\n\nAbri Couvert",
    "Bonjour à toute la mairie, bonne année.\n\nTout courrier de la mairie contenant des informations confidentielles "
    "est distribué aux mauvais destinataires.",
    "La cantine de l'école est chère.\n\nPour se désabonner de la cantine il faut que cela soit possible sur "
    "www.brest.example et pas seulement au guichet.",
    "Le stationnement rue Foch est cher.\n\nPour se désabonner du parking, cliquez partout : rien ne marche.",
    "Une idée pour la rue du Four.\n\nVous recevez ce message car vous êtes inscrite sur la liste des élus : réparez.",
    "Nous étions tous malades, et la piscine est fermée depuis.\n\nSans virus.",
]


@pytest.mark.parametrize("text", NO_ENDINGS)
@pytest.mark.parametrize("subject", ["Mon avis", "Re: Votre avis"])
def test_it_stays(text: str, subject: str, tmp_path: Path) -> None:
    part = read(letter(text, subject), tmp_path)
    assert part.body is not None
    assert part.body.split() == text.split()


ENDINGS = [
    "Cordialement,\nAnne Riou",
    "Cordialement,\nAnne Riou\nMaison Bleue\n02 98 00 00 00",
    "Pour se désabonner, cliquez ici",
    "Pour vous désabonner de cette liste, envoyez un courriel à liste-off@ville.example.",
    "To unsubscribe from this list: send an email to x@y.example",
    "Vous recevez ce courriel parce que vous êtes abonnée à notre lettre d'information.",
    "Garanti sans virus. www.antivirus.example",
    "Sans virus. https://www.antivirus.example/sig",
]


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ending_still_ends(ending: str, tmp_path: Path) -> None:
    assert read(letter(f"Un banc rue Foch.\n\n{ending}"), tmp_path).body == "Un banc rue Foch."


# --- subjects -------------------------------------------------------------------------------------
SUBJECTS = {
    "a greeting below it": ("Un banc rue Foch", "Bonjour,", "Un banc rue Foch\n\nBonjour,"),
    "thanks below it": ("Un banc rue Foch svp", "Merci !", "Un banc rue Foch svp\n\nMerci !"),
    "a letter's frame": (
        "A bench, please",
        "Hello,\n\nThanks in advance",
        "A bench, please\n\nHello,\n\nThanks in advance",
    ),
    "a pointer to it": ("Un banc rue Foch", "Voir objet", "Un banc rue Foch\n\nVoir objet"),
    "dots": ("Un banc rue Foch", "...", "Un banc rue Foch\n\n..."),
    "a signature": ("Un banc rue Foch", "Cordialement,\nAnne Riou", "Un banc rue Foch\n\nCordialement,\nAnne Riou"),
    "its end": ("Je voudrais un banc", "devant la poste.", "Je voudrais un banc\n\ndevant la poste."),
    "of a mail that answers": ("Re: Votre avis sur les bancs", "Bonjour,", "Bonjour,"),
    "words of weight": ("Une demande", "Un banc rue Foch", "Un banc rue Foch"),
    "a name": ("Pour le square", "Rosa Parks", "Rosa Parks"),
}


@pytest.mark.parametrize(("subject", "text", "body"), SUBJECTS.values(), ids=SUBJECTS)
def test_what_is_said_in_the_subject(subject: str, text: str, body: str, tmp_path: Path) -> None:
    assert read(letter(text, subject), tmp_path).body == body


# --- answers among what is quoted -----------------------------------------------------------------
QUOTED = "Le 12 mars 2026 à 10:12, Ville <avis@ville.example> a écrit :\n> Un banc ?\n> Une fontaine ?"
LONG = (
    "Bonjour, merci d'avoir pensé à nous autres qui habitons loin du centre et prenons le bus chaque matin avec peine. "
)
POINTERS = [
    "Mes réponses sont dans votre message.",
    "Je vous réponds point par point ci-dessous.",
    "Voir plus bas.",
    "Mes remarques en majuscules dans le texte.",
    "Please see my answers below.",
    "My comments are in red.",
]


@pytest.mark.parametrize("pointer", POINTERS)
def test_who_points_to_answers_within_a_quotation_is_heard(pointer: str, tmp_path: Path) -> None:
    part = read(letter(f"{LONG}{pointer}\n\n{QUOTED}", "Re: Votre avis"), tmp_path)
    assert part.needs_person == MailProblem.ANSWERS_WITHIN.value
    assert read(letter(f"{LONG}\n\n{QUOTED}", "Re: Votre avis"), tmp_path).needs_person is None


@pytest.mark.parametrize("answer", ["> OUI", "> NON MERCI", "> C'EST TROP CHER", ">> OUI, RUE FOCH"])
def test_answers_in_capitals_below_a_question_are_told(answer: str, tmp_path: Path) -> None:
    above = "Le 12 mars 2026 à 10:12, Ville <avis@ville.example> a écrit :\n> Un banc ?\n"
    part = read(letter(f"{LONG}\n\n{above}{answer}", "Re: Votre avis"), tmp_path)
    assert part.needs_person == MailProblem.ANSWERS_WITHIN.value
    part = read(letter(f"{LONG}\n\n{above}{answer.capitalize().lower()}", "Re: Votre avis"), tmp_path)
    assert part.needs_person is None


def test_a_quotation_of_the_writers_is_told_from_a_programs(tmp_path: Path) -> None:
    page = "<p>La charte dit :</p><blockquote class='wp-block-quote'>Planter trente arbres</blockquote>"
    assert "Planter trente arbres" in (read(letter("", "Re: Charte", page), tmp_path).body or "")
    page = page.replace("wp-block-quote", "gmail_quote")
    assert "Planter trente arbres" not in (read(letter("", "Re: Charte", page), tmp_path).body or "")


RULED_OFF = [
    "--- Message original ---\nJe rappelle mon message : il faut un abri.",
    "*****\nDe : moi\nPour : vous\nObjet : abri\n\nUn abri svp.",
    "-- Message initial --\n\nLe message initial du panneau est effacé.",
]


@pytest.mark.parametrize("text", RULED_OFF)
def test_what_a_writer_rules_off_stays(text: str, tmp_path: Path) -> None:
    whole = f"{LONG}\n\n{text}"
    assert (read(letter(whole, "Re: Votre avis"), tmp_path).body or "").split() == whole.split()


# --- machines -------------------------------------------------------------------------------------
ABSENCES = ["Congés du gardien", "Absence : le bus du jeudi", "Vacation camps", "On holiday buses"]


@pytest.mark.parametrize("subject", ABSENCES)
def test_our_receipt_carries_the_residents_subject_and_so_does_the_next_answer(subject: str, tmp_path: Path) -> None:
    assert read(letter("Et un banc.", f"Re: {subject}", "", OURS), tmp_path).not_contribution is None
    machine = read(letter("Je suis absent.", "Absence du bureau : Re: Mon avis", "", OURS), tmp_path)
    assert machine.not_contribution is NotContribution.AUTOMATIC_REPLY


RESIDENTS_SUBJECTS = ["Spam dans ma boîte aux lettres", "Un virus à l'école", "Projet rejected by the council"]


@pytest.mark.parametrize("subject", RESIDENTS_SUBJECTS)
def test_a_path_that_a_server_left_out_makes_no_report_of_a_residents_subject(subject: str, tmp_path: Path) -> None:
    raw = letter("Un banc.", subject, "", ("Return-Path", "<>"))
    assert read(raw, tmp_path).not_contribution is None
    by_system = raw.replace(b"anne@poste.example", b"postmaster@poste.example")
    assert read(by_system, tmp_path).not_contribution is NotContribution.BOUNCE


# --- parts ----------------------------------------------------------------------------------------
HEAD = b"From: anne@poste.example\nSubject: Avis\nMIME-Version: 1.0\n"
TEXT, PAGE = b"Content-Type: text/plain; charset=utf-8\n\n", b"Content-Type: text/html; charset=utf-8\n\n"
LETTER = "Un banc à l'école, une fontaine rue Foch et moins de voitures le matin."
CODE = base64.b64encode(LETTER.encode())


def parts(kind: str, *pieces: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    body = b"".join(b"--b\n" + piece + b"\n" for piece in pieces)
    return HEAD + f"Content-Type: multipart/{kind}; boundary=b\n\n".encode() + before + body + b"--b--\n" + after


def encoded(code: bytes, charset: str = "utf-8") -> bytes:
    return HEAD + f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: base64\n\n".encode() + code


ALONE = b"Content-Type: message/rfc822\n\nFrom: o@p.example\nSubject: Le car ne passe plus\n\n"
SHAPES = {
    "a list's lines below base64": (encoded(CODE + b"\n\n-- \nListe du quartier\n"), [LETTER, "Liste du quartier"]),
    "base64 without its padding": (encoded(CODE.rstrip(b"=") + b"\n\nEnvoi de la liste\n"), [LETTER]),
    "two blocks of base64": (encoded(CODE + b"\n" + base64.b64encode(b"Et un abri.") + b"\n"), [LETTER, "Et un abri."]),
    "two plain texts": (
        parts("alternative", TEXT + b"Un banc.", TEXT + b"Une fontaine."),
        ["Un banc.", "Une fontaine."],
    ),
    "two pages": (parts("alternative", PAGE + b"Un banc.", PAGE + b"Une fontaine."), ["Un banc.", "Une fontaine."]),
    "a word that only the page says": (
        parts("alternative", TEXT + b"Je voudrais", PAGE + b"Je voudrais un banc"),
        ["un banc"],
    ),
    "a pointer to a short page": (parts("alternative", TEXT + b"HTML only.", PAGE + b"<p>Un banc.</p>"), ["Un banc."]),
    "a last line that only the page has": (
        parts(
            "alternative",
            TEXT + (LETTER * 9).encode(),
            PAGE + f"<p>{LETTER * 9}</p><p>Surtout, pensez aux poussettes.</p>".encode(),
        ),
        ["Surtout, pensez aux poussettes."],
    ),
    "words before the parts": (
        parts("mixed", TEXT + b"Un banc.", before=b"Une fontaine rue Foch.\n"),
        ["fontaine rue Foch"],
    ),
    "words behind the parts": (
        parts("mixed", TEXT + b"Un banc.", after=b"Une fontaine rue Foch.\n"),
        ["fontaine rue Foch"],
    ),
    "a forwarded subject": (parts("mixed", TEXT + b"Pour elle.", ALONE), ["Pour elle.", "Le car ne passe plus"]),
    "a form's fields": (
        HEAD
        + PAGE
        + b"Banc <input type=checkbox checked> Rue <input value='Foch'> <select><option>Lundi<option selected>"
        b"Mardi</select><input type=hidden value=jeton>",
        ["Banc [x] Rue Foch Mardi"],
    ),
    "what an object shows instead": (
        HEAD + PAGE + b"<p>Oui.</p><object data='x'>Un banc</object>",
        ["Oui.", "Un banc"],
    ),
    "Thai as Windows calls it": (
        encoded(base64.b64encode("ขอม้านั่ง".encode("cp874")), "windows-874"),
        ["ขอม้านั่ง"],
    ),
    "Japanese as old programs call it": (encoded(base64.b64encode("ベンチを".encode("cp932")), "x-sjis"), ["ベンチを"]),
    "Korean": (encoded(base64.b64encode("벤치".encode("cp949")), "x-windows-949"), ["벤치"]),
}


@pytest.mark.parametrize(("raw", "said"), SHAPES.values(), ids=SHAPES)
def test_every_part_is_read(raw: bytes, said: list[str], tmp_path: Path) -> None:
    body = " ".join((read(raw, tmp_path).body or "").split())
    assert [words for words in said if words not in body] == []


def test_what_programs_write_around_parts_is_nobodys(tmp_path: Path) -> None:
    raw = parts("mixed", TEXT + b"Un banc.", before=b"This is a multi-part message in MIME format.\n")
    assert read(raw, tmp_path).body == "Un banc."


PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\x00" * 60)


def test_a_picture_within_the_code_of_a_page_is_a_file(tmp_path: Path) -> None:
    page = b"<p>Un banc</p><img src='data:image/png;base64," + PIXEL + b"'><p>rue Foch</p>"
    part = read(HEAD + PAGE + page, tmp_path)
    assert part.body == "Un banc\n\nrue Foch"
    assert [medium.content_type for medium in part.media] == ["image/png"]


@pytest.mark.parametrize(
    "mark", ["(This file must be converted with BinHex 4.0)", "=ybegin line=128 size=9 name=a.jpg"]
)
@pytest.mark.parametrize("kind", [TEXT, PAGE + b"<pre>"])
def test_a_file_in_a_form_that_nobody_unpacks_is_told(mark: str, kind: bytes, tmp_path: Path) -> None:
    part = read(HEAD + kind + f"Ma photo.\n\n{mark}\n:abc\n".encode(), tmp_path)
    assert MailProblem.PACKED.value in (part.needs_person or "")
