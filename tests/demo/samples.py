"""The demo's residents as values, read from a TOML file; what is wrong in it is said with its place."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from config.enums import Channel

HERE = Path(__file__).parent
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Number = Annotated[str, StringConstraints(pattern=r"^\+[1-9]\d{6,14}$")]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Sample(BaseModel):
    """What every sample has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name


class Text(Sample):
    """A text message, or several in a row."""

    channel: Literal[Channel.SMS] = Channel.SMS
    sender: Number
    says: tuple[Said, ...] = Field(min_length=1)


class Call(Sample):
    """A call, spoken by espeak-ng."""

    channel: Literal[Channel.VOICEMAIL] = Channel.VOICEMAIL
    sender: Number
    voice: str = "fr"
    speed: int = Field(default=150, ge=80, le=300)
    """Words per minute."""
    pitch: int = Field(default=50, ge=0, le=99)
    noise_db: float = 34
    """How far the noise on the line lies below the voice, in decibels."""
    says: Said


class Photo(BaseModel):
    """A page photographed with a telephone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = ""
    says: Said


class Mail(Sample):
    """An e-mail, perhaps with the thread it answers and a photo of a page."""

    channel: Literal[Channel.EMAIL] = Channel.EMAIL
    mailbox: Name
    sender: str
    subject: str
    says: Said
    quotes: str = ""
    photo: Photo | None = None


class Page(Sample):
    """A page from a copier."""

    channel: Literal[Channel.PAPER] = Channel.PAPER
    door: Literal["folder", "upload"] = "folder"
    file: Literal["pdf", "jpeg", "tiff"] = "pdf"
    title: str = ""
    says: Said
    skew: float = Field(default=1.0, ge=-5, le=5)
    """Degrees, against the clock."""
    noise: float = Field(default=8, ge=0, le=40)
    """Standard deviation of the paper's grain, of 255 grey levels."""


class Form(Sample):
    """A form that is printed on the page « Formulaires », ticked by hand, and put through the copier."""

    channel: Literal[Channel.PAPER] = Channel.PAPER
    ticks: tuple[Name, ...] = Field(min_length=1)
    """Themes of the consultation."""


AnySample = Text | Call | Mail | Page | Form


class Samples(BaseModel):
    """Everything the demo sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: tuple[Text, ...] = ()
    call: tuple[Call, ...] = ()
    mail: tuple[Mail, ...] = ()
    page: tuple[Page, ...] = ()
    form: tuple[Form, ...] = ()

    @property
    def all(self) -> tuple[AnySample, ...]:
        """Every sample, channel by channel."""
        return (*self.text, *self.call, *self.mail, *self.page, *self.form)

    @model_validator(mode="after")
    def _told_apart(self) -> Samples:
        names = [sample.name for sample in self.all]
        # Texts of one number become one contribution, so a second sample of it would never be found.
        senders = [sample.sender for sample in self.text]
        for kind, values in (("name", names), ("sender of texts", senders)):
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f"every {kind} may occur once; {', '.join(twice)} occurs again")
        if not names:
            raise ValueError("nobody says anything")
        return self


def read_samples(path: Path = HERE / "samples.toml") -> Samples:
    """Read a file of samples; raises ``ValueError`` (pydantic's, or TOML's) with the place of the mistake."""
    return Samples.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def spoken_words(text: str) -> list[str]:
    """The words of a text as a speech model writes them."""
    return re.findall(r"[\w']+", text.lower())
