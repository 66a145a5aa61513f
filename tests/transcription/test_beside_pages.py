"""What a file holds and the pictures of its pages do not show; and pictures that are no pages."""

import io
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageDraw

from transcription.base.values import Doubt, Transcript, Unread, Unreadable
from transcription.pages import page_child, page_images
from transcription.pages.page_images import PageImage
from transcription.pages.typed_annotations import with_typed

Opened = Callable[[bytes], list[PageImage]]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Opens in this process what is opened in a child, which takes a second to start, in ``test_pages``."""
    monkeypatch.setattr(page_images, "parse_in_child", lambda _function, asked, **_limits: page_child.open_file(asked))

    def open_(content: bytes) -> list[PageImage]:
        path, workdir = tmp_path / "attachment", tmp_path / "pages"
        path.write_bytes(content)
        workdir.mkdir(exist_ok=True)
        return page_images.open_pages(path, workdir)

    return open_


def pdf(*annotations: pikepdf.Dictionary, root: dict[str, object] | None = None, words: str = "Bonjour") -> bytes:
    """A page that says ``words``, with annotations; ``root`` is added to the catalogue."""
    file = pikepdf.new()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page = file.add_blank_page(page_size=(300, 200))
    page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.obj.Contents = file.make_stream(f"BT /F1 24 Tf 40 100 Td ({words}) Tj ET".encode())
    page.obj.Annots = file.make_indirect(pikepdf.Array([file.make_indirect(one) for one in annotations]))
    for name, value in (root or {}).items():
        file.Root[name] = value(file) if callable(value) else value
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def annotation(kind: str, **entries: object) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name(f"/{kind}"), Rect=[20, 20, 120, 40], **entries
    )


def form(xfa: Callable[[pikepdf.Pdf], object]) -> Callable[[pikepdf.Pdf], pikepdf.Dictionary]:
    return lambda file: pikepdf.Dictionary(Fields=[], XFA=xfa(file))


DATA = (
    b'<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><avis><nom>Anne</nom>'
    b"<texte>Un banc &#224; l'ombre</texte><vide/></avis></xfa:data></xfa:datasets>"
)
WAIT = "Please wait"
TYPED = {
    "a sticky note": (pdf(annotation("Text", Contents="Plus de bancs")), ("Plus de bancs",), (Doubt.TYPED_BESIDE,)),
    "a remark on a line": (pdf(annotation("Highlight", Contents="Non !")), ("Non !",), (Doubt.TYPED_BESIDE,)),
    "a box that is not drawn": (
        pdf(annotation("FreeText", Contents="Un abri")),
        ("Un abri",),
        (Doubt.TYPED_BESIDE,),
    ),
    "a note that is hidden": (pdf(annotation("Text", Contents="Caché", F=2)), ("Caché",), (Doubt.TYPED_BESIDE,)),
    "a field too small for what is in it": (
        pdf(annotation("Widget", FT=pikepdf.Name.Tx, T="a", V="bancs " * 30, DA="/F1 12 Tf")),
        (("bancs " * 30).strip(),),
        (Doubt.TYPED_BESIDE,),
    ),
    "a field that shows all": (pdf(annotation("Widget", FT=pikepdf.Name.Tx, T="a", V="bancs", DA="/F1 12 Tf")), (), ()),
    "a link": (pdf(annotation("Link", Contents="la ville")), (), ()),
    "a recording pinned to it": (pdf(annotation("Sound")), (), (Doubt.FILES_WITHIN,)),
    "a form of another program, in packets": (
        pdf(
            root={
                "/AcroForm": form(
                    lambda file: pikepdf.Array(
                        ["template", file.make_stream(b"<template/>"), "datasets", file.make_stream(DATA)]
                    )
                ),
                "/NeedsRendering": True,
            },
            words=WAIT,
        ),
        ("Anne", "Un banc à l'ombre"),
        (Doubt.OWN_PROGRAM,),
    ),
    "the same in one, which does not say so": (
        pdf(
            root={"/AcroForm": form(lambda file: file.make_stream(b"<xdp><template/>" + DATA + b"</xdp>"))}, words=WAIT
        ),
        ("Anne", "Un banc à l'ombre"),
        (Doubt.OWN_PROGRAM,),
    ),
    "the same without an answer": (
        pdf(
            root={
                "/AcroForm": form(lambda file: file.make_stream(b"<template/>")),
                "/NeedsRendering": True,
            },
            words=WAIT,
        ),
        (),
        (Doubt.OWN_PROGRAM,),
    ),
    "the same, damaged": (
        pdf(
            root={
                "/AcroForm": form(lambda file: file.make_stream(b"<xfa:datasets><oops")),
                "/NeedsRendering": True,
            },
            words=WAIT,
        ),
        (),
        (Doubt.OWN_PROGRAM,),
    ),
}


@pytest.mark.parametrize(("content", "typed", "doubts"), TYPED.values(), ids=TYPED)
def test_what_stands_beside_a_page(opened: Opened, content: bytes, typed: tuple[str, ...], doubts: tuple[Doubt, ...]):
    (page,) = opened(content)
    assert (page.typed, page.doubts, page.blank) == (typed, doubts, False)


def test_nobody_meant_the_words_that_ask_to_wait(opened: Opened) -> None:
    waiting = TYPED["the same without an answer"][0]
    (page,) = opened(waiting)
    assert Image.open(page.path).getextrema() == (255, 255)


def test_a_form_of_several_pages_is_read_and_its_answers_besides(opened: Opened) -> None:
    root = {"/AcroForm": form(lambda file: file.make_stream(b"<xdp><template/>" + DATA + b"</xdp>"))}
    file = pikepdf.open(io.BytesIO(pdf(root=root)))
    file.pages.append(file.pages[0])
    out = io.BytesIO()
    file.save(out)
    first, second = opened(out.getvalue())
    assert (first.typed, first.doubts) == (("Anne", "Un banc à l'ombre"), (Doubt.OWN_PROGRAM, Doubt.TYPED_BESIDE))
    assert (second.typed, second.doubts) == ((), ())
    assert Image.open(first.path).getextrema() == Image.open(second.path).getextrema() != (255, 255)


def test_a_files_own_files_are_told(opened: Opened) -> None:
    file = pikepdf.open(io.BytesIO(pdf()))
    file.attachments["lettre.txt"] = pikepdf.AttachedFileSpec(file, b"Des bancs")
    out = io.BytesIO()
    file.save(out)
    assert opened(out.getvalue())[0].doubts == (Doubt.FILES_WITHIN,)


def test_what_is_typed_stands_below_what_was_read() -> None:
    page = PageImage(Path("p.png"), 2, 100, 50, None, False, ("Plus de\nbancs",), (Doubt.TYPED_BESIDE,))
    read = with_typed(Transcript("tesseract", "5", None, (), 0.0, Doubt.NO_PRINT), page)
    assert (read.text, read.doubts) == ("Plus de\nbancs", (Doubt.NO_PRINT, Doubt.TYPED_BESIDE))
    assert {(word.confidence, word.box) for word in read.words} == {(1.0, (0, 0, 100, 50))}


# --- pictures


def picture(format_: str, *frames: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    first, *more = frames or (drawn("un"),)
    first.save(file, format_, **({"save_all": True, "append_images": more} if more else {}), **options)
    return file.getvalue()


def drawn(text: str) -> Image.Image:
    image = Image.new("RGB", (200, 80), "white")
    ImageDraw.Draw(image).text((20, 30), text, fill="black")
    return image


FRAMES = {
    "an animated GIF": picture("GIF", drawn("un"), drawn("deux")),
    "an animated WebP": picture("WEBP", drawn("un"), drawn("deux"), lossless=True),
    "an animated PNG": picture("PNG", drawn("un"), drawn("deux")),
    "a sequence in AVIF": picture("AVIF", drawn("un"), drawn("deux")),
}


@pytest.mark.parametrize("content", FRAMES.values(), ids=FRAMES)
def test_pictures_behind_the_first_are_told(opened: Opened, content: bytes) -> None:
    (page,) = opened(content)
    assert (page.doubts, page.blank) == ((Doubt.MORE_PICTURES,), False)


def test_a_fax_of_two_pages_is_two_pages(opened: Opened) -> None:
    assert [page.doubts for page in opened(picture("TIFF", drawn("un"), drawn("deux")))] == [(), ()]


def test_avif_is_opened(opened: Opened) -> None:
    (page,) = opened(picture("AVIF"))
    assert (page.width, page.height, page.doubts) == (200, 80, ())


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (2000, 5), (11, 11)])
@pytest.mark.parametrize("format_", ["PNG", "GIF", "BMP"])
def test_what_is_too_small_says_so(opened: Opened, size: tuple[int, int], format_: str) -> None:
    with pytest.raises(Unreadable) as caught:
        opened(picture(format_, Image.new("RGB", size, "black")))
    assert caught.value.why is Unread.TOO_SMALL


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP", "AVIF", "JPEG2000", "PPM"])
def test_of_a_cut_or_wrong_picture_nothing_but_a_reason_comes(opened: Opened, format_: str) -> None:
    whole, rng = picture(format_), random.Random(format_)
    for share in (0.05, 0.3, 0.7):
        wrong = bytearray(whole)
        for _ in range(20):
            wrong[rng.randrange(4, len(wrong))] = rng.randrange(256)
        for content in (whole[: max(8, int(len(whole) * share))], bytes(wrong)):
            with suppress(Unreadable):
                assert len(opened(content)) >= 1


TIFF_TAGS = {
    "widths that are none": (256, 2, b"\0\0"),
    "a compression nobody knows": (259, 3, b"\xff\x7f"),
    "strips that lie outside": (273, 4, b"\xff\xff\xff\x7f"),
    "no samples": (277, 3, b"\0\0"),
}


@pytest.mark.parametrize(("tag", "kind", "value"), TIFF_TAGS.values(), ids=TIFF_TAGS)
def test_a_tiff_with_wrong_tags_is_damaged(opened: Opened, tag: int, kind: int, value: bytes) -> None:
    raw = bytearray(picture("TIFF"))
    at = raw.index(tag.to_bytes(2, "little"), int.from_bytes(raw[4:8], "little"))
    raw[at + 2 : at + 4] = kind.to_bytes(2, "little")
    raw[at + 8 : at + 8 + len(value)] = value
    with pytest.raises(Unreadable) as caught:
        opened(bytes(raw))
    assert caught.value.why in (Unread.BROKEN, Unread.NOT_A_PAGE)


def test_a_bomb_is_too_large(opened: Opened) -> None:
    huge = Image.new("1", (12_000, 12_000))
    content = picture("PNG", huge)
    assert len(content) < 1_000_000
    with pytest.raises(Unreadable) as caught:
        opened(content)
    assert caught.value.why is Unread.TOO_LARGE
