"""From the boxes of a settings page to what is stored, and from what is in force to the boxes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from pydantic import BaseModel, SecretStr
from werkzeug.datastructures import MultiDict

from config.phone_numbers import national_format, to_e164
from config.settings.loader import ExternalSettings, Settings, SettingsProblem
from config.settings.page_fields import FieldKind
from config.settings.settings_reference import inner_model, is_secret
from gateway.web.town.setting_fields import SettingField, SettingGroup
from inbox.web.administration.consultation_values import split_values
from inbox.web.administration.problem_messages import translate_problem

KEEP = object()
"""Says that a secret was left as it is."""


@dataclass(frozen=True)
class SettingBox:
    """A field with what stands in it."""

    field: SettingField
    value: Any
    locked: bool
    is_set: bool
    """Of a secret: whether there is one."""


def setting_boxes(
    group: SettingGroup, model: BaseModel | Mapping[str, Any], outside: ExternalSettings | None
) -> list[SettingBox]:
    """A group's fields as they are in force; locked is what ``outside`` says."""
    return [_box(field, _at(model, field.path), outside) for field in group.fields]


def _box(field: SettingField, value: Any, outside: ExternalSettings | None) -> SettingBox:
    locked = outside is not None and outside.says(field.path)
    if field.kind.is_secret:
        return SettingBox(field, "", locked, bool(_opened(value)))
    return SettingBox(field, box_value(field.kind, value), locked, value not in (None, "", ()))


def _at(model: Any, path: str) -> Any:
    for name in path.split("."):
        model = model.get(name) if isinstance(model, Mapping) else getattr(model, name)
    return model


def _opened(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return tuple(filter(None, map(_opened, value))) if isinstance(value, tuple | list) else value


def box_value(kind: FieldKind, value: Any) -> Any:
    """A value as it stands in its box."""
    if kind is FieldKind.TICK:
        return bool(value)
    if kind is FieldKind.PHONE:
        return national_format(value or "")
    if kind is FieldKind.PHONES:
        return "\n".join(map(national_format, value or ()))
    if kind is FieldKind.LINES:
        return "\n".join(value or ())
    if kind is FieldKind.TIME:
        return value.strftime("%H:%M") if isinstance(value, time) else str(value or "")
    if isinstance(value, float):
        return f"{value:g}" if value else ""
    return "" if value is None else str(value)


def parse_boxes(groups: Iterable[SettingGroup], form: MultiDict[str, str], region: str) -> dict[str, Any]:
    """What was typed, by the path of each field; of a secret left alone, ``KEEP``."""
    return {field.path: _parsed(field, form, region) for group in groups for field in group.fields}


def _parsed(field: SettingField, form: MultiDict[str, str], region: str) -> Any:
    raw = (form.get(field.path) or "").strip()
    if field.kind is FieldKind.TICK:
        return bool(raw)
    if field.kind.is_secret:
        if form.get(f"{field.path}.forget"):
            return None
        if not raw:
            return KEEP
        return [raw] if field.kind is FieldKind.SECRETS else raw
    if field.kind is FieldKind.PHONE:
        return to_e164(raw, region) or raw
    if field.kind is FieldKind.PHONES:
        return [to_e164(one, region) or one for one in split_values(raw)]
    if field.kind is FieldKind.LINES:
        return split_values(raw)
    if field.kind is FieldKind.NUMBER:
        return raw.replace(",", ".").replace("\N{NO-BREAK SPACE}", "").replace(" ", "") or None
    return raw


def changed_settings(stored: Mapping[str, Any], said: Mapping[str, Any], outside: ExternalSettings) -> dict[str, Any]:
    """The whole of each top-level setting that ``said`` (by path) touches; None where nothing is left of it."""
    touched: dict[str, Any] = {}
    for path, value in said.items():
        if value is KEEP or outside.says(path):
            continue
        top, _, rest = path.partition(".")
        if not rest:
            touched[top] = value if value not in ("", []) else None
            continue
        section = touched.get(top)
        if section is None:
            section = touched[top] = dict(stored.get(top) or {})
        if value in (None, "", []):
            section.pop(rest, None)
        else:
            section[rest] = value
    return {name: value or None if isinstance(value, dict) else value for name, value in touched.items()}


def merge_settings(stored: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored, once the changes are."""
    return {name: value for name, value in {**stored, **changes}.items() if value is not None}


def without_secrets(stored: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored, but for what must not be read back."""
    return _open_part(Settings, stored)


def _open_part(model: type[BaseModel], table: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in table.items():
        field = model.model_fields.get(name)
        if field is None or is_secret(field):
            continue
        inner = inner_model(field)
        if inner is not None and isinstance(value, Mapping):
            kept[name] = _open_part(inner, value)
        elif inner is not None and isinstance(value, list):
            kept[name] = [_open_part(inner, one) for one in value]
        else:
            kept[name] = value
    return kept


def problems_by_box(problems: Iterable[SettingsProblem]) -> dict[str, str]:
    """Problems by the path of their box."""
    return dict(_told(problems))


def _told(problems: Iterable[SettingsProblem]) -> Iterator[tuple[str, str]]:
    for problem in problems:
        # ``alerts.phones.1`` is told at its list's box.
        path = ".".join(part for part in problem.field.split(".") if not part.isdigit())
        yield path, translate_problem(problem.said or problem.remedy)
