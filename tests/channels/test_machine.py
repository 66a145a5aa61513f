"""Mail that no person wrote, and mail that is never answered."""

from email import message_from_string

import pytest

from channels.email.classify.automatic_mail import bounced_message_id, reason_not_to_answer, recognise_automatic_mail
from channels.email.parse import parse_mail
from config.enums import NotContribution

A, B, L = NotContribution.AUTOMATIC_REPLY, NotContribution.BOUNCE, NotContribution.MAILING_LIST

TO_OURS = "From: anne@poste.example\nIn-Reply-To: <receipt.482915307@ville.example>"
SUPPRESSING = "From: anne@poste.example\nX-Auto-Response-Suppress: All"
# label: headers, what it is, whether nothing may be sent
HEADERS = {
    "a person": ("From: anne@poste.example\nSubject: Bancs", None, False),
    "a person who replies": (
        "From: anne@poste.example\nSubject: Re: Votre avis\nReturn-Path: <anne@poste.example>",
        None,
        False,
    ),
    "said to be by a person": ("From: anne@poste.example\nAuto-Submitted: no", None, False),
    "a person about absence": ("From: anne@poste.example\nSubject: Absence de bancs rue de Siam", None, False),
    "a person about spam": ("From: anne@poste.example\nSubject: spam et virus dans ma boîte", None, False),
    "a person about holidays": ("From: anne@poste.example\nSubject: Congés scolaires et piscine", None, False),
    "a person about vacations": ("From: anne@poste.example\nSubject: Vacances à la piscine", None, False),
    "a person about automatic doors": (
        "From: anne@poste.example\nSubject: Automatic doors at the library",
        None,
        False,
    ),
    "a person about deliveries": ("From: anne@poste.example\nSubject: Delivery problem rue de Siam", None, False),
    "a copier": ("From: noreply@copieur.example\nSubject: Scan", None, True),
    "a copier, in French": ("From: ne-pas-repondre@copieur.example\nSubject: Scan", None, True),
    "asks for no automatic answers": ("From: anne@poste.example\nX-Auto-Response-Suppress: All", None, True),
    "asks for nothing": ("From: anne@poste.example\nX-Auto-Response-Suppress: None", None, False),
    "went in circles": ("From: anne@poste.example\nX-Loop: yes", None, True),
    "no return path, said empty": ("From: anne@poste.example\nReturn-Path: <>", None, True),
    "two senders": ("From: anne@poste.example, rose@poste.example", None, True),
    "auto-replied": ("From: anne@poste.example\nAuto-Submitted: auto-replied", A, True),
    "auto-replied, with a comment": ("From: anne@poste.example\nAuto-Submitted: Auto-Replied; owner-email=x", A, True),
    "auto-generated": ("From: appli@poste.example\nAuto-Submitted: auto-generated", A, True),
    "marked the old way": ("From: anne@poste.example\nPrecedence: auto_reply", A, True),
    "marked another old way": ("From: anne@poste.example\nX-Autoreply: yes", A, True),
    "marked by cPanel": ("From: anne@poste.example\nX-Autorespond: Re", A, True),
    # A subject alone proves nothing: residents write about absences, holidays and answers, too.
    "a subject about holidays": ("From: anne@poste.example\nSubject: Congés du personnel de la piscine", None, False),
    "a subject about an absence": ("From: anne@poste.example\nSubject: Absence : la lumière rue Foch", None, False),
    "a subject about cars": ("From: anne@poste.example\nSubject: Auto : trop de voitures", None, False),
    "a subject as Exchange puts it": (
        "From: anne@poste.example\nSubject: Réponse automatique : Votre avis",
        None,
        True,
    ),
    "an answer to somebody else": (
        "From: anne@poste.example\nIn-Reply-To: <a@b.example>\nSubject: Absente jusqu'au 30 mars",
        None,
        False,
    ),
    "Exchange, French": (f"{TO_OURS}\nSubject: Réponse automatique : Votre avis", A, True),
    "Exchange, encoded": (f"{TO_OURS}\nSubject: =?utf-8?q?R=C3=A9ponse_automatique_=3A_x?=", A, True),
    "Exchange, English": (f"{SUPPRESSING}\nSubject: Automatic reply: Votre avis", A, True),
    "out of office": (f"{SUPPRESSING}\nSubject: Out of Office: Re: Votre avis", A, True),
    "absent until": (f"{TO_OURS}\nSubject: Absent jusqu'au 30 mars", A, True),
    "absence message": (f"Return-Path: <>\n{TO_OURS}\nSubject: Message d'absence", A, True),
    "German": ("Return-Path: <MAILER-DAEMON>\nFrom: anne@poste.example\nSubject: Automatische Antwort: x", A, True),
    "no way back": ("Return-Path: <MAILER-DAEMON>\nFrom: anne@poste.example\nSubject: Bancs", None, True),
    "no way back, with a host": (
        "Return-Path: <MAILER-DAEMON@mx.poste.example>\nFrom: anne@poste.example\nSubject: Bancs",
        None,
        True,
    ),
    "no way back, a report": (
        "Return-Path: <MAILER-DAEMON>\nFrom: x@poste.example\nSubject: Undeliverable: Votre avis",
        B,
        True,
    ),
    "read receipt": (
        "From: anne@poste.example\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b",
        A,
        True,
    ),
    "the mail system about something": ("From: postmaster@poste.example\nSubject: Quota", A, True),
    "a newsletter from nobody": ("From: no-reply@boutique.example\nFeedback-ID: 1", A, True),
    "delivery report": (
        "From: x@poste.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b",
        B,
        True,
    ),
    "bounce without form": ("From: MAILER-DAEMON@poste.example\nSubject: failure notice", B, True),
    "bounce, French": ("From: postmaster@poste.example\nSubject: Message non remis : Votre avis", B, True),
    "bounce, Exim": ("From: Mail Delivery System <x@poste.example>\nSubject: Mail delivery failed", B, True),
    "bounce, Gmail": ("From: x@poste.example\nX-Failed-Recipients: anne@poste.example\nSubject: x", B, True),
    "bounce, empty return path": (
        "Return-Path: <>\nFrom: x@poste.example\nSubject: Undeliverable: Votre avis",
        B,
        True,
    ),
    "a list": ("From: anne@poste.example\nList-Id: <voisins.liste.example>", L, True),
    "a newsletter": ("From: boutique@poste.example\nList-Unsubscribe: <mailto:x@y.example>", L, True),
    "bulk": ("From: boutique@poste.example\nPrecedence: bulk", L, True),
    "junk": ("From: boutique@poste.example\nPrecedence: JUNK", L, True),
    "first-class": ("From: anne@poste.example\nPrecedence: first-class", None, False),
}


