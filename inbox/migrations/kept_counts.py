"""What is kept of contributions, parts and intakes so that no page counts them: columns, counts, and their triggers.

The triggers are written once for both servers. A count is the sum of its rows: SQLite, which has one writer, keeps
one row (slot 0); on PostgreSQL every transaction adds rows of its own (its number is their slot), so that
no two wait for each other, and the sweeper folds them into slot 0.
"""

# ruff: noqa: S608 - put together from constants of this file
from __future__ import annotations

from dataclasses import dataclass

JUDGED = "not_contribution:"
"""What a bucket of what is no contribution begins with; its kind follows."""

LISTED = """(
    contribution.erased_at IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM contribution_link
        WHERE contribution_link.from_id = contribution.id AND contribution_link.kind = 'merged')
    AND NOT (
        contribution.moderation = 'in_review'
        AND EXISTS (
            SELECT 1 FROM contribution_part JOIN part ON part.id = contribution_part.part_id
            WHERE contribution_part.contribution_id = contribution.id AND part.not_contribution IS NOT NULL)
        AND NOT EXISTS (
            SELECT 1 FROM contribution_part JOIN part ON part.id = contribution_part.part_id
            WHERE contribution_part.contribution_id = contribution.id AND part.not_contribution IS NULL)))"""
"""Neither erased, nor merged into another one, nor put back among what is no contribution."""

ORIGIN = """(
    SELECT text_version.origin FROM text_version WHERE text_version.contribution_id = contribution.id
    ORDER BY text_version.number DESC LIMIT 1)"""

PART_BUCKET = f"""CASE
    WHEN part.erased_at IS NOT NULL
        OR EXISTS (SELECT 1 FROM intake WHERE intake.id = part.intake_id AND intake.erased_at IS NOT NULL)
        THEN 'erased'
    WHEN part.not_contribution = 'vote' THEN 'vote'
    WHEN EXISTS (SELECT 1 FROM step WHERE step.part_id = part.id AND step.state = 'quarantined') THEN 'quarantined'
    WHEN part.not_contribution IS NOT NULL THEN '{JUDGED}' || part.not_contribution
    WHEN EXISTS (SELECT 1 FROM intake WHERE intake.id = part.intake_id AND intake.not_contribution IS NOT NULL)
        THEN '{JUDGED}' || (SELECT intake.not_contribution FROM intake WHERE intake.id = part.intake_id)
    WHEN part.reading = 'waiting' THEN 'waiting'
    ELSE (
        SELECT CASE max(CASE contribution.moderation WHEN 'in_review' THEN 3 WHEN 'set_aside' THEN 2 ELSE 1 END)
            WHEN 3 THEN 'in_review' WHEN 2 THEN 'set_aside' WHEN 1 THEN 'published' END
        FROM contribution_part JOIN contribution ON contribution.id = contribution_part.contribution_id
        WHERE contribution_part.part_id = part.id AND contribution.erased_at IS NULL)
    END"""
"""Where the ledger counts a part; NULL for a part that was read and is nobody's."""

INTAKE_BUCKET = f"""CASE
    WHEN EXISTS (SELECT 1 FROM part WHERE part.intake_id = intake.id) THEN NULL
    WHEN intake.erased_at IS NOT NULL THEN 'erased'
    WHEN EXISTS (
        SELECT 1 FROM step WHERE step.intake_id = intake.id AND step.state IN ('quarantined', 'needs_person'))
        THEN 'quarantined'
    WHEN intake.not_contribution IS NOT NULL THEN '{JUDGED}' || intake.not_contribution
    ELSE 'waiting' END"""
"""Where the ledger counts an intake; NULL for one that has parts, which are counted instead."""

SCANNED_BATCH = """CASE
    WHEN intake.erased_at IS NULL AND (
        EXISTS (SELECT 1 FROM arrival WHERE arrival.intake_id = intake.id AND arrival.kind = 'file')
        OR EXISTS (SELECT 1 FROM step WHERE step.intake_id = intake.id AND step.kind = 'split_pages'))
    THEN coalesce(intake.batch_id, intake.id) END"""
