"""Reading: channels and transcription composed over paths, storing nothing.

``portevoix read`` and the steps of the pools call the same functions, so that what a person
tries on a file is what happens to what arrives.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from types import TracebackType

from channels.paper.form_split import plan_forms
from channels.paper.scan_files.wholeness import Wholeness, wholeness
from config.enums import Channel, MediumKind, NotContribution, PageEnd
from config.settings.loader import Settings
from config.wording.consultation import Consultation
from gateway.intake.contribute import NewPart, Passage, SetApart
from gateway.intake.part_media import NewMedium
from gateway.reading.attachments import shown_type
from gateway.reading.form_parts import NO_CODES_TYPED, KnownForms, Layouts, parts_of_forms, readable_pages
from gateway.reading.form_sheets import sort_pages
from gateway.reading.form_votes import with_covered_votes
from gateway.reading.opened_mail import open_file_in_child, open_mail_in_child
from inbox.paper.page_names import page_name, part_key_in_file
from transcription.audio import speech_models
from transcription.audio.masked_sound import Span, mask_sound
from transcription.audio.sound import SpeechLimits
from transcription.audio.speech import read_speech, read_speech_twice
from transcription.audio.speech_engine import SpeechEngine
from transcription.audio.speech_models import SpeechModel
from transcription.base.file_types import Family, type_of
from transcription.base.values import Doubt, EngineMissing, Transcript, TranscriptionError
from transcription.documents.document_text import DocumentLimits
from transcription.engine_probes import TESSERACT_NAMES
from transcription.forms.layout import FormPage
from transcription.forms.scanned import NOTHING_TYPED, ScannedPage, open_scans
from transcription.ocr.handwriting import HandwritingLimits, guess_handwriting
from transcription.ocr.printed_text import PrintLimits, read_print
from transcription.pages.masked_page import Box, mask_page
from transcription.pages.page_images import PageImage, PageLimits, open_pages
from transcription.pages.thumbnails import THUMBNAIL_TYPE, draw_thumbnails
from transcription.pages.typed_annotations import with_typed
from transcription.text.theme_suggestions import Suggestion, suggest_themes

log = logging.getLogger(__name__)

_MAIL_SUFFIXES = {".eml", ".mail"}
"""Names under which a person keeps a mail that may begin with anything; told by its content, it needs none."""
_WITHOUT_PAGES = {Family.DOCUMENT, Family.ARCHIVE, Family.TEXT, Family.HTML, Family.PACKED}
_SHOWN_SMALL = (MediumKind.PAGE, MediumKind.FORM)
_PRINTED, _SURE_WORD, _SURE_SHARE = 0.92, 0.8, 0.9
"""Mean confidence, and share of words of such confidence, from which the words of a zone are print."""
WHOLE_FILE = "file"
"""The part key of a file that could not be split."""
NOT_WHOLE = "The file ends before its end: pages, or parts of them, may be missing."
"""Why a person looks at the forms of a file that was cut off."""


@dataclass(frozen=True, slots=True)
class MediumReading:
    """What a medium turned out to say: one transcript per page or recording, or why there is none."""

    kind: MediumKind
    name: str
    transcripts: tuple[Transcript, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class PartReading:
    """What one part of a file says."""

    key: str
    channel: Channel
    text: str
    body: str | None = None
    aside: tuple[SetApart, ...] = ()
    passages: tuple[Passage, ...] = ()
    media: tuple[MediumReading, ...] = ()
    themes: tuple[Suggestion, ...] = ()
    not_contribution: NotContribution | None = None
    problem: str | None = None
    """Why it could not be read, or not all of it."""
    doubt: str | None = None
    """Why a person should look although there is a text."""
    seconds: float = 0.0

    @property
    def confidence(self) -> float | None:
        """Mean confidence over all words that a machine read, 0–1; None when none were."""
        words = [word.confidence for medium in self.media for read in medium.transcripts for word in read.words]
        return sum(words) / len(words) if words else None


Beheld = tuple[PageImage, Transcript]
"""A picture, and what was read in it."""


_NOT_THIS_LANGUAGE = {Doubt.OTHER_LANGUAGE, Doubt.NOT_UNDERSTOOD, Doubt.ONLY_DEMO_MODEL}
"""What a model doubts where it has understood nothing of what somebody said."""


@dataclass
class Readers:
    """The engines, loaded when first needed and kept; close them when done."""

    settings: Settings
    _engines: dict[tuple[str, str], SpeechEngine] = field(default_factory=dict)

    def __enter__(self) -> Readers:
        """Give the readers themselves."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the engines."""
        self.close()

    def close(self) -> None:
        """End the engines' child processes."""
        for engine in self._engines.values():
            engine.close()
        self._engines.clear()

    def read_recording(self, path: Path, language: str, others: Sequence[str] = ()) -> Transcript:
        """Speech to text with the model the settings name for ``language`` (ISO 639-1), else the best installed.

        What a model understands nothing of goes to the models of ``others`` too; a transcript in another language says
        so. Raises ``EngineMissing`` when there is none for ``language``, and the other ``TranscriptionError``s.
        """
        read = self._read_in(path, language)
        if read.heard or not _NOT_THIS_LANGUAGE.intersection(read.doubts):
            return read
        for other in others:
            with suppress(EngineMissing):  # nobody installed a model for that one
                if other != language and (understood := self._read_in(path, other)).heard:
                    doubts = tuple(dict.fromkeys((Doubt.OTHER_LANGUAGE, *understood.doubts)))
                    return replace(understood, language=other, doubt=doubts[0], also=doubts[1:])
        return read

    def _read_in(self, path: Path, language: str) -> Transcript:
        speech_limits = self.speech_limits
        heard_by = [self._hearing(engine, language) for engine in self.settings.speech.engines_for(language)]
        if len(heard_by) > 1:
            return read_speech_twice(path, heard_by, speech_limits, language)
        ((model, engine),) = heard_by
        return read_speech(path, model, engine=engine, limits=speech_limits, language=language)

    def _hearing(self, engine_name: str, language: str) -> tuple[SpeechModel, SpeechEngine]:
        """An engine with the model that hears this language, kept running."""
        speech = self.settings.speech
        model = speech_models.model_for(
            language,
            self.settings.models_dir,
            named=speech.models.get(language, ""),
            demo=speech.demo_model,
            engine=engine_name,
        )
        key = (model.name, language)
        engine = self._engines.get(key)
        if engine is None:
            engine = SpeechEngine(model, memory_mb=self.settings.limits.speech_memory_mb, language=language)
            self._engines[key] = engine
        return model, engine

    def open_pages(self, path: Path, workdir: Path) -> list[PageImage]:
        """A picture or a PDF as page images in ``workdir``."""
        return open_pages(path, workdir, self.page_limits)

    def open_scans(
        self, path: Path, workdir: Path, forms: Sequence[FormPage], typed: Mapping[int, str] = NOTHING_TYPED
    ) -> list[ScannedPage]:
        """The same, each page read as well that shows one of these forms; ``typed`` has codes that a person read."""
        return open_scans(path, workdir, forms, self.page_limits, typed)

    def read_zone(self, page: PageImage, languages: Sequence[str]) -> Transcript:
        """Print in a zone of a form to text; handwriting is never shown as though it were read: a person types it."""
        read = self._read_print(page, languages, laid_flat=True)
        surely = sum(word.confidence >= _SURE_WORD for word in read.words)
        is_print = (read.confidence or 0) >= _PRINTED and surely >= _SURE_SHARE * len(read.words)
        if read.words and not read.doubts and is_print:
            return read
        return replace(read, words=(), doubt=Doubt.BY_HAND, also=())

    def read_characters(self, page: PageImage) -> Transcript:
        """No word of boxed characters: they are somebody's name or number."""
        return Transcript("rapidocr", "", None, (), 0.0, size=(page.width, page.height))

    def with_guesses(self, zones: Sequence[Beheld], rows: Sequence[Beheld] = ()) -> list[Transcript]:
        """What was read, zones then rows of characters, with guesses at what no machine is to read.

        A start for who types it in, where it is likely to help; the picture is enough where no engine is. One child
        guesses at them all, because its models take longer to load than a picture takes.
        """
        asked = [page.path for page, read in zones if read.doubt is Doubt.BY_HAND]
        lines = [page.path for page, _read in rows]
        limits = HandwritingLimits(seconds=self.settings.limits.page_seconds * max(1, len(asked) + len(lines)))
        try:
            guesses = guess_handwriting([*asked, *lines], limits, one_line=lines)
        except TranscriptionError as error:
            log.warning("Nothing was guessed at handwriting: %s", error)
            return [read for _page, read in (*zones, *rows)]
        told = {path: one.text for path, one in zip([*asked, *lines], guesses, strict=True) if one.offered}
        found = [replace(read, guess=told.get(page.path, "")) for page, read in zones]
        return found + [replace(read, guess=told.get(page.path, "").replace(" ", "")) for page, read in rows]

    def read_page(self, page: PageImage, languages: Sequence[str]) -> Transcript:
        """Print to text; ``languages`` are ISO 639-1, the likeliest first."""
        return self._read_print(page, languages, laid_flat=False)

    def _read_print(self, page: PageImage, languages: Sequence[str], *, laid_flat: bool) -> Transcript:
        names = [TESSERACT_NAMES.get(language, language) for language in languages]
        limits = self.settings.limits
        print_limits = PrintLimits(page_seconds=limits.page_seconds, memory_mb=limits.memory_mb)
        return with_typed(read_print(page, names, print_limits, laid_flat=laid_flat), page)

    def draw_thumbnails(self, pages: Sequence[Path], workdir: Path, turns: Mapping[Path, int]) -> dict[Path, Path]:
        """Page images of ours in small, by the image, upright after so many quarter turns against the clock."""
        limits = self.settings.limits
        return draw_thumbnails(pages, workdir, seconds=limits.open_seconds, memory_mb=limits.memory_mb, turns=turns)

    def mask_recording(self, path: Path, spans: Sequence[Span], workdir: Path) -> Path:
        """A copy of a recording with a tone over these spans."""
        return mask_sound(path, spans, workdir, self.speech_limits)

    def mask_page(
        self, page: PageImage, boxes: Sequence[Box], unread: Sequence[Box], turns: int, workdir: Path
    ) -> Path:
        """A copy of a page's picture with boxes over these words, and over what nobody read; upright."""
        limits = self.settings.limits
        return mask_page(
            page.path, boxes, unread, turns, workdir, seconds=limits.open_seconds, memory_mb=limits.memory_mb
        )

    @property
    def speech_limits(self) -> SpeechLimits:
        """What listening to one recording may cost."""
        limits = self.settings.limits
        return SpeechLimits(
            open_seconds=limits.open_seconds,
            memory_mb=limits.memory_mb,
            recording_seconds=limits.recording_seconds,
            speech_seconds=limits.speech_seconds,
            voice_detection=self.settings.speech.voice_detection,
            pause_seconds=self.settings.speech.pause_seconds,
        )

    @property
    def page_limits(self) -> PageLimits:
        """What opening one picture or PDF may cost."""
        limits = self.settings.limits
        return PageLimits(
            open_seconds=limits.open_seconds, memory_mb=limits.memory_mb, pixels=limits.pixels, pages=limits.pages
        )

    @property
    def document_limits(self) -> DocumentLimits:
        """What reading one office document may cost."""
        limits = self.settings.limits
        return DocumentLimits(seconds=limits.open_seconds, memory_mb=limits.memory_mb)

    def themes(self, text: str, consultation: Consultation | None, language: str) -> tuple[Suggestion, ...]:
        """The consultation's themes that the text's words suggest."""
        return tuple(suggest_themes(text, consultation.themes, language)) if consultation else ()