@pytest.mark.parametrize(("headers", "kind", "silent"), HEADERS.values(), ids=HEADERS)
def test_headers(headers: str, kind: NotContribution | None, silent: bool) -> None:
    message = message_from_string(headers + "\n\nbonjour")
    assert recognise_automatic_mail(message) == kind
    assert bool(reason_not_to_answer(message) or kind) is silent


def test_what_a_bounce_returns() -> None:
    headers_only = (
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nfailed\n--b\n"
        "Content-Type: text/rfc822-headers\n\nSubject: x\nMessage-ID: <receipt.482915307@ville.example>\n--b--"
    )
    assert bounced_message_id(message_from_string(headers_only)) == "<receipt.482915307@ville.example>"
    assert bounced_message_id(message_from_string("Subject: x\n\nMessage-ID: <a@b>")) == ""


REPORT = """> From: Mail Delivery Subsystem <MAILER-DAEMON>
> Subject: Returned mail
>
> Final-Recipient: RFC822; avis@ville.example
> Action: failed"""

PASSED_ON = {
    "without a word": ("", B),
    "with a few words": ("Voici le message.", B),
    "with something to say": ("Mon mail n'est pas passé, le voici encore : il manque des bancs rue de Siam.", None),
}


@pytest.mark.parametrize(("own", "kind"), PASSED_ON.values(), ids=PASSED_ON)
def test_a_bounce_that_a_person_passes_on(own: str, kind: NotContribution | None) -> None:
    head = "From: anne@poste.example\nSubject: Fwd: Returned mail\nContent-Type: text/plain; charset=utf-8\n\n"
    raw = f"{head}{own}\n\nDébut du message transféré :\n\n{REPORT}\n"
    assert parse_mail(raw.encode()).machine is kind
