"""What office documents say, what archives list, and what hostile ones cost."""

import time
import zipfile
from pathlib import Path

import pytest

from tests.transcription.documents import (
    docx,
    odf,
    pptx,
    related_docx,
    relations,
    tar,
    typed_docx,
    word_part,
    xlsx,
    zipped,
)
from transcription.documents.document_text import Document, FileKind, UnreadDocument, read_document

DOC, ARCHIVE = FileKind.DOCUMENT, FileKind.ARCHIVE

READ = {
    "Word": (typed_docx("Bonjour,", "il manque des bancs."), "Bonjour,\nil manque des bancs."),
    "Word, tab and line break": (
        docx("<w:p><w:r><w:t>un</w:t><w:tab/><w:t>deux</w:t><w:br/><w:t>trois</w:t></w:r></w:p>"),
        "un\tdeux\ntrois",
    ),
    "Word, a word in two runs, a link": (
        docx("<w:p><w:r><w:t>ban</w:t></w:r><w:hyperlink><w:r><w:t>cs</w:t></w:r></w:hyperlink></w:p>"),
        "bancs",
    ),
    "Word, revised": (
        docx("<w:p><w:ins><w:r><w:t>oui</w:t></w:r></w:ins><w:del><w:r><w:delText>non</w:delText></w:r></w:del></w:p>"),
        "oui",
    ),
    "Word, boxes and lists of an old form": (
        docx(
            "<w:p><w:r><w:fldChar><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r>"
            "<w:r><w:t> Banc </w:t></w:r>"
            '<w:r><w:fldChar><w:ffData><w:checkBox><w:default w:val="0"/></w:checkBox></w:ffData></w:fldChar></w:r>'
            "<w:r><w:t> Bus, le </w:t></w:r>"
            '<w:r><w:fldChar><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="lundi"/>'
            '<w:listEntry w:val="mardi"/></w:ddList></w:ffData></w:fldChar></w:r></w:p>'
        ),
        "☒ Banc ☐ Bus, le mardi",
    ),
    "Word, letters that are drawn": (
        docx('<w:p><w:r><w:pict><v:textpath xmlns:v="urn:v" string="Non au bruit"/></w:pict></w:r></w:p>'),
        "Non au bruit",
    ),
    "OpenDocument, a form filled in": (
        odf(
            "text",
            '<office:text><office:forms xmlns:form="urn:form"><form:form>'
            '<form:text form:name="q" form:current-value="Un banc"/>'
            '<form:checkbox form:label="Le soir" form:current-state="checked"/>'
            '<form:radio form:label="Le matin"/>'
            '<form:listbox><form:option form:label="Siam" form:current-selected="true"/></form:listbox>'
            '<form:button form:value="Envoyer"/><form:hidden form:value="7"/>'
            "</form:form></office:forms><text:p>Que manque-t-il ?</text:p></office:text>",
        ),
        "Un banc\n☒ Le soir\n☐ Le matin\nSiam\nQue manque-t-il ?",
    ),
    "Word, a table": (
        docx("<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"),
        "a",
    ),
    "OpenDocument text": (
        odf(
            "text",
            "<office:text><text:h>Bancs</text:h>"
            "<text:p>Il<text:s text:c='2'/>en<text:tab/>faut.</text:p></office:text>",
        ),
        "Bancs\nIl  en\tfaut.",
    ),
    "OpenDocument, revised and annotated": (
        odf(
            "text",
            "<office:text><text:tracked-changes><text:p>non</text:p></text:tracked-changes>"
            "<text:p>oui<office:annotation><text:p>?</text:p></office:annotation>, des bancs</text:p></office:text>",
        ),
        "oui, des bancs\n?",
    ),
    "OpenDocument spreadsheet": (
        odf(
            "spreadsheet",
            "<table:table><table:table-row><table:table-cell><text:p>rue</text:p></table:table-cell>"
            "<table:table-cell><text:p>3</text:p></table:table-cell></table:table-row></table:table>",
        ),
        "rue\t3",
    ),
    "Excel": (
        xlsx(
            "<si><t>rue</t></si><si><r><t>de </t></r><r><t>Siam</t></r></si>",
            '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c><v>3</v></c></row>'
            '<row/><row><c t="inlineStr"><is><t>bancs</t></is></c><c><f>1+1</f><v>2</v></c></row>',
        ),
        "rue\tde Siam\t3\nbancs\t2",
    ),
    "PowerPoint": (pptx("Un banc", "Un bus"), "Un banc\nUn bus"),
    "rich text": (
        rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\*\generator x;}\f0 D\'e9chets \u8212? partout\par et \{bancs\}}",
        "Déchets — partout\net {bancs}",
    ),
}  # fmt: skip


