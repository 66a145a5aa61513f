"""Which version runs, and what whoever looks after the machine types to put a newer one in its place."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from config.enums import Role
from inbox.administration import errands
from inbox.administration.errands import ErrandKind
from inbox.models.column_types import utc_now
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow
from inbox.web.base.labels import Label

blueprint = Blueprint("updates", __name__, template_folder="../../templates")

RECENT = timedelta(days=1)
"""A backup older than this is made anew before updating."""


CONTAINER_MARKS = (Path("/run/.containerenv"), Path("/.dockerenv"))
"""Files that Podman and Docker leave in a container."""


@dataclass(frozen=True)
class StartedBy:
    """What started the program here, and so what updates it."""

    words: Label
    commands: tuple[str, ...]


def started_by(
    environment: Mapping[str, str], prefix: Path, container_marks: tuple[Path, ...] = CONTAINER_MARKS
) -> StartedBy:
    """How the program was started, told by what its starters leave behind, and the lines that update it.

    systemd sets INVOCATION_ID (systemd.exec(5)); ``prefix`` is where its Python lies.
    """
    if any(mark.exists() for mark in container_marks):
        return StartedBy(
            _l("in a container"),
            ("git pull", "podman build -t portevoix -f docs/deploy/Dockerfile .", "podman restart portevoix"),
        )
    folder = prefix.parent
    take: tuple[str, ...] = (f"{prefix / 'bin' / 'pip'} install --upgrade portevoix-….whl",)
    if (folder / ".git").exists():
        take = (f"cd {folder}", "git pull", "bin/setup demo")
    if environment.get("INVOCATION_ID"):
        return StartedBy(_l("by systemd"), ("sudo systemctl stop portevoix", *take, "sudo systemctl start portevoix"))
    return StartedBy(_l("by hand, with “portevoix up”"), (*take, f"{prefix / 'bin' / 'portevoix'} up"))


@blueprint.get("/settings/updates")
@allow(Role.ADMINISTRATOR)
def show() -> ResponseReturnValue:
    """The version, whether there is a backup to go back to, and the lines to type."""
    with store_of().read() as session:
        backup_at = errands.last_succeeded(session, ErrandKind.BACKUP)
    return render_template(
        "gateway/town/updates.html",
        version=version("portevoix"),
        started=started_by(os.environ, Path(sys.prefix)),
        backup_at=backup_at,
        is_backed_up=backup_at is not None and utc_now() - backup_at < RECENT,
    )
