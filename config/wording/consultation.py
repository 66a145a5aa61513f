"""A consultation: the question put to residents, as a town writes it in one TOML file."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from config.enums import Answers, Channel, ModerationMode
from config.settings.sections.setting_types import MailAddress, MessagingService, TelephoneNumber, TextSender
from config.settings.toml_lines import TomlLines
from config.wording.form_questions import FormQuestions, Pictogram
from config.wording.message_catalog import text_problems
from config.wording.projects import MOST_PROJECTS, Project, Vote
from config.wording.toml_table import ByLanguage, Language, Slug, TomlTable, Words


class ConsultationError(Exception):
    """A consultation file cannot be used; ``problems`` has one line for each thing to mend."""

    retryable = False
    remedy = "mend the lines named, then import the file again"

    def __init__(self, source: str, problems: tuple[str, ...]) -> None:
        self.source = source
        self.problems = problems
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))


class Theme(TomlTable):
    """A theme, and the words by which it is suggested: whole words in any inflection, or phrases."""

    key: Slug
    label: ByLanguage
    words: dict[Language, tuple[Words, ...]] = {}
    pictogram: Pictogram = ""


class Addresses(TomlTable):
    """Where contributions to this consultation arrive; what is listed nowhere belongs to no consultation."""

    phones: tuple[TelephoneNumber, ...] = ()
    services: tuple[MessagingService, ...] = ()
    mailboxes: tuple[Annotated[MailAddress, AfterValidator(str.lower)], ...] = ()
    folders: tuple[str, ...] = ()
    centres: tuple[Slug, ...] = ()

    def listed(self) -> Iterator[tuple[Channel, str]]:
        """Every address with each channel it may receive, for looking up a consultation."""
        for phone in self.phones:
            yield Channel.SMS, phone
            yield Channel.VOICEMAIL, phone
        for service in self.services:
            yield Channel.SMS, service
        for mailbox in self.mailboxes:
            yield Channel.EMAIL, mailbox
        for place in (*self.folders, *self.centres):
            yield Channel.PAPER, place


class Retention(TomlTable):
    """How long things are kept, in days; each period starts when the thing arrives.

    The defaults hold for what belongs to no consultation.
    """

    recording_days: int = Field(default=180, ge=1, le=3660)
    original_days: int = Field(default=365, ge=1, le=3660)
    contribution_days: int = Field(default=1095, ge=1, le=3660)

    def keep_recording_until(self, day: date) -> date:
        """The last day a recording that arrived on ``day`` is kept."""
        return day + timedelta(days=self.recording_days)

    def keep_original_until(self, day: date) -> date:
        """The last day any other original that arrived on ``day`` is kept."""
        return day + timedelta(days=self.original_days)

    def keep_contribution_until(self, day: date) -> date:
        """The last day a contribution that arrived on ``day`` is kept."""
        return day + timedelta(days=self.contribution_days)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.recording_days > self.contribution_days or self.original_days > self.contribution_days:
            raise ValueError("recordings and originals are kept longer than the contribution; shorten theirs")
        return self


def _date(value: Any) -> Any:
    """TOML's own dates, those of stored versions, and French ones: 30/04/2027."""
    if not isinstance(value, str):
        return value
    if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", value):
        value = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError("is no date; write it like 2027-04-30") from error


Day = Annotated[date, BeforeValidator(_date)]


def _as_sentences(words: Mapping[str, str]) -> dict[str, str]:
    """What a town wrote, closed by a full stop where other sentences follow it."""
    return {language: text if text[-1:] in ".!?…" else f"{text}." for language, text in words.items()}