def scan_parts(pages: Sequence[PageImage], pages_per_form: int, file_name: str = "") -> list[NewPart]:
    """A scanned file as its parts: one per form, blank sheets kept as such."""
    by_number = {page.number: page for page in pages}
    parts = []
    for form in plan_forms(pages, pages_per_form):
        of_form = [by_number[number] for number in form.pages]
        media = tuple(
            NewMedium(MediumKind.PAGE, page.content_type, source=page.path, name=page_name(page.number, file_name))
            for page in of_form
        )
        parts.append(
            NewPart(
                key=form.key,
                channel=Channel.PAPER,
                media=media,
                # Of what stands beside the page, its picture knows nothing when it is read.
                body="\n".join(line for page in of_form for line in page.typed) or None,
                needs_person=" ".join(dict.fromkeys(one.value for page in of_form for one in page.doubts)) or None,
                not_contribution=NotContribution.BLANK_PAGE if form.blank else None,
                pages=tuple((page.number, PageEnd.BLANK if form.blank else PageEnd.LETTER) for page in of_form),
            )
        )
    return parts


def parts_of_scans(
    readers: Readers,
    paths: Sequence[Path],
    workdir: Path,
    pages_per_form: int,
    names: Sequence[str] = (),
    layouts: Layouts | None = None,
    typed: Mapping[tuple[int, int], str] = NO_CODES_TYPED,
) -> list[NewPart]:
    """The scanned files of one mail, or one of a folder, as their parts; ``names`` are the files' own.

    Pages of forms printed from one of ``layouts`` become one part for each copy; others are free pages.
    ``typed`` has the texts of codes that a person read, by file and page, from 1.
    A file that cannot be opened is a part that needs a person, and so is every form of one without its end.
    """
    parts = []
    for number, (path, name) in enumerate(zip_longest(paths, names, fillvalue=""), start=1):
        pages_dir = workdir / f"pages-of-{number}"
        pages_dir.mkdir(exist_ok=True)
        forms = KnownForms(layouts or {}, {page: text for (file, page), text in typed.items() if file == number})
        found = _parts_of_scan(readers, Path(path), pages_dir, pages_per_form, name, forms)
        parts += [replace(part, key=part_key_in_file(part.key, number)) for part in found]
    return parts


