"""Settings: one TOML file, the environment above it, one sentence of help each, checked at start.

Programs call ``load_settings``; building ``Settings(...)`` directly reads neither
file nor environment, which is what tests want.
"""

import difflib
import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

from config.schema import ENV_PREFIX, Settings

__all__ = ["Settings", "SettingsError", "describe_settings", "load_settings", "settings_page", "shown_settings"]

FILE_NAME = "portevoix.toml"
ENV_FILE = "PORTEVOIX_SETTINGS_FILE"
"""Names the settings file; the one variable that is not itself a setting."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the settings: the field's path, its value (secrets masked), what to do about it."""

    field: str
    value: str
    remedy: str

    def __str__(self) -> str:
        """The line a person reads: field, value, remedy."""
        shown = f" = {self.value}" if self.value else ""
        return f"{self.field}{shown}: {self.remedy}"


class SettingsError(Exception):
    """The settings cannot be used; ``problems`` lists everything that is wrong at once."""

    retryable = False

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        self.remedy = problems[0].remedy if problems else ""
        super().__init__("\n".join(map(str, problems)))


# --- reading ------------------------------------------------------------------------------------


def load_settings(path: Path | None = None, env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings file and the environment above it, or raise ``SettingsError`` with every remedy.

    Without ``path`` it is the file that ``PORTEVOIX_SETTINGS_FILE`` names, else ``portevoix.toml`` in the
    current folder if there is one.
    """
    env = os.environ if env is None else env
    file = _file(path, env)
    from_file = _read_file(file) if file else {}
    from_env = _read_environment(env)
    folder = file.resolve().parent if file else Path.cwd()
    try:
        return Settings(**_merged({"folder": folder}, _merged(from_file, from_env)))
    except ValidationError as error:
        raise SettingsError(tuple(_problems(error, file, from_env))) from error


def _file(path: Path | None, env: Mapping[str, str]) -> Path | None:
    named = path or (Path(env[ENV_FILE]) if env.get(ENV_FILE) else None)
    if named is None:
        return Path(FILE_NAME) if Path(FILE_NAME).is_file() else None
    if not named.is_file():
        raise SettingsError((Problem("settings file", str(named), "does not exist; check the path, or create it"),))
    return named


def _read_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError((Problem("settings file", str(file), f"cannot be read: {error}"),)) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            (Problem("settings file", str(file), f"is not valid TOML: {error}; mend that line"),)
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
            raise SettingsError((Problem(field_name, "", remedy),)) from error


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


def _problems(error: ValidationError, file: Path | None, from_env: dict[str, Any]) -> Iterator[Problem]:
    for one in error.errors(include_url=False):
        if one["type"] == "default_factory_not_called":
            continue  # follows from another field's problem, which is reported
        field = ".".join(map(str, one["loc"])) or "settings"
        place = f"in {file}" if file else f"in {FILE_NAME}"
        if _holds(from_env, one["loc"]):
            place = f"in the environment ({ENV_PREFIX}{'__'.join(map(str, one['loc'])).upper()})"
        yield Problem(
            field, _shown_input(one["loc"], one["input"]), _remedy(one["type"], one["msg"], one["loc"], place)
        )


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
    if field is None or is_secret(field) or _inner_model(field):
        return ""
    return repr(value)


def _model(loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    model: type[BaseModel] = Settings
    for step in loc:
        if isinstance(step, int):
            continue
        field = model.model_fields.get(step)
        inner = _inner_model(field) if field else None
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


_PAGE_HEAD = """\
# Settings

Settings stand in one file, `portevoix.toml`, in the folder where `portevoix` is
started, or wherever `PORTEVOIX_SETTINGS_FILE` says. Relative paths start from that
file's folder. Every setting has a default; a town that only wants to look needs no
file at all.

```toml
town = "brest"
town_name = "Brest métropole"
public_url = "https://avis.brest.example"

[twilio]
account_sid = "AC00000000000000000000000000000000"
receives = "+33298000000"
sender = "Brest"
```

The environment comes before the file. A setting's variable is `PORTEVOIX_` and its
name in capitals, with two underscores for a dot: `twilio.auth_tokens` is
`PORTEVOIX_TWILIO__AUTH_TOKENS`. Lists are written with commas; lists of tables, such as
`PORTEVOIX_MAILBOXES`, as JSON. Passwords are best kept in the environment.

`portevoix config` prints what is in force, without the secrets. A misspelt or
impossible setting stops the start, with a message that names it, its value and what to
do. This page is written by `python -m config.settings`."""

# --- describing ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class SettingLine:
    """One setting for the manual: ``mailboxes[].host`` is a field of each mailbox; ``variable`` may be empty."""

    path: str
    type: str
    default: str
    sentence: str
    secret: bool
    variable: str


def is_secret(field: FieldInfo) -> bool:
    """Whether a setting's value must never be shown."""
    extra = field.json_schema_extra
    return "SecretStr" in str(field.annotation) or (isinstance(extra, dict) and bool(extra.get("secret")))


def describe_settings() -> list[SettingLine]:
    """Every setting there is, in the order of the manual."""
    return list(_lines(Settings, "", ENV_PREFIX))


def _lines(model: type[BaseModel], path: str, variable: str) -> Iterator[SettingLine]:
    for name, field in model.model_fields.items():
        inner = _inner_model(field)
        below = f"{path}{name}"
        env_name = f"{variable}{name.upper()}" if variable else ""
        repeated = inner is not None and "tuple" in str(field.annotation)
        if inner is None or repeated:
            yield SettingLine(
                below, _type_name(field), _default(field), field.description or "", is_secret(field), env_name
            )
        if inner is not None:
            # A list's members have no variable each: the whole list is given as JSON.
            yield from _lines(inner, f"{below}[]." if repeated else f"{below}.", "" if repeated else f"{env_name}__")


def _inner_model(field: FieldInfo) -> type[BaseModel] | None:
    candidates = (field.annotation, *get_args(field.annotation))
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)