"""The batch of a scanned file, or of a copier's mail; NULL for all else."""

SETTLE: tuple[str, ...] = (
    f"UPDATE contribution SET listed = {LISTED} WHERE listed <> {LISTED}",
    f"UPDATE contribution SET origin = {ORIGIN} WHERE origin IS DISTINCT FROM {ORIGIN}",
    f"UPDATE part SET bucket = {PART_BUCKET} WHERE bucket IS DISTINCT FROM {PART_BUCKET}",
    f"UPDATE intake SET bucket = {INTAKE_BUCKET} WHERE bucket IS DISTINCT FROM {INTAKE_BUCKET}",
    f"UPDATE intake SET scanned_batch = {SCANNED_BATCH} WHERE scanned_batch IS DISTINCT FROM {SCANNED_BATCH}",
)
"""Put the kept columns right."""

_CONSULTATION = "coalesce((SELECT v.consultation_id FROM consultation_version v WHERE v.id = {0}), 0)"

COUNT: tuple[str, ...] = (
    "DELETE FROM contribution_tally",
    """
    INSERT INTO contribution_tally (theme, consultation_id, channel, moderation, reading, slot, n)
    SELECT names.name, coalesce(contribution.consultation_id, 0), contribution.channel, contribution.moderation,
        contribution.reading, 0, count(*)
    FROM contribution JOIN (
        SELECT id AS contribution_id, '' AS name FROM contribution
        UNION ALL SELECT tag.contribution_id, tag.name FROM tag WHERE NOT tag.removed
    ) AS names ON names.contribution_id = contribution.id
    WHERE contribution.listed
    GROUP BY 1, 2, 3, 4, 5
    """,
    "DELETE FROM unit_tally",
    f"""
    INSERT INTO unit_tally (bucket, consultation_id, channel, slot, n)
    SELECT units.bucket, units.consultation_id, units.channel, 0, count(*) FROM (
        SELECT coalesce(part.bucket, 'waiting') AS bucket, part.channel AS channel,
            {_CONSULTATION.format("part.consultation_version_id")} AS consultation_id FROM part
        UNION ALL
        SELECT intake.bucket, intake.channel,
            {_CONSULTATION.format("intake.consultation_version_id")} FROM intake WHERE intake.bucket IS NOT NULL
    ) AS units
    GROUP BY 1, 2, 3
    """,
)
"""Count anew from the kept columns."""


@dataclass(frozen=True)
class _Trigger:
    """What follows a change of a row; ``{slot}`` and ``{lock_…}`` differ between the servers."""

    name: str
    on: str
    """Such as ``UPDATE OF state ON step``; a row at a time, after it has changed."""
    when: str
    body: tuple[str, ...]


def _tally_contribution(row: str, sign: str) -> str:
    return f"""
    INSERT INTO contribution_tally (theme, consultation_id, channel, moderation, reading, slot, n)
    SELECT names.name, coalesce({row}.consultation_id, 0), {row}.channel, {row}.moderation, {row}.reading,
        {{slot}}, {sign}1
    FROM (
        SELECT '' AS name
        UNION ALL SELECT tag.name FROM tag WHERE tag.contribution_id = {row}.id AND NOT tag.removed
    ) AS names
    WHERE {row}.listed
    ON CONFLICT (theme, consultation_id, channel, moderation, reading, slot)
    DO UPDATE SET n = contribution_tally.n + excluded.n"""


def _tally_tag(row: str, sign: str) -> str:
    return f"""
    INSERT INTO contribution_tally (theme, consultation_id, channel, moderation, reading, slot, n)
    SELECT {row}.name, coalesce(c.consultation_id, 0), c.channel, c.moderation, c.reading, {{slot}}, {sign}1
    FROM contribution c WHERE c.id = {row}.contribution_id AND c.listed AND NOT {row}.removed
    ON CONFLICT (theme, consultation_id, channel, moderation, reading, slot)
    DO UPDATE SET n = contribution_tally.n + excluded.n"""


