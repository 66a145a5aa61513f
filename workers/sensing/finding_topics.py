"""Topics among what was published: proposed anew where enough has come, and found again where people named them."""

from __future__ import annotations

from collections.abc import Mapping

from config.wording.stems import stems
from inbox.consultations import consultation_versions
from inbox.contributions import tags
from inbox.reports import sense_rows, topics
from inbox.storage.database import Store
from transcription.text import contribution_kinds, proposed_topics

LOOKED_THROUGH = 10_000
"""The newest published texts, among which topics are looked for."""


def find_topics(store: Store, consultation_id: int) -> None:
    """Propose topics, and suggest members and stances of those that people named; what they decided stays."""
    with store.read() as session:
        ids = sense_rows.newest_published(session, consultation_id, LOOKED_THROUGH)
        known = _theme_stems(store, consultation_id)
        named = [(one.id, tuple(one.words), one.is_proposal) for one in topics.named(session, consultation_id)]
        texts = {number: (one.body, one.language or "fr") for number, one in sense_rows.texts_of(session, ids).items()}
    proposed = proposed_topics.propose(texts, known)
    with store.write() as session:
        topics.put_proposals(session, consultation_id, [(one.words, one.members) for one in proposed])
    for topic_id, words, is_proposal in named:
        found = [number for number, (body, language) in texts.items() if _speaks_of(body, language, words)]
        with store.write() as session:
            topics.put_members(session, topic_id, found)
        if is_proposal:
            _suggest_stances(store, topic_id, texts)


def _speaks_of(body: str, language: str, words: tuple[str, ...]) -> bool:
    return proposed_topics.speaks_of(body, language, words)


def _suggest_stances(store: Store, topic_id: int, texts: Mapping[int, tuple[str, str]]) -> None:
    with store.read() as session:
        members = topics.without_stance(session, topic_id)
    found = {}
    for number in members:
        if number in texts:
            stance = contribution_kinds.suggest_stance(*texts[number])
            found[number] = (stance.stance, tags.suggestion_reason(stance.cues)) if stance else (None, "")
    with store.write() as session:
        topics.put_stances(session, topic_id, found)


def _theme_stems(store: Store, consultation_id: int) -> frozenset[str]:
    """The stems of the consultation's own words: what themes say already is no news."""
    with store.read() as session:
        version = next(
            one
            for one in consultation_versions.current_versions_by_slug(session)
            if one.consultation_id == consultation_id
        )
        consultation = consultation_versions.as_consultation(version)
    return frozenset(
        stem
        for theme in consultation.themes
        for language, words in theme.words.items()
        for word in words
        for stem in stems(word, language)
    )
