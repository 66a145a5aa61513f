"""Takes in what the fallback door kept, oldest first, through the same doors as everything else."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from channels import sms, twilio, voicemail
from channels.errors import ChannelError
from channels.voicemail.fallback import place_of
from config.settings import Settings
from gateway import calls, receipts
from gateway.doors import Posted, is_here, take_in_text
from gateway.fallback import CALLS, TEXTS
from gateway.spool import Spool, Spooled
from inbox.errors import InboxError, StoreBusy
from inbox.refusals import count_refusal
from workers.context import Context

AT_ONCE = 200
"""Files taken in before the process looks at its other work."""

log = logging.getLogger(__name__)


def spool_of(here: Context) -> Spool:
    """The spool of this data directory."""
    return Spool.at(here.settings.spool_dir, here.store.keyring)


def take_in_spool(here: Context) -> int:
    """Take in what waits; a file that no door takes is held with its reason. How many were taken in.

    Run again after a kill it begins with the same file: what was taken in before is known by its identity.
    """
    spool, done = spool_of(here), 0
    for day, door, reason, times in spool.take_refusals():
        with here.store.write() as session:
            count_refusal(session, door, reason, times=times, day=day)
    for file in spool.waiting()[:AT_ONCE]:
        done += _take_in_file(here, spool, file)
    return done


def _take_in_file(here: Context, spool: Spool, file: Path) -> bool:
    try:
        spooled = spool.read(file)
        with here.store.write() as session:
            take_in(session, here.settings, spooled)
    except (StoreBusy, OperationalError, OSError):
        raise  # nothing is wrong with the file: it is tried again
    except Exception as error:
        known = isinstance(error, ChannelError | InboxError)
        spool.hold(file, f"{error}; {error.remedy}" if known else type(error).__name__)  # type: ignore[attr-defined]
        log.exception("a file of the fallback door cannot be taken in: %s", file.name)
        return False
    spool.remove(file)
    return True


def take_in(session: Session, settings: Settings, spooled: Spooled) -> None:
    """One webhook, as its own door does; raises what that door raises."""
    parts = urlsplit(spooled.path)
    fields, query = twilio.parse_form(spooled.body), dict(parse_qsl(parts.query))
    posted = Posted(spooled.body, {"path": spooled.path, **spooled.headers}, at=spooled.at)
    if parts.path == TEXTS:
        for text in sms.parse(fields):
            if not is_here(session, text, posted):
                take_in_text(session, settings, text, posted)
    elif parts.path.startswith(TEXTS):
        status = twilio.parse_status(fields, query.get("m", ""))
        if status is not None:
            receipts.note_delivery(session, settings, status)
    else:
        position = parts.path.removeprefix(CALLS).strip("/")
        if position:
            place = voicemail.Place.of("spoken" if position == "recording" else position, query)
        else:  # a call begins, or goes on where the gateway fell silent: only there is told what was recorded, and how
            place = place_of(fields.get("ErrorUrl", ""))
        calls.note_recording(session, settings, place, voicemail.parse(fields), posted)
