"""A copier's mail: scans and nothing else, which go the way of paper."""

from __future__ import annotations

import re

from channels.email.mime.mail_files import Attachment
from channels.email.parse import Mail

# What copiers put where a person would write; of the makers' own templates, in French and English.
_SUBJECT = re.compile(
    r"^\W*(?:$|scan\b|scann?ed\b|scanner|num[ée]ris|copie\b|copieur|document (?:num[ée]ris|scann)|image (?:data )?from|"
    r"message from|message de|attached image|envoyé (?:par|depuis) (?:le )?(?:copieur|scanner)|"
    r"(?:km_|skm_|mfp|xerox|ricoh|canon|sharp|brother|kyocera|lexmark|epson|konica|toshiba|samsung|hp\b)|\d[\d\W_]*$)",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"scanned (?:and sent|from|by)|was sent from|scan(?:ning)? date|device (?:name|model)|file format|resolution:|"
    r"(?:please )?open the attached|do not reply|ne (?:pas|répondez pas)|num[ée]ris[ée]|"
    r"envoyé (?:par|depuis) (?:le|un) (?:copieur|scanner|multifonction)|nom de (?:la machine|l['’]appareil)|"
    r"multifunction|multifonction|"
    r"format de fichier|"
    r"résolution|sent by:|number of (?:images|pages)|nombre de pages|attachment file type|"
    r"(?:location|emplacement|device location)\s*:",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"^(?:scan|doc|num|skm|km|xerox|hp|sharp|sc|mfp|img|copie|image|epson|brw|canon|ricoh)?[\W_]*(?:[a-z0-9]{0,12}[\W_]*)?"
    r"\d[\d\W_a-z]{0,40}\.(?:pdf|tiff?|jpe?g)$",
    re.IGNORECASE,
)
_SYSTEM = re.compile(r"scan|copieur|copier|printer|imprimante|mfp|multifonction|noreply|no-reply|ne-pas", re.IGNORECASE)


def scans_in_copier_mail(mail: Mail) -> tuple[Attachment, ...]:
    """The scans in a copier's mail, in order; none when a person wrote anything, or when nothing says "copier"."""
    files = tuple(one for one in mail.attachments if not one.inline or _is_scan(one))
    if mail.machine is not None or not files or not all(_is_scan(one) for one in files):
        return ()
    if mail.is_beginning:  # a scan that ends in its middle: a person has to know that there is more
        return ()
    lines = [line for line in mail.body.splitlines() if line.strip()]
    if not all(_BOILERPLATE.search(line[:500]) for line in lines) or not _SUBJECT.match(mail.subject):
        return ()
    from_copier = mail.sender is not None and bool(_SYSTEM.search(mail.sender.value))
    photos = any(one.beginning.startswith(b"\xff\xd8") for one in files)  # a telephone sends these too
    named = all(_NAME.match(one.name) for one in files)
    return files if from_copier or bool(lines) or (named and not photos) else ()


def _is_scan(file: Attachment) -> bool:
    """Whether a file is a page by its first bytes: PDF, TIFF or JPEG."""
    start = file.beginning
    return b"%PDF" in start or start.startswith((b"II*\x00", b"MM\x00*", b"\xff\xd8"))