def read(tmp_path: Path, content: bytes) -> Document:
    path = tmp_path / "file"
    path.write_bytes(content)
    return read_document(path)


@pytest.mark.parametrize(("content", "text"), READ.values(), ids=READ)
def test_documents(tmp_path: Path, content: bytes, text: str) -> None:
    assert read(tmp_path, content) == Document(DOC, text)


PLAIN = "<w:p><w:r><w:t>Corps</w:t></w:r></w:p>"


def boxed(choice: str, fallback: str) -> str:
    """A text box in two forms, as Word writes it for programs of different age."""
    return (
        "<w:p><w:r><w:t>Avant</w:t></w:r><w:r><mc:AlternateContent>"
        f'<mc:Choice Requires="wps">{choice}</mc:Choice><mc:Fallback>{fallback}</mc:Fallback>'
        "</mc:AlternateContent></w:r><w:r><w:t> et après</w:t></w:r></w:p>"
    )


def box(text: str) -> str:
    return f"<w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent>"


RELATED = {
    "Word Online's name": (related_docx("word/document2.xml", PLAIN, {}), "Corps"),
    "a name of somebody's own": (related_docx("contenu/lettre.xml", PLAIN, {}), "Corps"),
    "a text box in two forms": (
        related_docx("word/document.xml", boxed(box("La boîte"), box("La boîte")), {}),
        "Avant et après\nLa boîte",
    ),
    "a text box in its old form only": (
        related_docx("word/document.xml", boxed("<wps:x/>", box("La boîte")), {}),
        "Avant et après\nLa boîte",
    ),
    "two text boxes": (
        related_docx("word/document.xml", boxed(box("Un") + box("Deux"), box("Un") + box("Deux")), {}),
        "Avant et après\nUn\nDeux",
    ),
    "moved text": (
        related_docx(
            "word/document.xml",
            "<w:p><w:moveFrom><w:r><w:t>Ici</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>Là</w:t></w:r></w:moveTo></w:p>",
            {},
        ),
        "Là",
    ),
    "heads, feet, notes and comments": (
        related_docx(
            "word/document.xml",
            PLAIN,
            {
                "header": ("entete.xml", word_part("hdr", "Association des voisins")),
                "footer": ("pied.xml", word_part("ftr", "12", "Tél. 02")),
                "footnotes": ("notes.xml", word_part("footnotes", "", "La note")),
                "comments": ("avis.xml", word_part("comments", "Un avis")),
            },
        ),
        "Association des voisins\nCorps\nTél. 02\nLa note\nUn avis",
    ),
    "OpenDocument, a box, a note, a comment": (
        odf(
            "text",
            "<office:text><text:p>Corps<draw:frame xmlns:draw='d'><draw:text-box><text:p>La boîte</text:p>"
            "</draw:text-box></draw:frame><text:note><text:note-citation>1</text:note-citation><text:note-body>"
            "<text:p>La note</text:p></text:note-body></text:note>, suite<office:annotation><text:p>Avis</text:p>"
            "</office:annotation></text:p></office:text>",
        ),
        "Corps, suite\nLa boîte\nLa note\nAvis",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "text"), RELATED.values(), ids=RELATED)
def test_everything_that_was_typed_is_there_once(tmp_path: Path, content: bytes, text: str) -> None:
    assert read(tmp_path, content) == Document(DOC, text)