class Consultation(TomlTable):
    """A question put to residents. Never changed: an edited file makes another version."""

    slug: Slug
    town: Slug
    town_name: Annotated[Words, Field(max_length=128)]
    town_short: Annotated[str, Field(max_length=18)] = ""
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("fr",)
    title: ByLanguage
    question: ByLanguage
    can_change: ByLanguage
    cannot_change: ByLanguage
    decides: ByLanguage
    opens: Day
    closes: Day
    answer_by: Day | None = None
    answers: Answers = Answers.NONE
    free_call: bool = False
    public: bool = True
    second_person: bool = False
    moderation: ModerationMode = ModerationMode.BEFORE
    second_look_every: Annotated[int, Field(ge=0, le=1000)] = 20
    themes: tuple[Theme, ...] = ()
    projects: Annotated[tuple[Project, ...], Field(max_length=MOST_PROJECTS)] = ()
    """What residents can support; none, and nobody is asked to."""
    vote: Vote = Vote()
    addresses: Addresses = Addresses()
    contact_phone: Words
    sender: TextSender = ""
    retention: Retention = Retention()
    controller: Words
    dpo: Words
    pages_per_form: Annotated[int, Field(ge=1, le=20)] = 1
    form: FormQuestions = FormQuestions()
    texts: dict[Language, dict[str, Words]] = {}

    @property
    def language(self) -> str:
        """The language used when nobody chose another: the first one listed."""
        return self.languages[0]

    def told(self) -> dict[str, object]:
        """What residents' texts may name (``config.wording.message_keys.CONSULTATION_FACTS``)."""
        return {
            "town": self.town_name,
            "title": self.title,
            "question": self.question,
            "can_change": _as_sentences(self.can_change),
            "cannot_change": _as_sentences(self.cannot_change),
            "decides": _as_sentences(self.decides),
            "opens": self.opens,
            "closes": self.closes,
            "answer_by": self.answer_by or "",
            "promise": self.answers.name.lower(),
            "free_call": self.free_call or "",
            "phone": self.contact_phone,
            "controller": self.controller,
            "dpo": self.dpo,
            "recording_kept": timedelta(days=self.retention.recording_days),
        }

    def state_on(self, day: date) -> str:
        """``before``, ``open`` or ``closed`` on a day of the town's calendar; both ends count as open."""
        if day < self.opens:
            return "before"
        return "open" if day <= self.closes else "closed"

    def project(self, number: int) -> Project | None:
        """The project with this number, if the consultation has it."""
        return next((project for project in self.projects if project.number == number), None)

    def theme(self, key: str) -> Theme | None:
        """The theme with this key, if the consultation has it."""
        return next((theme for theme in self.themes if theme.key == key), None)

    @field_validator("title", "question", "can_change", "cannot_change", "decides")
    @classmethod
    def _in_every_language(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        missing = [language for language in info.data.get("languages", ()) if language not in value]
        if missing:
            raise ValueError(f"is missing in {', '.join(missing)}; write it, or take the language out of languages")
        return value

    @field_validator("closes", "answer_by")
    @classmethod
    def _in_time(cls, value: date | None, info: ValidationInfo) -> date | None:
        earlier = "opens" if info.field_name == "closes" else "closes"
        if value is not None and earlier in info.data and value < info.data[earlier]:
            raise ValueError(f"is before {earlier} ({info.data[earlier]}); correct one of them")
        return value

    @field_validator("answers")
    @classmethod
    def _promised_by_a_day(cls, value: Answers, info: ValidationInfo) -> Answers:
        if value is not Answers.NONE and info.data.get("answer_by", "") is None:
            raise ValueError('promises an answer by no day; write answer_by, or answers = "none"')
        return value

    @field_validator("form")
    @classmethod
    def _form_in_every_language(cls, value: FormQuestions, info: ValidationInfo) -> FormQuestions:
        for option in (*value.quarters, *value.zones):
            if missing := [language for language in info.data.get("languages", ()) if language not in option.label]:
                raise ValueError(f"has no label of {option.key} in {', '.join(missing)}; write it")
        return value

    @field_validator("themes")
    @classmethod
    def _themes_once(cls, value: tuple[Theme, ...], info: ValidationInfo) -> tuple[Theme, ...]:
        keys = [theme.key for theme in value]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"has {', '.join(twice)} twice; give each theme a key of its own")
        for theme in value:
            if missing := [language for language in info.data.get("languages", ()) if language not in theme.label]:
                raise ValueError(f"has no label of {theme.key} in {', '.join(missing)}; write it")
        return value

    @field_validator("projects")
    @classmethod
    def _projects_once(cls, value: tuple[Project, ...], info: ValidationInfo) -> tuple[Project, ...]:
        numbers = [project.number for project in value]
        if twice := sorted({number for number in numbers if numbers.count(number) > 1}):
            raise ValueError(f"has {', '.join(map(str, twice))} twice; give each project a number of its own")
        for project in value:
            if missing := [language for language in info.data.get("languages", ()) if language not in project.label]:
                raise ValueError(f"has no label of {project.number} in {', '.join(missing)}; write it")
        return value


Loc = tuple[int | str, ...]


class BadConsultation(Exception):
    """A table is no consultation: what is wrong where, as (place, value if it is short, what to do about it)."""

    def __init__(self, problems: Iterable[tuple[Loc, str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{'.'.join(map(str, loc))}: {message}" for loc, _, message in self.problems))


def read_consultation(source: Path | str | bytes) -> Consultation:
    """Read a consultation file (a path, or the file's bytes), or raise ``ConsultationError`` naming each line."""
    name = "consultation" if isinstance(source, bytes) else str(source)
    try:
        raw = source if isinstance(source, bytes) else Path(source).read_bytes()
        text = raw.decode("utf-8-sig")  # Windows editors put a byte-order mark in front
        table = tomllib.loads(text)
    except OSError as error:
        raise ConsultationError(name, (f"cannot be read: {error.strerror}; check the path",)) from error
    except UnicodeDecodeError as error:
        raise ConsultationError(name, ("is not UTF-8 text; save it as UTF-8",)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConsultationError(name, (f"is not valid TOML: {error}; mend that line",)) from error
    try:
        return consultation_of(table)
    except BadConsultation as bad:
        lines = TomlLines(text)
        told = [(lines.of(loc), f"{'.'.join(map(str, loc))}{value}: {message}") for loc, value, message in bad.problems]
        raise ConsultationError(name, _in_order(told)) from bad


def consultation_of(table: Mapping[str, Any]) -> Consultation:
    """The consultation a table is, from a file or a page, or ``BadConsultation``."""
    try:
        consultation = Consultation.model_validate(table)
    except ValidationError as error:
        raise BadConsultation(_problems(error)) from error
    # Only here and not in the model: a version stored long ago stays readable when the list of texts changes.
    if wrong := text_problems(consultation):
        raise BadConsultation((("texts", *loc), "", words) for loc, words in wrong)
    return consultation


def _problems(error: ValidationError) -> Iterator[tuple[Loc, str, str]]:
    for one in error.errors(include_url=False):
        loc = tuple(step for step in one["loc"] if step != "[key]")
        message = one["msg"].removeprefix("Value error, ")
        if one["type"] == "extra_forbidden":
            message = "there is no such entry; check its spelling and the table it stands in"
        if one["type"] == "missing":
            message = "is missing; write it"
        value = f" = {one['input']}" if isinstance(one["input"], str | int | float | date) else ""
        yield loc, value, message


def _in_order(problems: Iterable[tuple[int, str]]) -> tuple[str, ...]:
    return tuple(f"line {line}: {words}" if line else words for line, words in sorted(problems))