# A free word can be a name: nothing of it stays when nothing has it any more.
_FORGET_TAG = """
    DELETE FROM contribution_tally WHERE n = 0 AND theme = old.name AND slot = {slot}"""
_FORGET_TAGS = """
    DELETE FROM contribution_tally
    WHERE n = 0 AND theme IN (SELECT tag.name FROM tag WHERE tag.contribution_id = old.id) AND slot = {slot}"""


def _tally_unit(row: str, sign: str, *, of_part: bool) -> str:
    return f"""
    INSERT INTO unit_tally (bucket, consultation_id, channel, slot, n)
    SELECT coalesce({row}.bucket, 'waiting'), {_CONSULTATION.format(f"{row}.consultation_version_id")},
        {row}.channel, {{slot}}, {sign}1
    WHERE {"true" if of_part else f"{row}.bucket IS NOT NULL"}
    ON CONFLICT (bucket, consultation_id, channel, slot) DO UPDATE SET n = unit_tally.n + excluded.n"""


def _settle_listed(ids: str) -> tuple[str, str]:
    return (
        f"{{lock}} 1 FROM contribution WHERE id IN ({ids}) ORDER BY id FOR NO KEY UPDATE",
        f"""
    UPDATE contribution SET listed = {LISTED}
    WHERE contribution.id IN ({ids}) AND contribution.listed <> {LISTED}""",
    )


def _settle_parts(ids: str) -> tuple[str, str]:
    return (
        f"{{lock}} 1 FROM part WHERE id IN ({ids}) ORDER BY id FOR NO KEY UPDATE",
        f"""
    UPDATE part SET bucket = {PART_BUCKET}
    WHERE part.id IN ({ids}) AND part.bucket IS DISTINCT FROM {PART_BUCKET}""",
    )


def _settle_intake(number: str) -> tuple[str, str]:
    return (
        f"{{lock}} 1 FROM intake WHERE id = {number} FOR NO KEY UPDATE",
        f"""
    UPDATE intake SET bucket = {INTAKE_BUCKET}
    WHERE intake.id = {number} AND intake.bucket IS DISTINCT FROM {INTAKE_BUCKET}""",
    )


def _settle_batch(number: str) -> tuple[str, ...]:
    return (
        f"""
    UPDATE intake SET scanned_batch = {SCANNED_BATCH}
    WHERE intake.id = {number} AND intake.scanned_batch IS DISTINCT FROM {SCANNED_BATCH}""",
    )


def _settle_origin(number: str) -> tuple[str, ...]:
    return (
        f"""
    UPDATE contribution SET origin = {ORIGIN}
    WHERE contribution.id = {number} AND contribution.origin IS DISTINCT FROM {ORIGIN}""",
    )


_THEIR_PARTS = (
    "SELECT contribution_part.part_id FROM contribution_part WHERE contribution_part.contribution_id = new.id"
)
_ITS_CONTRIBUTIONS = (
    "SELECT contribution_part.contribution_id FROM contribution_part WHERE contribution_part.part_id = new.id"
)
_PARTS_WITHIN = "SELECT p.id FROM part p WHERE p.intake_id = new.id"
_COUNTS_DIFFER = " OR ".join(
    f"old.{name} IS DISTINCT FROM new.{name}"
    for name in ("listed", "moderation", "reading", "channel", "consultation_id")
)
_UNITS_DIFFER = " OR ".join(
    f"old.{name} IS DISTINCT FROM new.{name}" for name in ("bucket", "channel", "consultation_version_id")
)
_HELD = "('quarantined', 'needs_person')"


def _of_steps(row: str) -> tuple[str, ...]:
    return (*_settle_parts(f"SELECT {row}.part_id"), *_settle_intake(f"{row}.intake_id"))