_TABLES = "list of tables"


def _type_name(field: FieldInfo) -> str:
    words = str(field.annotation)
    for pattern, name in (
        (r"tuple\[.*(Mailbox|ScanFolder).*\]", _TABLES),
        (r"^tuple", "list"),
        (r"^dict", "table"),
        (r"Literal\[(.*)\]", "one of"),
        (r"Path", "path"),
        (r"bool", "true or false"),
        (r"int", "number"),
    ):
        if found := re.search(pattern, words):
            return f"one of {found[1]}" if name == "one of" else name
    return "text"


def _default(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "shown" in extra:
        return str(extra["shown"])
    if field.is_required():
        return "required"
    return _plain(field.default)


def _plain(value: Any) -> str:
    """A value as one would write it in the file, secrets masked."""
    if isinstance(value, SecretStr):
        return "••••••" if value.get_secret_value() else "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(_plain(item) for item in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{k} = {_plain(v)}" for k, v in value.items()) or "none"
    return str(value) if value not in ("", None) else "empty"


def shown_settings(settings: Settings) -> list[tuple[str, str]]:
    """Every setting's path and value as used, secrets masked."""
    return list(_values(settings, ""))


def _values(model: BaseModel, path: str) -> Iterator[tuple[str, str]]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _values(value, f"{path}{name}.")
        elif isinstance(value, tuple) and value and all(isinstance(item, BaseModel) for item in value):
            for number, item in enumerate(value):
                yield from _values(item, f"{path}{name}[{number}].")
        elif is_secret(field) and isinstance(value, str):
            yield f"{path}{name}", _without_password(value)
        else:
            yield f"{path}{name}", _plain(value)


def _without_password(url: str) -> str:
    return re.sub(r"//([^:@/]*):[^@]*@", r"//\1:••••••@", url) or "empty"


def settings_page() -> str:
    """``docs/settings.md``, whole: a test compares the file with it."""
    return "\n".join(_page_lines()) + "\n"


def _page_lines() -> Iterator[str]:
    yield _PAGE_HEAD
    section = None
    for line in describe_settings():
        if line.type == _TABLES:
            continue  # its members make a section of their own
        heading = line.path.split(".")[0].removesuffix("[]") if "." in line.path else ""
        if heading != section:
            section = heading
            yield from (
                "",
                *_section_head(heading),
                "",
                "| setting | what it is | kind | unless set |",
                "| --- | --- | --- | --- |",
            )
        secret = " Secret." if line.secret else ""
        yield f"| `{line.path}` | {line.sentence}{secret} | {line.type} | {line.default} |"


def _section_head(heading: str) -> tuple[str, ...]:
    if not heading:
        return ("## The town and its folders",)
    field = Settings.model_fields[heading]
    brackets = f"`[[{heading}]]`, once for each" if "tuple" in str(field.annotation) else f"`[{heading}]`"
    return (f"## {heading}", "", f"{field.description} In the file: {brackets}.")


if __name__ == "__main__":
    sys.stdout.write(settings_page())
