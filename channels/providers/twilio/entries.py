"""The provider's lists of everything that came in: read page by page, and each entry as its webhook would have been.

Parameters and fields after the provider's OpenAPI description (twilio_api_v2010). Dates are asked for
by the day (UTC), and lists begin with the newest entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from channels.base.errors import ProviderError
from channels.base.provider_lists import ListEntry, ListName, ListPage
from channels.base.values import Fields, RemoteMedium
from channels.providers.twilio.account import Account
from channels.providers.twilio.listing import ask, resource_url
from channels.providers.twilio.proof import recording_url

PAGE = 1000  # the largest the provider gives
_GONE = 404


_RESOURCE = {
    ListName.MESSAGES: ("Messages.json", "DateSent"),
    ListName.CALLS: ("Calls.json", "StartTime"),
    ListName.RECORDINGS: ("Recordings.json", "DateCreated"),
}
_DATED = {
    ListName.MESSAGES: ("date_sent", "date_created"),
    ListName.CALLS: ("start_time", "date_created"),
    ListName.RECORDINGS: ("date_created", "start_time"),
}


def first_page(account: Account, name: ListName, day: date, *, alone: bool) -> str:
    """The address of the first page of what is dated ``day``, or of that day and all that follow."""
    resource, dated = _RESOURCE[name]
    query = {dated if alone else f"{dated}>": day.isoformat(), "PageSize": str(PAGE)}
    prepared = requests.Request("GET", resource_url(account, resource), params=query).prepare()
    assert prepared.url is not None
    return prepared.url


def read_page(session: requests.Session, account: Account, name: ListName, address: str) -> ListPage:
    """One page; raises ``NotReady`` when told to wait, or ``ProviderError``."""
    found = ask(session, account, address)
    rows = [one for one in found.get(name.value) or () if isinstance(one, dict) and one.get("sid")]
    own = (one for one in rows if one.get("account_sid") in (None, account.sid))
    entries = tuple(_entry(name, one) for one in own)
    following = str(found.get("next_page_uri") or "")
    return ListPage(entries, _on_its_own_host(account, urljoin(address, following)) if following else "")


def _entry(name: ListName, row: Mapping[str, Any]) -> ListEntry:
    direction, status = str(row.get("direction") or ""), row.get("status")
    is_inbound = direction == "inbound" and status != "receiving"
    return ListEntry(
        row,
        id=str(row["sid"]),
        at=_dated(row, _DATED[name]),
        changed=_dated(row, ("date_updated",)),
        came_in=status == "completed" if name is ListName.RECORDINGS else is_inbound,
        went_out=direction.startswith("outbound"),
        to=str(row.get("to") or ""),
        service=str(row.get("messaging_service_sid") or ""),
        call=str(row.get("call_sid") or ""),
        has_pictures=str(row.get("num_media") or "0") != "0",
    )


def list_pictures(session: requests.Session, account: Account, message_sid: str) -> list[RemoteMedium]:
    """The pictures of a message, none where they were deleted; raises ``NotReady`` or ``ProviderError``."""
    resource = resource_url(account, f"Messages/{message_sid}/Media")
    try:
        found = ask(session, account, f"{resource}.json")
    except ProviderError as error:
        if error.code == _GONE:
            return []
        raise
    listed = found.get("media_list") or ()
    return [RemoteMedium(f"{resource}/{one['sid']}", str(one.get("content_type") or "")) for one in listed]


def as_text_posted(account: Account, entry: ListEntry, pictures: list[RemoteMedium]) -> Fields:
    """The fields that the webhook of a listed message carries."""
    named = {"AccountSid": account.sid, "MessageSid": entry["sid"], "From": entry["from"], "To": entry["to"]}
    named |= {"Body": entry["body"], "MessagingServiceSid": entry["messaging_service_sid"]}
    for number, picture in enumerate(pictures):
        named |= {f"MediaUrl{number}": picture.url, f"MediaContentType{number}": picture.content_type}
    return Fields({**named, "NumMedia": str(len(pictures))})


def as_status_posted(account: Account, entry: ListEntry) -> Fields:
    """The fields that the status callback of a listed message of ours carries."""
    named = {"AccountSid": account.sid, "MessageSid": entry["sid"], "MessageStatus": entry["status"]}
    return Fields(named | {"ErrorCode": entry["error_code"]})


def as_call_posted(account: Account, entry: ListEntry) -> Fields:
    """The fields that the webhook of a listed call carries."""
    named = {"AccountSid": account.sid, "CallSid": entry["sid"], "From": entry["from"], "To": entry["to"]}
    return Fields(named | {"CallStatus": entry["status"]})


def as_recording_posted(account: Account, entry: ListEntry) -> Fields:
    """The fields that the callback of a listed recording carries."""
    named = {"AccountSid": account.sid, "CallSid": entry["call_sid"], "RecordingSid": entry["sid"]}
    url = recording_url(account.api_base, account.sid, entry["sid"])
    duration = entry["duration"] if entry["duration"] != "-1" else ""
    return Fields(named | {"RecordingUrl": url, "RecordingDuration": duration, "RecordingStatus": entry["status"]})


def _on_its_own_host(account: Account, address: str) -> str:
    """The address of a next page, which is asked for with our token: of the configured interface itself, or refused."""
    there, base = urlsplit(address), urlsplit(account.api_base)
    if (there.scheme, there.netloc) != (base.scheme, base.netloc) or "\\" in address:
        raise ProviderError(
            0, "The provider's list goes on at a foreign address: check twilio.api_base.", retryable=True
        )
    return address


def _dated(row: Mapping[str, Any], fields: tuple[str, ...]) -> datetime | None:
    for field in fields:
        try:
            moment = parsedate_to_datetime(str(row.get(field) or ""))
        except ValueError:
            continue
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
