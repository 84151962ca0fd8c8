"""Alembic's entry: which database, which models."""

from alembic import context

import storage.models  # noqa: F401 - makes the tables known
from storage.base import Base
from storage.engine import engine_for

with engine_for(context.config.attributes["url"]).connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