HOLDING = {
    "Word, a picture": related_docx("word/document.xml", PLAIN, {"image": ("media/image1.png", b"\x89PNG")}),
    "Word, a letter within the letter": related_docx("word/d.xml", PLAIN, {"aFChunk": ("a.rtf", b"{\\rtf1 x}")}),
    "Word, a recording": related_docx("word/d.xml", PLAIN, {"oleObject": ("son.bin", b"RIFF")}),
    "OpenDocument, a picture": odf(
        "text", "<office:text><text:p>Corps<draw:image xmlns:draw='d'/></text:p></office:text>"
    ),
    "rich text, a picture": rb"{\rtf1 Corps{\pict\pngblip 8950}}",
}


@pytest.mark.parametrize("content", HOLDING.values(), ids=HOLDING)
def test_files_within_a_document_are_told(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path, content) == Document(DOC, "Corps", holds_files=True)


def test_sheets_are_in_the_order_of_their_book(tmp_path: Path) -> None:
    space = 'xmlns="s" xmlns:r="r"'
    sheet = '<worksheet xmlns="s"><sheetData><row><c><v>{}</v></c></row></sheetData></worksheet>'
    book = zipped(
        {
            "_rels/.rels": relations(("officeDocument", "/xl/Classeur.xml")),
            "xl/Classeur.xml": f'<workbook {space}><sheets><sheet r:id="r2"/><sheet r:id="r1"/></sheets></workbook>',
            "xl/_rels/Classeur.xml.rels": relations(("worksheet", "a.xml"), ("worksheet", "b.xml")),
            "xl/a.xml": sheet.format(1),
            "xl/b.xml": sheet.format(2),
        }
    )
    assert read(tmp_path, book) == Document(DOC, "2\n1")


def test_a_locked_letter_is_told(tmp_path: Path) -> None:
    kind = "application/vnd.oasis.opendocument.text"
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    locked = zipped({"mimetype": kind, "content.xml": b"\x01\x02", "META-INF/manifest.xml": manifest})
    assert read(tmp_path, locked) == Document(DOC, problem=UnreadDocument.ENCRYPTED)


BILLION = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'

OTHERS = {
    "an archive": (
        zipped({"a.txt": "x", "../b": b""}),
        Document(ARCHIVE, names=("a.txt (1 B)", "../b (0 B)")),
    ),
    "a tape": (tar(["a", "b\u202e"]), Document(ARCHIVE, names=("a (0 B)", "b_ (0 B)"))),
    "an archive of another kind": (b"Rar!\x1a\x07\x00", Document(ARCHIVE)),
    "packed alone": (b"\x1f\x8b\x08", Document(ARCHIVE)),
    "Word of before 2007": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Document(DOC, problem=UnreadDocument.OLD)),
    "cut short": (typed_docx("x" * 99)[:120], Document(FileKind.OTHER, problem=UnreadDocument.BROKEN)),
    "no XML": (zipped({"word/document.xml": "x"}), Document(DOC, problem=UnreadDocument.BROKEN)),
    "entities": (zipped({"word/document.xml": BILLION}), Document(DOC, problem=UnreadDocument.BROKEN)),
    "nested without end": (
        docx("<w:sdt>" * 50_000 + "</w:sdt>" * 50_000),
        Document(DOC, ""),
    ),
    "nested without end in a paragraph": (
        docx("<w:p>" + "<w:r>" * 50_000 + "</w:r>" * 50_000 + "</w:p>"),
        Document(DOC, ""),
    ),
}


@pytest.mark.parametrize(("content", "expected"), OTHERS.values(), ids=OTHERS)
def test_what_is_not_read(tmp_path: Path, content: bytes, expected: Document) -> None:
    assert read(tmp_path, content) == expected


def test_a_long_document_is_cut(tmp_path: Path) -> None:
    found = read(tmp_path, typed_docx(*["bancs " * 100] * 1000))
    assert (len(found.text), found.cut) == (199_999, True)


def test_a_bomb_costs_seconds_at_most(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as entry:
        for _ in range(100):
            entry.write(b" " * 10_000_000)
    started = time.monotonic()
    assert read_document(path).problem is UnreadDocument.TOO_LARGE
    assert time.monotonic() - started < 25


def test_very_many_entries_are_not_listed(tmp_path: Path) -> None:
    found = read(tmp_path, zipped({f"{n}": b"" for n in range(10_001)}))
    assert (found.kind, found.names, found.problem) == (ARCHIVE, (), UnreadDocument.TOO_LARGE)
