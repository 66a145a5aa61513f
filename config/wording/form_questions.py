"""What a consultation's paper form asks: the table ``[form]`` of a consultation file."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from config.wording.pictogram_names import PICTOGRAMS
from config.wording.toml_table import ByLanguage, Slug, TomlTable, Words


def _pictogram(name: str) -> str:
    if name and name not in PICTOGRAMS:
        raise ValueError(f"is no pictogram; there are {', '.join(PICTOGRAMS)}")
    return name


Pictogram = Annotated[str, AfterValidator(_pictogram)]


class FormOption(TomlTable):
    """A quarter of the town to tick, or a zone to write in: its name in exports, and what stands on the form."""

    key: Slug
    label: ByLanguage


Age = Annotated[int, Field(ge=5, le=110)]


class FormQuestions(TomlTable):
    """The form's questions besides the consultation's own. With nothing written, a good form comes out."""

    ask_themes: bool = True
    quarters: Annotated[tuple[FormOption, ...], Field(max_length=40)] = ()
    age_limits: Annotated[tuple[Age, ...], Field(max_length=9)] = ()
    """Where an age group ends and the next begins; none, and the age is not asked."""
    zones: Annotated[tuple[FormOption, ...], Field(max_length=6)] = ()
    """Zones to write in; none stands for a single one, with our words."""
    drawing: bool = True
    contact: tuple[Literal["telephone", "name"], ...] = ("telephone", "name")
    reply_authorisation: Annotated[str, Field(pattern=r"^[0-9]{0,9}$")] = ""
    """The number of the postal operator's authorisation for prepaid replies; none, and there is no reply sheet."""
    reply_address: Annotated[tuple[Annotated[Words, Field(max_length=38)], ...], Field(max_length=6)] = ()
    """The address of prepaid replies, line by line: at most six lines of 38 letters (AFNOR XP Z10-011)."""
    poster_link: str = Field(default="", max_length=200)
    """What a poster's QR code opens; nothing stands for a call to the consultation's number."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        for what, keys in (
            ("quarters", [quarter.key for quarter in self.quarters]),
            ("zones", [zone.key for zone in self.zones]),
            ("contact", [str(row) for row in self.contact]),
        ):
            if twice := sorted({key for key in keys if keys.count(key) > 1}):
                raise ValueError(f"{what} has {', '.join(twice)} twice; take one out or give it a name of its own")
        if list(self.age_limits) != sorted(set(self.age_limits)):
            raise ValueError("age_limits must rise; write them like [18, 30, 60]")
        if "drawing" in [zone.key for zone in self.zones]:
            raise ValueError("zones has one called drawing, which is the zone to draw in; give it another name")
        if self.reply_authorisation and not self.reply_address:
            raise ValueError("reply_authorisation needs reply_address: where the prepaid sheets go")
        return self