TRIGGERS: tuple[_Trigger, ...] = (
    # --- contributions that are listed ---
    _Trigger("kept_contribution_added", "INSERT ON contribution", "", (_tally_contribution("new", "+"),)),
    _Trigger(
        "kept_contribution_added_unlisted",
        "INSERT ON contribution",
        "new.erased_at IS NOT NULL OR NOT new.listed",
        _settle_listed("new.id"),
    ),
    _Trigger(
        "kept_contribution_counted",
        "UPDATE OF listed, moderation, reading, channel, consultation_id ON contribution",
        _COUNTS_DIFFER,
        (_tally_contribution("old", "-"), _tally_contribution("new", "+"), _FORGET_TAGS),
    ),
    _Trigger(
        "kept_contribution_decided",
        "UPDATE OF moderation, erased_at ON contribution",
        "old.moderation <> new.moderation OR old.erased_at IS DISTINCT FROM new.erased_at",
        (*_settle_listed("new.id"), *_settle_parts(_THEIR_PARTS)),
    ),
    _Trigger("kept_contribution_gone", "DELETE ON contribution", "", (_tally_contribution("old", "-"),)),
    _Trigger(
        "kept_link_added",
        "INSERT ON contribution_link",
        "new.kind = 'merged'",
        _settle_listed("new.from_id"),
    ),
    _Trigger(
        "kept_link_gone",
        "DELETE ON contribution_link",
        "old.kind = 'merged'",
        _settle_listed("old.from_id"),
    ),
    _Trigger("kept_text_added", "INSERT ON text_version", "", _settle_origin("new.contribution_id")),
    _Trigger("kept_text_gone", "DELETE ON text_version", "", _settle_origin("old.contribution_id")),
    # --- themes ---
    _Trigger("kept_tag_added", "INSERT ON tag", "", (_tally_tag("new", "+"),)),
    _Trigger(
        "kept_tag_changed",
        "UPDATE OF removed, name ON tag",
        "old.removed <> new.removed OR old.name <> new.name",
        (_tally_tag("old", "-"), _tally_tag("new", "+"), _FORGET_TAG),
    ),
    _Trigger("kept_tag_gone", "DELETE ON tag", "", (_tally_tag("old", "-"), _FORGET_TAG)),
    # --- units of the ledger ---
    _Trigger("kept_part_added", "INSERT ON part", "", (_tally_unit("new", "+", of_part=True),)),
    _Trigger(
        "kept_part_added_settled",
        "INSERT ON part",
        "new.erased_at IS NOT NULL OR new.not_contribution IS NOT NULL OR new.reading <> 'waiting'"
        " OR new.bucket IS DISTINCT FROM 'waiting'",
        _settle_parts("new.id"),
    ),
    _Trigger("kept_part_added_within", "INSERT ON part", "", _settle_intake("new.intake_id")),
    _Trigger(
        "kept_part_counted",
        "UPDATE OF bucket, channel, consultation_version_id ON part",
        _UNITS_DIFFER,
        (_tally_unit("old", "-", of_part=True), _tally_unit("new", "+", of_part=True)),
    ),
    _Trigger(
        "kept_part_changed",
        "UPDATE OF erased_at, not_contribution, reading ON part",
        "old.erased_at IS DISTINCT FROM new.erased_at OR old.reading <> new.reading"
        " OR old.not_contribution IS DISTINCT FROM new.not_contribution",
        _settle_parts("new.id"),
    ),
    _Trigger(
        "kept_part_judged",
        "UPDATE OF not_contribution ON part",
        "(old.not_contribution IS NULL) <> (new.not_contribution IS NULL)",
        _settle_listed(_ITS_CONTRIBUTIONS),
    ),
    _Trigger(
        "kept_part_gone",
        "DELETE ON part",
        "",
        (_tally_unit("old", "-", of_part=True), *_settle_intake("old.intake_id")),
    ),
    _Trigger(
        "kept_share_added",
        "INSERT ON contribution_part",
        "",
        (*_settle_listed("new.contribution_id"), *_settle_parts("new.part_id")),
    ),
    _Trigger(
        "kept_share_gone",
        "DELETE ON contribution_part",
        "",
        (*_settle_listed("old.contribution_id"), *_settle_parts("old.part_id")),
    ),
    _Trigger("kept_intake_added", "INSERT ON intake", "", (_tally_unit("new", "+", of_part=False),)),
    _Trigger(
        "kept_intake_added_settled",
        "INSERT ON intake",
        "new.erased_at IS NOT NULL OR new.not_contribution IS NOT NULL OR new.bucket IS DISTINCT FROM 'waiting'",
        _settle_intake("new.id"),
    ),
    _Trigger(
        "kept_intake_counted",
        "UPDATE OF bucket, channel, consultation_version_id ON intake",
        _UNITS_DIFFER,
        (_tally_unit("old", "-", of_part=False), _tally_unit("new", "+", of_part=False)),
    ),
    _Trigger(
        "kept_intake_changed",
        "UPDATE OF erased_at, not_contribution ON intake",
        "old.erased_at IS DISTINCT FROM new.erased_at OR old.not_contribution IS DISTINCT FROM new.not_contribution",
        (*_settle_intake("new.id"), *_settle_parts(_PARTS_WITHIN)),
    ),
    _Trigger("kept_intake_gone", "DELETE ON intake", "", (_tally_unit("old", "-", of_part=False),)),
    _Trigger("kept_step_added", "INSERT ON step", f"new.state IN {_HELD}", _of_steps("new")),
    _Trigger(
        "kept_step_changed",
        "UPDATE OF state ON step",
        f"old.state <> new.state AND (old.state IN {_HELD} OR new.state IN {_HELD})",
        _of_steps("new"),
    ),
    _Trigger("kept_step_gone", "DELETE ON step", f"old.state IN {_HELD}", _of_steps("old")),
    # --- batches ---
    _Trigger("kept_file_added", "INSERT ON arrival", "new.kind = 'file'", _settle_batch("new.intake_id")),
    _Trigger(
        "kept_split_added",
        "INSERT ON step",
        "new.kind = 'split_pages' AND new.intake_id IS NOT NULL",
        _settle_batch("new.intake_id"),
    ),
    _Trigger(
        "kept_intake_batched",
        "UPDATE OF batch_id, erased_at ON intake",
        "old.batch_id IS DISTINCT FROM new.batch_id OR old.erased_at IS DISTINCT FROM new.erased_at",
        _settle_batch("new.id"),
    ),
)


