"""What the settings are called, mean and are by default: for messages, ``portevoix config`` and docs/settings.md."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from config.settings.schema import ENV_PREFIX, Settings

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

[smtp]
host = "mail.brest.example"
sender = "avis@brest.example"
```

The environment comes before the file. A setting's variable is `PORTEVOIX_` and its
name in capitals, with two underscores for a dot: `smtp.password` is
`PORTEVOIX_SMTP__PASSWORD`. Lists are written with commas; lists of tables, such as
`PORTEVOIX_MAILBOXES`, as JSON. Passwords are best kept in the environment.

`portevoix config` prints what is in force, without the secrets. A misspelt or
impossible setting stops the start, with a message that names it, its value and what to
do. This page is written by `python -m config.settings.loader`."""


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
    # A provider's section stands with the other sections, after what has none.
    return sorted(_lines(Settings, "", ENV_PREFIX), key=lambda line: "." in line.path)


def _lines(model: type[BaseModel], path: str, variable: str) -> Iterator[SettingLine]:
    for name, field in model.model_fields.items():
        inner = inner_model(field)
        below = f"{path}{name}"
        env_name = f"{variable}{name.upper()}" if variable else ""
        repeated = inner is not None and "tuple" in str(field.annotation)
        if inner is None or repeated:
            yield SettingLine(
                below, _type_name(field), _default(field), field.description or "", is_secret(field), env_name
            )
        if inner is not None:
            # A list's members have no variable each: the whole list is given as JSON.
            yield from _lines(
                inner, f"{below}[]." if repeated else f"{below}.", "" if repeated or not env_name else f"{env_name}__"
            )


def inner_model(field: FieldInfo) -> type[BaseModel] | None:
    """The section a setting is, or is a list of; None for a plain value."""
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
