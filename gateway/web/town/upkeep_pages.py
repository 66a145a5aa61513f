"""How everything is, in words: what works, what does not, what to do; what reads recordings and pages here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from config.enums import Role
from gateway.web.settings_refresh import live_settings
from gateway.web.town import setting_values
from gateway.web.town.errand_words import shown_errand
from gateway.web.town.probe_words import health_of
from gateway.web.town.setting_fields import LISTENING
from gateway.web.town.town_settings import save_settings
from inbox.administration import alerts, errands, stored_settings
from inbox.administration.alerts import AlertKind, RaisedAlert
from inbox.administration.errands import ErrandKind
from inbox.jobs import steps
from inbox.models.column_types import utc_now
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person
from inbox.web.base.labels import PROCESSES, Label
from inbox.web.operations import SILENT_AFTER
from transcription.audio import model_catalogue, speech_models
from transcription.audio.model_catalogue import KnownModel
from transcription.engine_probes import engine_probes as reading_probes

blueprint = Blueprint("upkeep", __name__, template_folder="../../templates")

_SHA256 = re.compile(r"[0-9a-f]{64}")

ALERTS: dict[AlertKind, tuple[Label, Label]] = {
    AlertKind.SILENT: (
        _l("A part has fallen silent"),
        _l("It is started again by itself; if it stays silent, ask whoever looks after the machine."),
    ),
    AlertKind.DISK: (_l("The disk is nearly full"), _l("Delete old backups here, or have the disk made larger.")),
    AlertKind.BACKUP: (_l("There is no recent backup"), _l("Make one on the page of backups.")),
    AlertKind.DANGER: (_l("A message may speak of danger"), _l("Read it at once, in the list of contributions.")),
}


@blueprint.get("/settings/status")
@allow(Role.ADMINISTRATOR)
def status() -> ResponseReturnValue:
    """What works, what does not, and what to do."""
    now = utc_now()
    with store_of().read() as session:
        looked = errands.newest_errands(session, ErrandKind.LOOK)
        standing = alerts.current_alerts(session)
        _settings, left_out = live_settings().outside.usable(stored_settings.read_stored_settings(session))
        beats = alerts.heartbeat_times(session)
        held = len(steps.quarantined_steps(session, 51))
    silent = [(name, seen_at) for name, seen_at in beats.items() if now - seen_at > SILENT_AFTER]
    result = looked[0].result.get("probes", ()) if looked else ()
    found = sorted((health_of(one, _reading()) for one in result), key=lambda one: one.ok)
    return render_template(
        "gateway/town/status.html",
        looked=shown_errand(looked[0]) if looked else None,
        found=found,
        wrong=[one for one in found if not one.ok],
        alerts=[(alert, *_words(alert)) for alert in standing],
        silent=[(_purpose(name), name, seen_at) for name, seen_at in silent],
        running=any(now - seen_at <= SILENT_AFTER for seen_at in beats.values()),
        held=held,
        left_out=left_out,
    )


def _reading() -> set[str]:
    """The names of what reads recordings and pages."""
    settings = settings_of()
    return {probe.name for probe in reading_probes(settings.models_dir, settings.languages)}


def _words(alert: RaisedAlert) -> tuple[Label, Label]:
    return ALERTS[alert.kind]


def _purpose(name: str) -> Label:
    return PROCESSES.get(name.partition("-")[0], name)


@blueprint.post("/settings/status")
@allow(Role.ADMINISTRATOR)
def look() -> ResponseReturnValue:
    """Have everything looked at now."""
    with store_of().write() as session:
        errands.request_errand(session, ErrandKind.LOOK, by=require_person().id)
    return redirect(url_for("upkeep.status"))


@blueprint.get("/settings/engines")
@allow(Role.ADMINISTRATOR)
def engines() -> ResponseReturnValue:
    """The speech models that are installed, what listens, and the programs that read."""
    return _engines_page({})


@blueprint.post("/settings/engines")
@allow(Role.ADMINISTRATOR)
def choose_engine() -> ResponseReturnValue:
    """Say what listens to recordings, and in which order."""
    settings = settings_of()
    said = setting_values.parse_boxes(LISTENING, request.form, settings.region)
    installed = speech_models.installed_models(settings.models_dir)
    if said["speech.engine"] != "vosk" and not any(model.engine == "whisper" for model in installed):
        problems = {"speech.engine": _("Whisper is not installed yet: choose its model below and install it first.")}
    else:
        problems = save_settings(said)
    if problems:
        return _engines_page(problems, typed=request.form), 422
    flash(_("Saved. What listens takes it up within half a minute."), "success")
    return redirect(url_for("upkeep.engines", _anchor="outcome"))


def _engines_page(problems: Mapping[str, str], typed: Mapping[str, str] | None = None) -> str:
    settings = settings_of()
    with store_of().read() as session:
        looked = errands.newest_errands(session, ErrandKind.LOOK)
        installing = errands.newest_errands(session, ErrandKind.INSTALL_MODEL)
    names = _reading()
    result = [one for one in (looked[0].result.get("probes", ()) if looked else ()) if one.get("name") in names]
    installed = speech_models.installed_models(settings.models_dir)
    return render_template(
        "gateway/town/engines.html",
        models=installed,
        known=_known({model.name for model in installed}),
        installing=shown_errand(installing[0]) if installing else None,
        chosen=settings.speech.models,
        groups=[(group, setting_values.setting_boxes(group, settings, live_settings().outside)) for group in LISTENING],
        problems=problems,
        typed=typed,
        found=[health_of(one, names) for one in result],
        looked=shown_errand(looked[0]) if looked else None,
    )


@dataclass(frozen=True)
class Offered:
    """A model of the catalogue, whether it is here, and whether this machine carries it."""

    model: KnownModel
    installed: bool
    carried: bool


def _known(installed: Set[str]) -> list[Offered]:
    memory = model_catalogue.free_memory_mb()
    return [
        Offered(model, model.name in installed, model_catalogue.fits(model, memory))
        for model in model_catalogue.known_models()
    ]


@blueprint.post("/settings/engines/models")
@allow(Role.ADMINISTRATOR)
def install_model() -> ResponseReturnValue:
    """Have a model of the catalogue fetched, checked, tried and installed."""
    known = model_catalogue.known_model(request.form.get("name", ""))
    if known is None:
        abort(404)
    sha256 = request.form.get("sha256", "").strip().lower()
    if not known.checked and not _SHA256.fullmatch(sha256):
        flash(_("Give the checksum that its publisher names: 64 figures and letters from a to f."), "error")
    else:
        about = known.name if known.checked else f"{known.name} {sha256}"
        with store_of().write() as session:
            errands.request_errand(session, ErrandKind.INSTALL_MODEL, about=about, by=require_person().id)
    return redirect(url_for("upkeep.engines", _anchor="known"))
