"""Which mails are a copier's scans, and which a person's, whatever file they carry."""

import pytest

from channels.base.values import Address
from channels.email.copier import scans_in_copier_mail
from channels.email.mime.mail_files import Attachment
from channels.email.parse import Mail, MailProblem
from config.enums import AddressKind, NotContribution

PDF = Attachment("scan0001.pdf", "application/pdf", b"%PDF-1.4")
OTHER_PDF = Attachment("scan0002.pdf", "application/pdf", b"%PDF-1.4")
TIFF = Attachment("IMG_0001.tif", "image/tiff", b"II*\x00")
PHOTO = Attachment("IMG_1234.jpg", "image/jpeg", b"\xff\xd8\xff")
LETTER = Attachment("ma lettre.pdf", "application/pdf", b"%PDF-1.4")
WORD = Attachment("scan0001.docx", "application/msword", b"PK\x03\x04")
XEROX = (
    "Please open the attached document. It was sent to you using a Xerox multifunction printer.\n\n"
    "Attachment File Type: pdf, Multi-Page\n\nMultifunction Printer Location: machine location not set\n"
)
KYOCERA = "Le document a été numérisé.\nNom de l'appareil : hall\n"


def mail(sender: str = "accueil@centre.example", **told: object) -> Mail:
    return Mail(sender=Address(AddressKind.EMAIL, sender), **told)  # type: ignore[arg-type]


MAILS = {
    "a copier by its address": (mail("noreply@copieur.example", subject="Scan", attachments=(PDF,)), (PDF,)),
    "a copier that sends photos": (mail("scanner@centre.example", subject="Scan", attachments=(PHOTO,)), (PHOTO,)),
    "a copier with the centre's address": (mail(subject="", attachments=(PDF, OTHER_PDF)), (PDF, OTHER_PDF)),
    "a name made of the date": (
        mail(attachments=(one := Attachment("20260312093000.pdf", "", b"%PDF"),)),
        (one,),
    ),
    "TIFF": (mail(subject="Numérisation", attachments=(TIFF,)), (TIFF,)),
    "Xerox's own words": (mail(subject="Scanned from a Xerox", body=XEROX, attachments=(LETTER,)), (LETTER,)),
    "Kyocera's own words": (mail(subject="Message from KM_C224", body=KYOCERA, attachments=(PDF,)), (PDF,)),
    "a person's photo": (mail(subject="", attachments=(PHOTO,)), ()),
    "a person's letter": (mail(subject="", attachments=(LETTER,)), ()),
    "a person's scan, with a subject": (mail(subject="Mon avis sur les bancs", attachments=(PDF,)), ()),
    "a person's scan, with words": (mail(subject="Scan", body="Voici notre avis.", attachments=(PDF,)), ()),
    "a scan beside a document": (mail(subject="Scan", attachments=(PDF, WORD)), ()),
    "no scan": (mail("noreply@copieur.example", subject="Scan"), ()),
    "the beginning of one too large": (
        mail("noreply@copieur.example", attachments=(PDF,), problems=(MailProblem.LEFT_BEHIND,)),
        (),
    ),
    "an automatic reply": (
        mail("noreply@copieur.example", attachments=(PDF,), machine=NotContribution.AUTOMATIC_REPLY),
        (),
    ),
}


@pytest.mark.parametrize(("arrived", "scans"), MAILS.values(), ids=MAILS)
def test_scans(arrived: Mail, scans: tuple[Attachment, ...]) -> None:
    assert scans_in_copier_mail(arrived) == scans