def _parts_of_scan(
    readers: Readers, path: Path, pages_dir: Path, pages_per_form: int, name: str, forms: KnownForms
) -> list[NewPart]:
    try:
        found = _parts_by_content(readers, path, pages_dir, pages_per_form, name, forms)
    except TranscriptionError as error:
        if error.retryable:
            raise
        original = NewMedium(MediumKind.ATTACHMENT, "application/octet-stream", source=path, name=name or "scan")
        whole = ((0, PageEnd.UNREADABLE),)
        return [NewPart(WHOLE_FILE, Channel.PAPER, media=(original,), needs_person=str(error), pages=whole)]
    if wholeness(path) is not Wholeness.UNFINISHED:
        return found
    # A page that looks blank may be one that did not come through; of a recording its reading says what is missing.
    return [
        part
        if part.channel is Channel.VOICEMAIL
        else replace(part, needs_person=" ".join(filter(None, (part.needs_person, NOT_WHOLE))), not_contribution=None)
        for part in found
    ]


def _parts_by_content(
    readers: Readers, path: Path, workdir: Path, pages_per_form: int, name: str, forms: KnownForms
) -> list[NewPart]:
    """A file that came by itself as its parts, whatever it turns out to be; raises where its pages cannot be opened."""
    kind = type_of(path)
    if kind.family is Family.RECORDING:
        medium = NewMedium(MediumKind.RECORDING, shown_type(kind, kind.mime), source=path, name=name)
        return [NewPart("speech", Channel.VOICEMAIL, media=(medium,), pages=((0, PageEnd.LETTER),))]
    if kind.family is Family.MESSAGE:
        return _parts_of_mail(readers, path, workdir, pages_per_form)
    if kind.family not in _WITHOUT_PAGES:
        return _parts_of_pages(readers, path, workdir, pages_per_form, name, forms)
    part = open_file_in_child(path, name, kind.mime, workdir, readers.settings.limits)
    return [replace(part, key=WHOLE_FILE, channel=Channel.PAPER, pages=((0, PageEnd.LETTER),))]


