"""Every kind of evidence: what it sets apart, in which languages, and after whom. The tests try each example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from channels.email.reply.evidence import AsideKind, Evidence

ANSWERS, FORWARDS, ANY = "a mail that answers", "a mail that forwards, or any with such a head", "any mail"


@dataclass(frozen=True)
class EvidenceKind:
    """One kind of evidence."""

    sets_apart: AsideKind
    needs: str
    where_from: str
    examples: Mapping[str, str]
    """By language (ISO 639-1; "" where no language plays a part), the passage that is set apart."""
    also: tuple[str, ...] = ()
    """Further languages whose words are known."""


_QUOTED = "> Des bancs ?"
KINDS: dict[Evidence, EvidenceKind] = {
    Evidence.CONTAINER: EvidenceKind(
        AsideKind.QUOTE,
        ANSWERS,
        "`blockquote type=cite` (Apple Mail, Thunderbird), the classes of Gmail, Yahoo, Proton and Zimbra",
        {"": '<blockquote type="cite">Des bancs ?</blockquote>'},
    ),
    Evidence.ATTRIBUTION: EvidenceKind(
        AsideKind.QUOTE,
        ANSWERS,
        "what Gmail, Apple Mail, Thunderbird, Orange and forty others write above lines that they mark with `>`",
        {
            "fr": f"Le jeu. 12 mars 2026 à 10:11, Ville <avis@ville.example> a écrit :\n{_QUOTED}",
            "en": f"On Thu, Mar 12, 2026 at 10:11 AM Town <avis@ville.example> wrote:\n{_QUOTED}",
        },
        ("de", "es", "it", "nl", "pt", "pl", "cs", "da", "no", "sv", "fi", "hu", "ro", "ru", "uk", "tr"),
    ),
    Evidence.HEAD: EvidenceKind(
        AsideKind.QUOTE,
        ANSWERS,
        "Outlook, Zimbra, Samsung, SFR: at least three labels, with an address or a time of day; Yahoo, Zoho, "
        "GroupWise: "
        "an attribution with an address, a date and a time",
        {
            "fr": "De : Ville <avis@ville.example>\nEnvoyé : lundi 2 mars 2026 10:12\nÀ : moi\nObjet : Avis\n\n"
            "Des bancs ?",
            "en": "From: Town <avis@ville.example>\nSent: Monday, March 2, 2026 10:12\nTo: me\nSubject: x\n\nBenches?",
        },
        ("de", "es", "it", "nl", "pt", "pl", "da", "no", "sv", "fi", "ru"),
    ),
    Evidence.FORWARD_HEAD: EvidenceKind(
        AsideKind.FORWARD,
        FORWARDS,
        "Gmail, Apple Mail, Thunderbird, Outlook: the head alone is set apart, the words below it are the text",
        {
            "fr": "---------- Message transféré ---------\nDe : Rose <rose@poste.example>\n"
            "Date : 2 mars 2026 17:08\nObjet : x",
            "en": "Begin forwarded message:\n\nFrom: Rose <rose@poste.example>\nDate: 2 March 2026 17:08\nSubject: x",
        },
        ("de", "es", "it"),
    ),
    Evidence.OURS: EvidenceKind(
        AsideKind.QUOTE,
        "an answer to a receipt of ours, known by its identifier",
        "our own records: every quoted line stands in what we sent",
        {},
    ),
    Evidence.DEVICE: EvidenceKind(
        AsideKind.SIGNATURE,
        ANY,
        "telephones and mail programs, as a whole line that stands alone or last; their names are a list",
        {"fr": "Envoyé de mon iPhone", "en": "Sent from my Samsung Galaxy smartphone."},
        ("de", "es", "it", "nl", "pt", "da", "sv"),
    ),
    Evidence.BOILERPLATE: EvidenceKind(
        AsideKind.FOOTER,
        ANY,
        "companies, lists, antivirus programs: a whole last paragraph, of which every sentence is known",
        {
            "fr": "Ce message et toutes les pièces jointes sont confidentiels et établis à l'intention exclusive "
            "de ses "
            "destinataires.",
            "en": "This e-mail is confidential and intended solely for the addressee. If you have received it in "
            "error, "
            "please notify the sender. If you are not the intended recipient, delete it.",
        },
    ),
    Evidence.CLOSING: EvidenceKind(
        AsideKind.SIGNATURE,
        ANY,
        "letters: a closing as a whole line, below it nothing but a name, an address, a role; or a whole formula, "
        "alone",
        {"fr": "Cordialement,\nAnne Le Gall\n12 rue de Siam", "en": "Kind regards,\nAnn Jones"},
        ("de", "es", "it", "nl", "da", "pl"),
    ),
    Evidence.DELIMITER: EvidenceKind(
        AsideKind.SIGNATURE,
        ANY,
        "RFC 3676 §4.3: `-- `, below it a name and nothing but what stands on a card",
        {"": "-- \nAnne Le Gall\n06 39 98 00 01"},
    ),
}


def setting_apart_page() -> str:
    """The table as a page of the manual."""
    lines = [
        "# Setting apart",
        "",
        "Which words of a mail are set apart from its text, and what proves that they are none of the writer's "
        "new ones.",
        "Words alone prove nothing: whatever has no such proof stays in the text, and where it may be a quotation, a",
        "signature or a footer it is marked there. Made from `channels/email/reply/evidence_table.py`; the tests set",
        "every example apart, and find it whole in the text where its proof is missing.",
        "",
        "| evidence | sets apart | in | languages | where from |",
        "| --- | --- | --- | --- | --- |",
    ]
    for evidence, kind in KINDS.items():
        languages = ", ".join([*filter(None, kind.examples), *kind.also]) or "any"
        lines.append(f"| {evidence.value} | {kind.sets_apart.value} | {kind.needs} | {languages} | {kind.where_from} |")
    lines += ["", "## Examples", ""]
    for evidence, kind in KINDS.items():
        for language, example in kind.examples.items():
            lines += [
                f"{evidence.value}{f' ({language})' if language else ''}:",
                "",
                "```",
                *example.split("\n"),
                "```",
                "",
            ]
    return "\n".join(lines).rstrip() + "\n"
