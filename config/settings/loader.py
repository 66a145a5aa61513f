"""Settings: one TOML file, the environment above it, one sentence of help each, checked at start.

Programs call ``load_settings``; building ``Settings(...)`` directly reads neither
file nor environment, which is what tests want.
"""

import difflib
import json
import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

from config.settings.schema import ENV_PREFIX, Settings
from config.settings.settings_reference import describe_settings, inner_model, is_secret, settings_page, shown_settings

__all__ = [
    "ExternalSettings",
    "Settings",
    "SettingsError",
    "describe_settings",
    "load_settings",
    "read_external_settings",
    "settings_page",
    "shown_settings",
]

FILE_NAME = "portevoix.toml"
BY_NAME = "mailboxes"
"""The list whose tables have a name each, by which those of the pages are told from those outside."""
NOTHING_STORED: Mapping[str, Any] = {}
ENV_FILE = "PORTEVOIX_SETTINGS_FILE"
"""Names the settings file; the one variable that is not itself a setting."""


@dataclass(frozen=True)
class SettingsProblem:
    """One thing wrong with the settings: the field's path, its value (secrets masked), what to do about it."""

    field: str
    value: str
    remedy: str
    said: str = ""
    """What is wrong, without the rest of the remedy."""

    def __str__(self) -> str:
        """The line a person reads: field, value, remedy."""
        shown = f" = {self.value}" if self.value else ""
        return f"{self.field}{shown}: {self.remedy}"


class SettingsError(Exception):
    """The settings cannot be used; ``problems`` lists everything that is wrong at once."""

    retryable = False

    def __init__(self, problems: tuple[SettingsProblem, ...]) -> None:
        self.problems = problems
        self.remedy = problems[0].remedy if problems else ""
        super().__init__("\n".join(map(str, problems)))


# --- reading ------------------------------------------------------------------------------------