def _parts_of_pages(
    readers: Readers, path: Path, workdir: Path, pages_per_form: int, name: str, forms: KnownForms
) -> list[NewPart]:
    """Our forms by their codes, whatever the order; what is none of them as it comes."""
    if not forms.layouts:
        return scan_parts(readers.open_pages(path, workdir), pages_per_form, name)
    pages = readers.open_scans(path, workdir, readable_pages(forms.layouts), forms.typed)
    found = sort_pages(with_covered_votes(readers, pages, workdir))
    ours = parts_of_forms(found, forms.layouts, name)
    # Between forms of ours, stray sheets are sheets of their own: counting pages would tear them apart.
    others = scan_parts([page.image for page in found.others], 1 if ours else pages_per_form, name)
    return [*ours, *others]


def with_thumbnails(readers: Readers, parts: Sequence[NewPart], workdir: Path) -> list[NewPart]:
    """The same parts, each with its pages in small, in their order; pages of which none can be made go without."""
    pages = [[m for m in part.media if m.kind in _SHOWN_SMALL and isinstance(m.source, Path)] for part in parts]
    sources = [page.source for of_part in pages for page in of_part if isinstance(page.source, Path)]
    turns = {
        page.source: page.transcript.turns
        for of_part in pages
        for page in of_part
        if isinstance(page.source, Path) and page.transcript is not None and page.transcript.turns
    }
    small = readers.draw_thumbnails(sources, workdir, turns)
    drawn = []
    for part, of_part in zip(parts, pages, strict=True):
        found = [(page.name, small.get(page.source)) for page in of_part if isinstance(page.source, Path)]
        pictures = (
            NewMedium(MediumKind.THUMBNAIL, THUMBNAIL_TYPE, source=path, name=name) for name, path in found if path
        )
        drawn.append(replace(part, media=(*part.media, *pictures)))
    return drawn


