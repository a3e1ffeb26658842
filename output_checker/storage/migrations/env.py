"""Alembic's entry: applies the versions to the database that ``storage.database.migrate`` names."""

from alembic import context
from sqlalchemy import create_engine

from output_checker.storage.schema import Base


def run() -> None:
    """Apply what is missing, all in one transaction."""
    engine = create_engine(context.config.attributes["url"])
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            # so that the versions are applied completely or not at all, and by one process at a time
            connection.connection.driver_connection.isolation_level = None  # type: ignore[union-attr]
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.configure(
            connection=connection, target_metadata=Base.metadata, transactional_ddl=True, render_as_batch=True
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
