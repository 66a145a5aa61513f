"""What was published as a file that a script of ours takes into Consul Democracy, as proposals of one account.

Consul has no import of proposals: its sources (2026) take in census records (``local_census_records/import.rb``) and
what its own scripts find about proposals that are there (``machine_learning.rb``), nothing else. So each line is what
its model of a proposal wants (``app/models/proposal.rb`` and the concerns ``measurable``, ``taggable`` and
``globalizable``): a title of 4 to 80 characters, a summary, a description in HTML of at most 6,000, six tags at most;
``docs/consul/import_proposals.rb`` creates them there, with all of Consul's validations.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping

from sqlalchemy.orm import Session

from inbox.export.decidim import title_of
from inbox.export.published_texts import PUBLIC_SIGHT, published_texts
from inbox.listings import contribution_list

LEAST_TITLE, LONGEST_TITLE = 4, 80
LONGEST_SUMMARY = 200
"""Characters: as long as Consul's own form lets one be."""
LONGEST_DESCRIPTION = 6_000
MOST_TAGS = 6
LONGEST_TAG = 150
_CUT = "[…]"


def proposals(session: Session, slug: str, language: str, theme: str, labels: Mapping[str, str]) -> Iterator[bytes]:
    """The published contributions of a consultation, masked as the public reads them, the newest first: JSON Lines.

    ``language`` is that of a contribution of which none is known; ``theme`` stands before a title that would be too
    short; ``labels`` are the themes' names by key.
    """
    for batch in published_texts(session, slug):
        rows = [one for one, _ in batch]
        tags = contribution_list.visible_tags_of(session, rows, PUBLIC_SIGHT)
        times = contribution_list.received_times(session, [one.id for one in rows])
        for one, body in batch:
            came_in = times[one.id][0] if one.id in times else one.created_at
            line = {
                "source": f"{slug}/{one.id}",
                "locale": one.language or language,
                "title": shortened(title_of(" ".join(body.split()), theme), LONGEST_TITLE),
                "summary": shortened(" ".join(body.split()), LONGEST_SUMMARY),
                "description": description_of(body),
                "tag_list": [labels.get(tag.name, tag.name)[:LONGEST_TAG] for tag in tags[one.id]][:MOST_TAGS],
                "created_at": came_in.date().isoformat(),
            }
            yield json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def shortened(words: str, most: int) -> str:
    """Words cut between two of them, with a sign that they are."""
    return words if len(words) <= most else words[: most - 1].rsplit(" ", 1)[0][: most - 2] + " …"


def description_of(body: str) -> str:
    """Paragraphs as HTML, nothing of the text taken for it; cut where Consul takes no more, with a sign that it is."""
    written = _as_html(body)
    shown = len(body)
    while len(written) > LONGEST_DESCRIPTION:
        shown = min(shown - 1, shown * LONGEST_DESCRIPTION // len(written))
        written = _as_html(f"{body[:shown]} {_CUT}")
    return written


def _as_html(body: str) -> str:
    paragraphs = [" ".join(one.split()) for one in body.splitlines() if one.strip()]
    return "".join(f"<p>{html.escape(one, quote=False)}</p>" for one in paragraphs)
