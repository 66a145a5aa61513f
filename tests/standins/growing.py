"""Texts and mails of any length that repeat what makes careless patterns slow, and what reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace

from channels.email.classify.diagnostic_headers import diagnostic_lines
from channels.email.classify.recipient import plus_addresses
from channels.email.doubts import is_greeting, parsing_doubts
from channels.email.html.html_text import html_to_text
from channels.email.parse import Mail, parse_mail
from channels.email.repeated_mail import are_nearly_identical, thread_subject
from channels.email.reply.splitting import split_reply
from channels.intent import courtesy, erasure_wish, folding, keyword_commands, reactions, thanks
from channels.sms.text_message import clean_body
from transcription.documents.rich_text import RichText
from transcription.text import quoted_passages
from transcription.text.language import language_of
from transcription.text.theme_suggestions import suggest_themes

THEMES = [SimpleNamespace(key="t", name="bancs", words={"fr": ("banc", "arbre")})]

UNITS = (
    *(
        "a",
        " ",
        "\n",
        "\t",
        "\r",
        "\x00",
        "é",
        "é",
        "\u200b",
        "\xa0",
        "😀",
        "中",
        "-",
        "_",
        ".",
        ",",
        ":",
        ";",
    ),
    *(
        "!",
        "?",
        "(",
        ")",
        "<",
        ">",
        "[",
        "]",
        "{",
        "}",
        '"',
        "'",
        "«",
        "»",
        "*",
        "/",
        "\\",
        "|",
        "@",
        "+",
        "=",
    ),
    *(
        "&",
        "#",
        "0",
        "1 ",
        "a ",
        "ab ",
        "a@b ",
        "a+b@c.fr, ",
        "<a@b>, ",
        "\n> ",
        "\n>> a",
        "\n-- \n",
        "\n--\na",
    ),
    *(
        "\nLe 3 mars, a écrit :\n",
        "\n a",
        "\na",
        "\nDe : a\n",
        "\nFrom: a\n",
        "\n-----Original Message-----\n",
    ),
    *(
        "http://a ",
        "www.",
        "merci ",
        "stop ",
        "bonjour ",
        "\n\n",
        "Cordialement,\n",
        "=?utf-8?q?a?= ",
    ),
    *(
        "=?utf-8?b?",
        "&amp;",
        "&#",
        "a-",
        "-a",
        "06 ",
        "+33",
        "12/03/2027 ",
        "a'",
        "l'a ",
        "effacer mon avis ",
    ),
    *(
        "Liked “",
        "A aimé «",
        "begin 644 a\n",
        "\\u233?",
        "\\'e9",
        "{\\b ",
        "}",
        "\\par ",
        "\\bin9 ",
    ),
    *("[image: a]",),
)
"""What is repeated."""

TEXTS: Mapping[str, Callable[[str], object]] = {
    "keyword": keyword_commands.keyword_command_in,
    "consent": keyword_commands.consent_in,
    "wish": erasure_wish.erasure_command_in,
    "also a wish": erasure_wish.erasure_wish_in_longer_text,
    "reaction": reactions.reaction_in,
    "thanks": thanks.only_thanks,
    "courtesy": courtesy.without_courtesy,
    "name": courtesy.without_name,
    "folded": folding.folded_message,
    "calmed": folding.collapse_repeats,
    "faces": folding.strip_emoticons,
    "pictures": folding.emoji_matters,
    "body of a text": clean_body,
    "reply": split_reply,
    "page": html_to_text,
    "greeting": is_greeting,
    "subject": thread_subject,
    "alike": lambda text: are_nearly_identical(text, text + "a"),
    "language": lambda text: language_of(text, ("fr", "en")),
    "themes": lambda text: suggest_themes(text, THEMES, "fr"),
    "passage": quoted_passages.passage_of,
    "rich text": lambda text: RichText(("{\\rtf1 " + text).encode("utf-8", "replace")).text(),
    "addresses": lambda text: list(plus_addresses(b"To: avis+a@b.fr " + _one_line(text), "avis@b.fr", ("To",))),
    "telling lines": lambda text: diagnostic_lines(text.encode("utf-8", "replace")),
}

HEAD = b"From: a@b.example\nTo: avis@brest.example\nSubject: a\nMIME-Version: 1.0\n"
PLAIN = b"Content-Type: text/plain; charset=utf-8\n\n"
HEADERS = ("From", "To", "Cc", "Subject", "References", "In-Reply-To", "Date", "Content-Type", "Content-Disposition",
           "Return-Path", "Authentication-Results", "Received", "Message-ID", "Auto-Submitted", "Delivered-To",
           "Content-Transfer-Encoding", "List-Id")  # fmt: skip
TAGS = (
    *("<p>", "<div>", "<b>", "<table><tr><td>", "<blockquote>", "<ul><li>", "<a href=x>", "<br>", "<!--", "</p>"),
    *("<span style='color:red'>", "<style>", "<div class=gmail_quote>", "<td>a", "<img src=cid:a>", "<pre>"),
    *("<font color=red>a</font>", "<p>a<hr>", "<o:p>", "<![if a]>", "<script>", "&nbsp;", "<table>", "<x>"),
)
IN_HEADERS = (
    *("a", "<", "(", ")", '"', ",", "a@b, ", "<a@b> ", "=?utf-8?q?a?= ", "\\", ";", "; a=b", " ", ":", "@", ".", "["),
    "\n a",
)


def mails() -> Iterator[tuple[str, Callable[[int], bytes]]]:
    """Mails of about so many bytes, by what they repeat and where."""
    for name in HEADERS:
        for unit in (
            "a",
            "<",
            "(",
            ")",
            '"',
            ",",
            "a@b, ",
            "<a@b> ",
            "=?utf-8?q?a?= ",
            "\\",
            ";",
            "; a=b",
            " ",
            ":",
            "@",
            ".",
            "[",
            "\n a",
        ):
            yield f"{name}: {unit!r}", lambda size, n=name, u=unit: _header(n, u, size)  # type: ignore[misc]
    for unit in TAGS:
        yield f"page of {unit}", lambda size, u=unit: HEAD + b"Content-Type: text/html\n\n" + _times(u, size)  # type: ignore[misc]
    for unit in UNITS:
        yield (
            f"text of {unit!r}",
            lambda size, u=unit: HEAD + PLAIN + _times(u, size),  # type: ignore[misc]
        )
    for unit in ("--x\n", "--x\n\na\n", "--x\nContent-Type: multipart/mixed; boundary=x\n\n", "--x--\n",
                 "--x\nContent-Type: message/rfc822\n\n", "--x\nContent-Type: text/html\n\n<p>a\n"):  # fmt: skip
        yield (
            f"parts of {unit!r}",
            lambda size, u=unit: HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + _times(u, size),  # type: ignore[misc]
        )
    for coding in ("base64", "quoted-printable", "x-uuencode"):
        for unit in ("a", "=", "=\n", "YQ==", "\n", "="):
            yield (
                f"{coding} of {unit!r}",
                lambda size, c=coding, u=unit: HEAD + f"Content-Transfer-Encoding: {c}\n\n".encode() + _times(u, size),  # type: ignore[misc]
            )
    yield "headers", lambda size: HEAD + _times("X-A: b\n", size) + b"\na"


def read_mail(raw: bytes) -> Mail:
    """Take a mail apart, and doubt it."""
    mail = parse_mail(raw)
    parsing_doubts(mail)
    return mail


def _times(unit: str, size: int) -> bytes:
    raw = unit.encode("utf-8", "surrogatepass")
    return raw * (size // len(raw) + 1)


def _header(name: str, unit: str, size: int) -> bytes:
    others = b"".join(line + b"\n" for line in HEAD.splitlines() if not line.startswith(name.encode() + b":"))
    return others + name.encode() + b": a " + _times(unit, size).replace(b"\r", b"") + b"\n\nDes bancs.\n"


def _one_line(text: str) -> bytes:
    return text.replace("\n", " ").encode("utf-8", "replace")
