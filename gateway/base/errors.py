"""Where the rooms' errors, which are data, become exit codes and log lines."""

from channels.base.errors import ChannelError
from config.sandbox.limited_process import LimitedError
from config.wording.consultation import ConsultationError
from config.wording.message_catalog import TextsError
from inbox.errors import InboxError
from transcription.base.values import TranscriptionError

ROOM_ERRORS = (ChannelError, ConsultationError, InboxError, LimitedError, TextsError, TranscriptionError)


def remedy_of(error: BaseException) -> str | None:
    """What to do about a known error; None for one that nobody foresaw."""
    if not isinstance(error, ROOM_ERRORS):
        return None
    return str(getattr(error, "remedy", ""))
