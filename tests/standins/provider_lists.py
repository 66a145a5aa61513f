"""The provider's lists, page by page: newest first, filtered by day, going on behind the last entry shown.

After its OpenAPI description (twilio_api_v2010): Messages by ``DateSent``, Calls by ``StartTime``, Recordings by
``DateCreated``, each as ``=``, ``<=`` and ``>=`` of a day in UTC; 50 entries a page unless asked, at most 1000.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from tests.standins.web import Answer, Asked

LARGEST_PAGE = 1000
_DATED = {
    "messages": ("DateSent", "date_sent"),
    "calls": ("StartTime", "start_time"),
    "recordings": ("DateCreated", "date_created"),
}
_SAME = {"To": "to", "From": "from", "CallSid": "call_sid", "Status": "status"}


def moment(at: datetime | None = None) -> str:
    """A time as the provider writes it: RFC 2822, whole seconds, UTC."""
    return format_datetime((at or datetime.now(UTC)).astimezone(UTC))


def list_page(name: str, rows: Sequence[dict[str, Any]], asked: Asked) -> Answer:
    """One page of what fits, with the address of the next one; ``rows`` are in the order in which they came to be."""
    wanted = [row for row in reversed(rows) if _fits(name, row, asked.query)]
    wanted.sort(key=lambda row: _when(name, row), reverse=True)  # stable: the newest of a second stay first
    size = max(1, min(int(asked.query.get("PageSize", 50)), LARGEST_PAGE))
    number, token = int(asked.query.get("Page", 0)), asked.query.get("PageToken", "")
    behind = next((place + 1 for place, row in enumerate(wanted) if f"PA{row['sid']}" == token), 0)
    shown = wanted[behind : behind + size]
    following = None
    if behind + size < len(wanted):
        query = {**asked.query, "PageSize": str(size), "Page": str(number + 1), "PageToken": f"PA{shown[-1]['sid']}"}
        following = f"{asked.path}?{urlencode(query)}"
    return Answer.of_json(
        {
            "end": behind + len(shown) - 1,
            "first_page_uri": f"{asked.path}?PageSize={size}&Page=0",
            "next_page_uri": following,
            "page": number,
            "page_size": size,
            "previous_page_uri": None,
            "start": behind,
            "uri": asked.path,
            name: shown,
        }
    )


def _fits(name: str, row: dict[str, Any], query: dict[str, str]) -> bool:
    parameter, field = _DATED[name]
    if any(query[asked] != row.get(of) for asked, of in _SAME.items() if asked in query):
        return False
    if not row.get(field):
        return not any(asked.startswith(parameter) for asked in query)
    day = parsedate_to_datetime(row[field]).date().isoformat()
    return (
        query.get(parameter, day) == day
        and day >= query.get(f"{parameter}>", day)
        and day <= query.get(f"{parameter}<", day)
    )


def _when(name: str, row: dict[str, Any]) -> datetime:
    dated = row.get(_DATED[name][1]) or row["date_created"]
    return parsedate_to_datetime(dated)


def call_facts(account: str, sid: str, sender: str, to: str, at: datetime | None = None) -> dict[str, Any]:
    """A call that begins now, as the API lists it."""
    now = moment(at)
    return {
        "sid": sid,
        "account_sid": account,
        "from": sender,
        "to": to,
        "direction": "inbound",
        "status": "in-progress",
        "start_time": now,
        "end_time": None,
        "duration": None,
        "date_created": now,
        "date_updated": now,
        "parent_call_sid": None,
        "api_version": "2010-04-01",
        "uri": f"/2010-04-01/Accounts/{account}/Calls/{sid}.json",
    }


def end_call(facts: dict[str, Any]) -> None:
    """The call is over."""
    facts |= {"status": "completed", "end_time": moment(), "date_updated": moment(), "duration": "1"}
