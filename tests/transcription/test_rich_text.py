"""Rich text as different programs write it, and what it costs when it is made to do harm."""

import time

import pytest

from transcription.documents.rich_text import RichText

HEAD = (
    rb"{\rtf1\ansi\ansicpg1252\deff0"
    rb"{\fonttbl{\f0 Calibri;}{\f1\fcharset204 Arial Cyr;}{\f2\fcharset161 Arial Greek;}}{\colortbl;\red0;}"
)
BOX = rb"{\shp{\*\shpinst{\sp{\sn a}{\sv 1}}{\shptxt \pard La bo\'eete\par}}{\shprslt{\*\do{\dptxbxtext La bo\'eete}}}}"

READ = {
    "a letter's code after its number": (HEAD + rb"D\u233\'e9chets \u224\'e0 c\u244\'f4t\u233\'e9}", "Déchets à côté"),
    "no letter after its number": (HEAD + rb"\uc0 D\u233 chets \u224  c\u244 t\u233 .}", "Déchets à côté."),
    "two letters after its number": (HEAD + rb"\uc2 D\u233 e'chets.}", "Déchets."),
    "a count that ends with its group": (HEAD + rb"{\uc0 \u233 t\u233 } et \u233?t\u233?}", "été et été"),
    "signs by their names": (
        HEAD + rb"L\rquote abri \emdash  \ldblquote oui\rdblquote  \endash  \bullet  fin}",
        "L’abri — “oui” – • fin",
    ),
    "cells and rows": (HEAD + rb"\trowd\cellx1 rue\cell 3\cell\row place\cell 5\cell\row}", "rue\t3\nplace\t5"),
    "a font's own charset": (HEAD + rb"{\f1 \'cc\'ee\'f1\'f2} {\f2 \'ea\'e1\'eb\'ef} \'e9t\'e9}", "Мост καλο été"),
    "another code page": (rb"{\rtf1\ansi\ansicpg1250 Sn\'echem}", "Sněhem"),
    "a Macintosh's": (rb"{\rtf1\mac D\'8echets}", "Déchets"),
    "bytes that are not written as codes": (HEAD + "Déchets".encode("cp1252") + b"}", "Déchets"),
    "Japanese, two bytes to a letter": (
        rb"{\rtf1\ansi\ansicpg932{\fonttbl{\f0\fcharset128 MS;}}\f0 \'93\'fa\'96\'7b}",
        "日本",
    ),
    "beyond 65,535": (HEAD + rb"\u-10179?\u-8704? merci}", "😀 merci"),
    "Persian joiners": (HEAD + rb"\u1605?\u1740?\zwnj \u1582?}", "می\u200cخ"),
    "hyphens": (HEAD + rb"con\-sulta\_tion}", "consulta‑tion"),
    "links": (HEAD + rb'{\field{\*\fldinst{HYPERLINK "https://v.example"}}{\fldrslt{le site}}} ici}', "le site ici"),
    "notes, boxes, comments, heads and feet of pages": (
        HEAD + rb"{\header Haut}Corps{\super{\footnote La note.}}" + BOX + rb"{\*\annotation Avis}{\footer Bas}\par}",
        "Haut\nCorps\nBas\nLa note.\nLa boîte\nAvis",
    ),
    "a note within a box": (HEAD + rb"Corps{\shptxt Bo\'eete{\footnote Note}}}", "Corps\nBoîte\nNote"),
    "an end that is missing": (HEAD + rb"Des bancs \'e0 l'abri et \'e9", "Des bancs à l'abri et é"),
    "what a revision deleted": (
        HEAD + rb"Un {\rtlch \af0 \ltrch \deleted\revauthdel1 parking }{\revised banc}{\deleted\par x} rue}",
        "Un banc rue",
    ),
    "what a revision kept": (HEAD + rb"Un {\deleted0 banc} rue}", "Un banc rue"),
    "deleted to the end of a file that is cut": (HEAD + rb"Un banc{\deleted  parking", "Un banc"),
    "a Macintosh's by its number": (rb"{\rtf1\mac\ansicpg10000 D\'8echets}", "Déchets"),
    "a mark and an empty line above": (b"\xef\xbb\xbf\r\n{\\rtf1\\ansi Des bancs}", "Des bancs"),
    "braces and strokes": (HEAD + rb"\{un\} \\ deux}", "{un} \\ deux"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "text"), READ.values(), ids=READ)
def test_rich_text(raw: bytes, text: str) -> None:
    found = RichText(raw)
    assert (found.text().strip(), found.holds_files) == (text, False)


HELD = {
    "a picture": HEAD + rb"avant{\pict\wmetafile8 0102ff}apr\'e8s}",
    "a picture in bytes": HEAD + rb"avant{\pict\bin6 {}{}{ }apr\'e8s}",
    "another program's object": HEAD + rb"avant{\object\objemb{\*\objdata 0105}}apr\'e8s}",
}


@pytest.mark.parametrize("raw", HELD.values(), ids=HELD)
def test_what_is_no_text_is_told(raw: bytes) -> None:
    found = RichText(raw)
    assert (found.text().strip(), found.holds_files) == ("avantaprès", True)


HARMFUL = {
    "nested without end": b"{\\rtf1 " + b"{" * 20_000 + b"x" + b"}" * 20_000 + b"}",
    "closed without end": b"{\\rtf1 x" + b"}" * 100_000,
    "a picture of megabytes": HEAD + rb"x{\pict " + b"00ff" * 500_000 + b"}}",
    "links without end": HEAD + rb"x{\field{\*\fldinst{HYPERLINK " * 2_000,
}


@pytest.mark.parametrize("raw", HARMFUL.values(), ids=HARMFUL)
def test_what_is_made_to_do_harm_costs_seconds_at_most(raw: bytes) -> None:
    began = time.monotonic()
    assert RichText(raw).text().strip().startswith("x")
    assert time.monotonic() - began < 10
