"""Alembic's entry: runs on the connection, and in the transaction, that ``inbox.migrations.migrate`` hands over."""

from alembic import context

from inbox.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite can do it too once the driver leaves BEGIN to us, as inbox.storage.database sees to.
    transactional_ddl=True,
    compare_type=True,
)
context.run_migrations()
