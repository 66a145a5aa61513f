"""Tags: what the consultation's words suggest, and what people put, confirm or remove."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.enums import TagSource
from config.wording.stems import STEMMERS, contains_sequence, stems
from inbox.contributions.optimistic_locking import NotThere, lock_for_change
from inbox.errors import InboxError
from inbox.models import Contribution, Tag
from inbox.records import history
from inbox.storage.upsert import insert_if_new

NAME_LENGTH = 64
BECAUSE_LENGTH = 255


class BadTag(InboxError):
    """A tag without a name, or with one that is too long."""

    remedy = f"Give the tag a name of 1 to {NAME_LENGTH} printable characters."


def keep_language(session: Session, contribution_id: int, language: str) -> bool:
    """Note the language of a contribution (ISO 639-1), unless one is known by now; whether it was news."""
    unknown = (Contribution.id == contribution_id, Contribution.language.is_(None))
    change = update(Contribution).where(*unknown).values(language=language).returning(Contribution.id)
    return session.scalar(change) is not None


def suggest_tags(
    session: Session,
    contribution_id: int,
    suggestions: Iterable[tuple[str, Sequence[str]]],
    source: TagSource = TagSource.RULE,
) -> None:
    """Put the themes a rule or a model found, each with the words that caused it.

    What was suggested before and is no longer found goes, unless a person confirmed it; what a
    person removed stays removed. Safe to repeat; nothing happens to a contribution that was erased
    or merged away meanwhile.
    """
    try:
        lock_for_change(session, contribution_id)
    except NotThere:
        return
    found = {name: suggestion_reason(words) for name, words in suggestions}
    known = {tag.name: tag for tag in _tags_of(session, contribution_id)}
    for name, reason in found.items():
        if name not in known:
            _insert(session, contribution_id, name, source, because=reason)
        elif known[name].source is source:
            known[name].because = reason
    for name, tag in known.items():
        if name not in found and tag.source is source and not tag.confirmed and not tag.removed:
            session.delete(tag)
    session.flush()


def suggestion_reason(words: Sequence[str]) -> str:
    """The reason of a suggestion: the words that caused it."""
    return ", ".join(words)[:BECAUSE_LENGTH]


def update_reasons(session: Session, contribution_id: int, text: str) -> None:
    """Let suggestions be reasoned only by what the text in force says: words that left it cause nothing any more.

    At once and not only when themes are suggested anew, so that a word a moderator has masked is in no reason
    from then on. A suggestion without a reason left goes; a theme that a person kept stays, without it.
    """
    said = {language: stems(text, language) for language in ("", *STEMMERS)}
    for tag in _tags_of(session, contribution_id):
        left = ", ".join(word for word in tag.because.split(", ") if _is_said(word, said))
        if left != tag.because:
            tag.because = left
            if not left and tag.source is not TagSource.PERSON and not tag.confirmed and not tag.removed:
                session.delete(tag)
    session.flush()


def _is_said(word: str, said: Mapping[str, list[str]]) -> bool:
    return any(contains_sequence(stems(word, language), found) for language, found in said.items())


def add_tag(session: Session, contribution_id: int, name: str, by: int) -> Tag:
    """Put a theme or a free word, or put back one that was removed; raises BadTag, NotThere."""
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= NAME_LENGTH or not clean.isprintable():
        raise BadTag(f"a tag's name of {len(clean)} characters")
    lock_for_change(session, contribution_id)
    tag = _tag(session, contribution_id, clean)
    if tag is None:
        _insert(session, contribution_id, clean, TagSource.PERSON, confirmed=True, person_id=by)
        tag = _tag(session, contribution_id, clean)
        assert tag is not None
    elif tag.confirmed and not tag.removed:
        return tag
    return _change(session, tag, "tag_added", by, confirmed=True, removed=False)


def confirm_tag(session: Session, contribution_id: int, name: str, by: int) -> Tag | None:
    """A person agrees with a suggestion; None when it is not there (any more)."""
    lock_for_change(session, contribution_id)
    tag = _tag(session, contribution_id, name)
    if tag is None or tag.removed or tag.confirmed:
        return tag
    return _change(session, tag, "tag_confirmed", by, confirmed=True, removed=False)


def remove_tag(session: Session, contribution_id: int, name: str, by: int) -> Tag | None:
    """Take a tag off, so that reading again does not bring it back; None when there is none."""
    lock_for_change(session, contribution_id)
    tag = _tag(session, contribution_id, name)
    if tag is None or tag.removed:
        return tag
    return _change(session, tag, "tag_removed", by, confirmed=False, removed=True)


def tags_of(session: Session, contribution_ids: Iterable[int]) -> dict[int, list[Tag]]:
    """The tags of each contribution that were not removed, in one query."""
    found: dict[int, list[Tag]] = {}
    rows = session.scalars(
        select(Tag).where(Tag.contribution_id.in_(list(contribution_ids)), Tag.removed.is_(False)).order_by(Tag.id)
    )
    for tag in rows:
        found.setdefault(tag.contribution_id, []).append(tag)
    return found


def _insert(
    session: Session,
    contribution_id: int,
    name: str,
    source: TagSource,
    *,
    because: str = "",
    confirmed: bool = False,
    person_id: int | None = None,
) -> None:
    insert_if_new(
        session,
        Tag,
        contribution_id=contribution_id,
        name=name[:NAME_LENGTH],
        source=source,
        because=because,
        confirmed=confirmed,
        removed=False,
        person_id=person_id,
    )


def _change(session: Session, tag: Tag, action: str, by: int, *, confirmed: bool, removed: bool) -> Tag:
    tag.confirmed, tag.removed, tag.person_id = confirmed, removed, by
    history.record_event(session, f"contribution:{tag.contribution_id}", action, by, {"tag": tag.id})
    return tag


def _tags_of(session: Session, contribution_id: int) -> list[Tag]:
    return list(
        session.scalars(
            select(Tag)
            .where(Tag.contribution_id == contribution_id)
            .order_by(Tag.id)
            .execution_options(populate_existing=True)
        )
    )


def _tag(session: Session, contribution_id: int, name: str) -> Tag | None:
    return next((tag for tag in _tags_of(session, contribution_id) if tag.name == name), None)
