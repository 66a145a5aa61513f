"""What was passed on to services, as other systems for such requests read it: Open311 GeoReport v2, ``requests.json``.

Fields as in the specification (wiki.open311.org/GeoReport_v2, GET Service Requests). The description is the text in
force, of published contributions only; nobody's address is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import Moderation
from inbox.listings import contribution_list
from inbox.listings.visibility import Visibility
from inbox.models import Contribution, PlaceMention, ServiceRequest
from inbox.records import references

MOST = 10_000
"""Requests of one file, the newest first."""


def service_requests(session: Session, sight: Visibility, zone: tzinfo) -> list[dict[str, Any]]:
    """The requests of contributions that are published; times are those of ``zone``, as in ISO 8601."""
    rows = session.execute(
        select(ServiceRequest, Contribution)
        .join(Contribution, Contribution.id == ServiceRequest.contribution_id)
        .where(Contribution.listed, Contribution.moderation == Moderation.PUBLISHED)
        .order_by(ServiceRequest.at.desc(), ServiceRequest.contribution_id.desc())
        .limit(MOST)
    ).all()
    found = [contribution for _request, contribution in rows]
    ids = [one.id for one in found]
    said = contribution_list.current_texts_of(session, found, sight)
    numbers, received = references.references_of(session, ids), contribution_list.received_times(session, ids)
    places = _places(session, ids)
    return [
        {
            "service_request_id": numbers.get(one.id, ""),
            "status": "open",
            "status_notes": None,
            "service_name": request.service or None,
            "service_code": None,
            "description": said[one.id].body if one.id in said else "",
            "agency_responsible": request.service or None,
            "requested_datetime": received.get(one.id, (one.created_at, 0))[0]
            .astimezone(zone)
            .isoformat("T", "seconds"),
            "updated_datetime": request.at.astimezone(zone).isoformat("T", "seconds"),
            "address": places.get(one.id),
            "lat": None,
            "long": None,
            "media_url": None,
        }
        for request, one in rows
    ]


def _places(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """The place of the town's own list that a text names first."""
    rows = session.execute(
        select(PlaceMention.contribution_id, PlaceMention.place)
        .where(PlaceMention.contribution_id.in_(ids))
        .order_by(PlaceMention.contribution_id, PlaceMention.place)
    )
    found: dict[int, str] = {}
    for number, place in rows:
        found.setdefault(number, place)
    return found