def create(dialect: str) -> list[str]:
    """The statements that make the triggers."""
    return [one for trigger in TRIGGERS for one in (_sqlite if dialect == "sqlite" else _postgresql)(trigger)]


def drop(dialect: str) -> list[str]:
    """The statements that remove them."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {trigger.name}" for trigger in TRIGGERS]
    return [f"DROP FUNCTION {trigger.name}() CASCADE" for trigger in TRIGGERS]


def _sqlite(trigger: _Trigger) -> list[str]:
    when = f"WHEN {trigger.when}" if trigger.when else ""
    # There is one writer: nothing has to be held.
    body = "".join(f"{one};" for one in _filled(trigger, "0") if not one.startswith("{lock}"))
    return [f"CREATE TRIGGER {trigger.name} AFTER {trigger.on} FOR EACH ROW {when} BEGIN {body} END"]


def _postgresql(trigger: _Trigger) -> list[str]:
    body = "".join(f"{one.replace('{lock}', 'PERFORM')};" for one in _filled(trigger, "txid_current()"))
    when = f"WHEN ({trigger.when})" if trigger.when else ""
    return [
        # Every look-up here is by key. A plan made while the tables were small, and kept, would read them whole.
        f"CREATE FUNCTION {trigger.name}() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off"
        f" AS $$ BEGIN {body} RETURN NULL; END $$",
        f"CREATE TRIGGER {trigger.name} AFTER {trigger.on} FOR EACH ROW {when} EXECUTE FUNCTION {trigger.name}()",
    ]


def _filled(trigger: _Trigger, slot: str) -> list[str]:
    return [one.replace("{slot}", slot) for one in trigger.body]