def languages_of(consultation: Consultation | None, language: str | None, default: str) -> tuple[str, ...]:
    """The languages to expect, the likeliest first."""
    expected = [language] if language else []
    expected += list(consultation.languages) if consultation else [default]
    return tuple(dict.fromkeys(expected))


def read_file(
    readers: Readers,
    path: Path,
    consultation: Consultation | None = None,
    *,
    language: str = "fr",
    pages_per_form: int = 1,
    layouts: Layouts | None = None,
) -> list[PartReading]:
    """Read a recording, scan, photo, PDF or mail as if it had arrived; nothing is stored.

    What cannot be read is a part with its ``problem``, never an exception.
    """
    with TemporaryDirectory(prefix="portevoix-read-") as name:
        workdir = Path(name)
        started = time.monotonic()
        try:
            parts = _parts_of(readers, path, workdir, pages_per_form, layouts or {})
        except TranscriptionError as error:
            return [PartReading("file", Channel.PAPER, "", problem=str(error), seconds=time.monotonic() - started)]
        return [_read_part(readers, part, consultation, language, workdir) for part in parts]


def _parts_of(readers: Readers, path: Path, workdir: Path, pages_per_form: int, layouts: Layouts) -> Iterable[NewPart]:
    if path.suffix.lower() in _MAIL_SUFFIXES:
        return _parts_of_mail(readers, path, workdir, pages_per_form)
    return _parts_of_scan(readers, path, workdir, pages_per_form, path.name, KnownForms(layouts))


def _parts_of_mail(readers: Readers, path: Path, workdir: Path, pages_per_form: int) -> list[NewPart]:
    opened = open_mail_in_child(path, workdir, readers.settings.limits)
    return parts_of_scans(readers, opened.scans, workdir, pages_per_form) if opened.scans else opened.parts


def _read_part(
    readers: Readers, part: NewPart, consultation: Consultation | None, language: str, workdir: Path
) -> PartReading:
    started = time.monotonic()
    media = tuple(_read_medium(readers, medium, consultation, language, workdir) for medium in part.media)
    read = [transcript.text for medium in media for transcript in medium.transcripts]
    text = "\n\n".join(piece for piece in [part.body or "", *read] if piece.strip())
    problems = [medium.problem for medium in media if medium.problem]
    doubts = dict.fromkeys(doubt.value for medium in media for t in medium.transcripts for doubt in t.doubts)
    if part.needs_person:
        doubts[part.needs_person] = None
    if not text.strip() and not problems and part.not_contribution is None:
        problems += doubts or ["Nothing could be read: a person has to look."]
    return PartReading(
        key=part.key,
        channel=part.channel,
        text=text,
        body=part.body,
        aside=part.aside,
        passages=part.passages,
        media=media,
        themes=readers.themes(text, consultation, language),
        not_contribution=part.not_contribution,
        problem=" ".join(problems) or None,
        doubt=" ".join(one for one in doubts if one not in problems) or None,
        seconds=time.monotonic() - started,
    )


def _read_medium(
    readers: Readers, medium: NewMedium, consultation: Consultation | None, language: str, workdir: Path
) -> MediumReading:
    assert isinstance(medium.source, Path)
    name = medium.name or medium.source.name
    languages = languages_of(consultation, language, readers.settings.language)
    try:
        if medium.kind is MediumKind.RECORDING:
            return MediumReading(medium.kind, name, (readers.read_recording(medium.source, languages[0]),))
        if medium.transcript is not None:
            return MediumReading(medium.kind, name, (medium.transcript,))
        if medium.kind is MediumKind.ZONE:
            pages = readers.open_pages(medium.source, Path(mkdtemp(dir=workdir)))
            zones = [(page, readers.read_zone(page, languages)) for page in pages]
            return MediumReading(medium.kind, name, tuple(readers.with_guesses(zones)))
        if medium.kind in (MediumKind.PAGE, MediumKind.PHOTO):
            pages = readers.open_pages(medium.source, Path(mkdtemp(dir=workdir)))
            return MediumReading(medium.kind, name, tuple(readers.read_page(page, languages) for page in pages))
    except TranscriptionError as error:
        return MediumReading(medium.kind, name, problem=f"{error} ({error.remedy})" if error.remedy else str(error))
    # What could be read of an attachment stands in the mail's text already, and what could not, in its reason.
    return MediumReading(medium.kind, name)
