"""Sealed values are bound to their places: an arrival's raw bytes may be sealed anew, once, and do not change else.

The values themselves are sealed anew with the keys, which the tables do not have: ``inbox.backup.bound_values``. An
earlier version cannot open them: whoever goes back restores a backup of then.
"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

binds_values = True
"""Looked for by ``inbox.migrations``: what was written before this revision is sealed without a place."""

_SEALED_ANEW = {
    "sqlite": "substr(old.sealed_raw, 1, 1) = x'01' AND substr(new.sealed_raw, 1, 1) = x'02'",
    "postgresql": "substr(old.sealed_raw, 1, 1) = '\\x01'::bytea AND substr(new.sealed_raw, 1, 1) = '\\x02'::bytea",
}


def upgrade() -> None:
    """Let the old form give way to the bound one."""
    _trigger(f"AND NOT ({_SEALED_ANEW[op.get_bind().dialect.name]})")


def downgrade() -> None:
    """As before."""
    _trigger("")


def _trigger(but: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER arrival_not_changed")
        op.execute(
            f"""
            CREATE TRIGGER arrival_not_changed BEFORE UPDATE ON arrival
            WHEN new.intake_id <> old.intake_id OR new.kind <> old.kind OR new.digest <> old.digest
                OR (new.sealed_raw IS NOT NULL AND new.sealed_raw IS NOT old.sealed_raw {but})
                OR (new.locator IS NOT NULL AND new.locator IS NOT old.locator)
            BEGIN
                SELECT RAISE(ABORT, 'arrivals are unchanging: they can only be erased');
            END
            """
        )
        return
    op.execute("DROP TRIGGER arrival_not_changed ON arrival")
    op.execute(
        f"""
        CREATE TRIGGER arrival_not_changed BEFORE UPDATE ON arrival FOR EACH ROW
        WHEN (new.intake_id <> old.intake_id OR new.kind <> old.kind OR new.digest <> old.digest
            OR (new.sealed_raw IS NOT NULL AND new.sealed_raw IS DISTINCT FROM old.sealed_raw {but})
            OR (new.locator IS NOT NULL AND new.locator IS DISTINCT FROM old.locator))
        EXECUTE FUNCTION portevoix_append_only()
        """
    )
