"""When a text may go out: the town's sending hours, and how many in a minute and to one number in a day.

And when a mail is taken apart: at once, unless its sender floods us; then in its turn, so that others come before.
Nothing of it is lost: it is stored already.

Whoever writes at night is answered at night; what comes later than that would wake somebody up.
The counts are taken in the transaction that marks the message as under way. On a server several
workers can be at it at once, so there they may go over by one each.
"""

from datetime import datetime, timedelta

from config.enums import Channel, Purpose
from config.settings.loader import Settings
from config.settings.sections.texting_section import Texting, is_sending_time, next_opening
from inbox.jobs.steps import Later
from inbox.models import Intake, Message
from inbox.models.column_types import utc_now
from inbox.records import intake_lookup, message_lookup
from inbox.storage.unit_of_work import Session

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MAILS_TRIED_AGAIN = timedelta(minutes=10)
MOST_MAILS_AN_HOUR = 60
"""Of one sender, before the others have to wait: more than a person or a neighbourhood centre writes."""
MAIL_WAITS = "Very many mails came from this address: they are read little by little, those of others before them."


def next_sending_time(session: Session, settings: Settings, message: Message) -> Later | None:
    """When a message may go out; None for now."""
    now = utc_now()
    if message.channel is Channel.EMAIL:
        return _among_mails(session, settings, message, now)
    if message.channel is Channel.VOICEMAIL:
        return _in_hours(settings, message, message.created_at, now)
    if message.channel is not Channel.SMS:
        return None
    return (
        _in_hours(settings, message, min(message.created_at, _answers(session, message)), now)
        or _for_this_person(session, settings.texting, message, now)
        or _in_turn(session, settings.texting, message, now)
    )


def _among_mails(session: Session, settings: Settings, message: Message, now: datetime) -> Later | None:
    """So many receipts to all addresses together: a flood of forged mails does not go out again as ours."""
    if message.purpose is Purpose.ANSWER:
        return None
    if message_lookup.receipts_mailed_since(session, message, now - HOUR) < settings.smtp.receipts_per_hour:
        return None
    return Later("As many receipts by mail as allowed went out this hour.", after=MAILS_TRIED_AGAIN)


def _answers(session: Session, message: Message) -> datetime:
    """When what a message answers came in; found in the provider's list after days, that is long before the answer."""
    if message.intake_id is None and message.purpose is not Purpose.RECEIPT:
        return message.created_at
    return message_lookup.last_arrival_answered(session, message) or message.created_at


def _in_hours(settings: Settings, message: Message, came_at: datetime, now: datetime) -> Later | None:
    rules = settings.texting
    # Nobody waits at the telephone for what the town decides weeks later.
    if message.purpose is not Purpose.ANSWER and now - came_at <= timedelta(minutes=rules.immediate_minutes):
        return None
    here = now.astimezone(settings.zone)
    if is_sending_time(here, rules):
        return None
    opening = next_opening(here, rules)
    return Later("Texts and calls go out in the town's sending hours.", until=opening) if opening else None


def _for_this_person(session: Session, rules: Texting, message: Message, now: datetime) -> Later | None:
    if message.contributor_id is None:
        return None
    recent = message_lookup.texts_to_same_person(session, message, now - DAY, rules.per_person_and_day)
    if len(recent) < rules.per_person_and_day or recent[-1] is None:
        return None
    return Later("This number has been sent as many texts as it gets in a day.", until=recent[-1] + DAY)


def _in_turn(session: Session, rules: Texting, message: Message, now: datetime) -> Later | None:
    if message_lookup.texts_gone_out(session, message, now - MINUTE) < rules.per_minute:
        return None
    ahead = message_lookup.texts_ahead(session, message)
    # Each waits for its own turn: a crowd that tries again every minute would only get in its own way.
    return Later("As many texts as allowed went out this minute.", after=MINUTE * (1 + ahead // rules.per_minute))


def next_mail_turn(session: Session, intake: Intake) -> Later | None:
    """When a mail of somebody who floods us is taken apart; None for now, and for everybody else's."""
    if intake.contributor_id is None:
        return None
    read = intake_lookup.when_senders_mails_were_read(session, intake, utc_now() - HOUR, MOST_MAILS_AN_HOUR)
    if len(read) < MOST_MAILS_AN_HOUR:
        return None
    ahead = intake_lookup.mails_ahead(session, intake)
    return Later(MAIL_WAITS, until=read[-1] + HOUR * (1 + ahead // MOST_MAILS_AN_HOUR))
