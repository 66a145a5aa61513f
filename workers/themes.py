"""Suggests themes by the consultation's words."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.reading import languages_of
from inbox import tags, texts
from inbox.models import Contribution, ContributionPart, Part
from inbox.steps import Done, Ending, Lease
from transcription.themes import Suggestion
from workers import languages
from workers.media import consultation_of
from workers.workshop import Workshop


def suggest_themes(here: Workshop, lease: Lease, _folder: Path) -> Callable[[Session], Ending]:
    """SUGGEST_THEMES: the themes of every contribution this part belongs to, after its current text.

    Run again, or before everything is read, it suggests what the text says by then; what a person removed stays so.
    """
    found: dict[int, tuple[Suggestion, ...]] = {}
    spoken: dict[int, str | None] = {}
    with here.store.read() as session:
        for contribution in session.scalars(
            select(Contribution)
            .join(ContributionPart, ContributionPart.contribution_id == Contribution.id)
            .where(ContributionPart.part_id == lease.part_id, Contribution.erased_at.is_(None))
        ):
            wording = texts.current_text(session, contribution)
            if wording is not None:
                part = session.get_one(Part, lease.part_id)
                consultation = consultation_of(part)
                spoken[contribution.id] = languages.written_in(session, here.settings, contribution)
                language = spoken[contribution.id] or part.language
                language = languages_of(consultation, language, here.settings.language)[0]
                found[contribution.id] = here.readers.themes(wording.body, consultation, language)

    def save(session: Session) -> Ending:
        for contribution_id, suggestions in found.items():
            languages.keep(session, contribution_id, spoken[contribution_id])
            tags.suggest(session, contribution_id, [(one.theme_key, one.words) for one in suggestions])
        return Done()

    return save
