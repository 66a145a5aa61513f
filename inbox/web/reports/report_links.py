"""Where a report's figures and quotations can be looked at: by staff, or by everybody."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for


@dataclass(frozen=True)
class ReportLinks:
    """Where things stand; with the whole address for files that leave the browser."""

    slug: str
    absolute: bool

    def contribution(self, contribution_id: int) -> str:
        """One contribution."""
        return str(url_for("contributions.show", contribution_id=contribution_id, _external=self.absolute))

    def listed(self, **query: str) -> str:
        """The contributions of the consultation that fit."""
        return str(url_for("contributions.index", consultation=self.slug, _external=self.absolute, **query))

    def topic(self, topic_id: int) -> str:
        """A topic with its contributions."""
        return str(url_for("topics.show", slug=self.slug, topic_id=topic_id, _external=self.absolute))

    def ledger(self) -> str:
        """The ledger of the consultation."""
        return str(url_for("oversight.ledger_page", consultation=self.slug, _external=self.absolute))


class PublicReportLinks(ReportLinks):
    """Where everybody can look: at what is published. What only staff may list leads nowhere."""

    def contribution(self, contribution_id: int) -> str:
        """One contribution."""
        return str(url_for("public.voice", slug=self.slug, number=contribution_id, _external=self.absolute))

    def listed(self, **_query: str) -> str:
        """No list of ours."""
        return ""

    def topic(self, _topic_id: int) -> str:
        """No page of a topic."""
        return ""

    def ledger(self) -> str:
        """The ledger stands on the consultation's page."""
        place = url_for("public.consultation", slug=self.slug, _external=self.absolute)
        return f"{place}#numbers-head"