def load_settings(path: Path | None = None, env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings file and the environment above it, or raise ``SettingsError`` with every remedy.

    Without ``path`` it is the file that ``PORTEVOIX_SETTINGS_FILE`` names, else ``portevoix.toml`` in the
    current folder if there is one.
    """
    return read_external_settings(path, env).settings()


@dataclass(frozen=True)
class ExternalSettings:
    """What file and environment say, which comes before what was set on the pages."""

    folder: Path = field(default_factory=Path.cwd)
    file: Path | None = None
    from_file: dict[str, Any] = field(default_factory=dict)
    from_env: dict[str, Any] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        """The two as one table."""
        return _merged(self.from_file, self.from_env)

    def says(self, dotted: str) -> bool:
        """Whether the setting ``smtp.sender`` is said outside, and so cannot be changed on a page."""
        return _holds(self.values, tuple(dotted.split(".")))

    def settings(self, stored: Mapping[str, Any] = NOTHING_STORED) -> Settings:
        """The settings, with what was set on the pages below them; raises ``SettingsError``."""
        try:
            return Settings(**_merged({"folder": self.folder}, _above(dict(stored), self.values)))
        except ValidationError as error:
            raise SettingsError(tuple(_problems(error, self, stored))) from error

    def usable(self, stored: Mapping[str, Any]) -> tuple[Settings, tuple[str, ...]]:
        """The settings without those from the pages that cannot be used (any more), whose names come second.

        Raises ``SettingsError`` for what is wrong outside.
        """
        left, dropped = dict(stored), list[str]()
        while True:
            try:
                return self.settings(left), tuple(dropped)
            except SettingsError as error:
                at_fault = {problem.field.partition(".")[0] for problem in error.problems} & left.keys()
                if not at_fault:
                    raise
                for name in at_fault:
                    del left[name]
                dropped += sorted(at_fault)


def read_external_settings(path: Path | None = None, env: Mapping[str, str] | None = None) -> ExternalSettings:
    """What file and environment say; raises ``SettingsError`` when one of them cannot be read."""
    env = os.environ if env is None else env
    file = _file(path, env)
    folder = file.resolve().parent if file else Path.cwd()
    return ExternalSettings(folder, file, _read_file(file) if file else {}, _read_environment(env))


def settings_file() -> Path | None:
    """The file that is read when none is named, if there is one; raises ``SettingsError`` where it should be."""
    return _file(None, os.environ)


def _file(path: Path | None, env: Mapping[str, str]) -> Path | None:
    named = path or (Path(env[ENV_FILE]) if env.get(ENV_FILE) else None)
    if named is None:
        return Path(FILE_NAME) if Path(FILE_NAME).is_file() else None
    if not named.is_file():
        raise SettingsError(
            (SettingsProblem("settings file", str(named), "does not exist; check the path, or create it"),)
        )
    return named


def _read_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError((SettingsProblem("settings file", str(file), f"cannot be read: {error}"),)) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            (SettingsProblem("settings file", str(file), f"is not valid TOML: {error}; mend that line"),)
        ) from (error)


class _Environment(EnvSettingsSource):
    """The ``PORTEVOIX_…`` variables; a list may also be written plainly, with commas."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ARG002
        if value.lstrip()[:1] not in {"[", "{"}:
            return [item.strip() for item in value.split(",")]
        try:
            return json.loads(value)
        except json.JSONDecodeError as error:
            # The value is not shown: it may hold a password.
            remedy = f"the environment's value is not valid JSON ({error}); mend it, or put it into the settings file"
            raise SettingsError((SettingsProblem(field_name, "", remedy),)) from error


def _read_environment(env: Mapping[str, str]) -> dict[str, Any]:
    source = _Environment(Settings, env_prefix=ENV_PREFIX, env_nested_delimiter="__")
    source.env_vars = {name.lower(): value for name, value in env.items()}
    return source()


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = dict(below)
    for name, value in above.items():
        inner = both.get(name)
        both[name] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return both


def _above(stored: dict[str, Any], outside: dict[str, Any]) -> dict[str, Any]:
    """Both as one table; mailboxes of the pages are added to those that are named outside."""
    both = _merged(stored, outside)
    named = {_name_of(one) for one in outside.get(BY_NAME, ())}
    if added := [one for one in stored.get(BY_NAME, ()) if _name_of(one) not in named]:
        both[BY_NAME] = [*outside.get(BY_NAME, ()), *added]
    return both


def _name_of(table: Any) -> str:
    return str(table.get("name", "")).casefold() if isinstance(table, dict) else ""


def _problems(
    error: ValidationError, outside: ExternalSettings, stored: Mapping[str, Any]
) -> Iterator[SettingsProblem]:
    for one in error.errors(include_url=False):
        if one["type"] == "default_factory_not_called":
            continue  # follows from another field's problem, which is reported
        name = ".".join(map(str, one["loc"])) or "settings"
        place = f"in {outside.file or FILE_NAME}"
        if _holds(outside.from_env, one["loc"]):
            place = f"in the environment ({ENV_PREFIX}{'__'.join(map(str, one['loc'])).upper()})"
        elif one["loc"][:1] and one["loc"][0] in stored and not _holds(outside.values, one["loc"]):
            place = "on the page “Settings”"
        said = one["msg"].removeprefix("Value error, ")
        remedy = _remedy(one["type"], one["msg"], one["loc"], place)
        yield SettingsProblem(name, _shown_input(one["loc"], one["input"]), remedy, said)


def _holds(values: Any, loc: tuple[int | str, ...]) -> bool:
    for step in loc:
        if not isinstance(values, dict) or step not in values:
            return False
        values = values[step]
    return bool(loc)


def _remedy(kind: str, message: str, loc: tuple[int | str, ...], place: str) -> str:
    message = message.removeprefix("Value error, ")
    if kind == "extra_forbidden":
        known = _field_names(loc[:-1])
        near = difflib.get_close_matches(str(loc[-1]), known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known here are {', '.join(known)}."
        return f"there is no such setting; {hint} Correct it {place}."
    sentence = _sentence(loc)
    message = message[0].lower() + message[1:]
    return f"{message}. Correct it {place}.{' ' + sentence if sentence else ''}"


def _shown_input(loc: tuple[int | str, ...], value: Any) -> str:
    field = _field(loc)
    if field is None or is_secret(field) or inner_model(field):
        return ""
    return repr(value)


def _model(loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    model: type[BaseModel] = Settings
    for step in loc:
        if isinstance(step, int):
            continue
        field = model.model_fields.get(step)
        inner = inner_model(field) if field else None
        if inner is None:
            return None
        model = inner
    return model


def _field(loc: tuple[int | str, ...]) -> FieldInfo | None:
    names = [step for step in loc if isinstance(step, str)]
    model = _model(tuple(names[:-1])) if names else None
    return model.model_fields.get(names[-1]) if model else None


def _field_names(loc: tuple[int | str, ...]) -> list[str]:
    model = _model(loc)
    return sorted(model.model_fields) if model else []


def _sentence(loc: tuple[int | str, ...]) -> str:
    field = _field(loc)
    return (field.description or "") if field else ""


if __name__ == "__main__":
    sys.stdout.write(settings_page())
