"""The table `seedance_news`: how often the rows of each service have changed, so that to ask costs the same always.

Triggers count, so that whoever writes is counted: an older version that runs on, and a person's own SQL. What changes
is `rev`; a lease that moves is no news.
"""

from __future__ import annotations

import sqlalchemy as sa

TABLE = "seedance_news"
_PARTS = ("insert", "update", "delete")
_TRIGGERS = tuple(f"{TABLE}_{part}" for part in _PARTS)
_CHANGED = "old.rev IS DISTINCT FROM new.rev OR old.service IS DISTINCT FROM new.service"


def install(connection: sa.Connection) -> None:
    """Make the table and what counts into it, where they are missing."""
    made = _on_postgresql if connection.dialect.name == "postgresql" else _on_sqlite
    made(connection)


def read(connection: sa.Connection, service: str) -> tuple[int, int]:
    """Which history this is, by a number that it was given by chance, and how often rows of a service have changed."""
    query = sa.text(f"SELECT history, changes FROM {TABLE} WHERE service = :service")
    row = connection.execute(query, {"service": service}).first()
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def _table() -> str:
    columns = "service TEXT PRIMARY KEY, history BIGINT NOT NULL, changes BIGINT NOT NULL"
    return f"CREATE TABLE IF NOT EXISTS {TABLE} ({columns})"


def _on_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql(_table())
    random = "abs(random() % 1000000000)"
    for part, row in zip(_PARTS, ("new", "new", "old"), strict=True):
        when = " WHEN old.rev IS NOT new.rev OR old.service IS NOT new.service" if part == "update" else ""
        connection.exec_driver_sql(
            f"CREATE TRIGGER IF NOT EXISTS {TABLE}_{part} AFTER {part.upper()} ON jobs{when} BEGIN "
            f"INSERT INTO {TABLE} VALUES ({row}.service, {random}, 1) "
            f"ON CONFLICT (service) DO UPDATE SET changes = changes + 1; END"
        )


def _on_postgresql(connection: sa.Connection) -> None:
    """Counted when the transaction ends: the one line of a service is locked for a moment, and after everything else.

    So two who change rows in different orders never wait for each other.
    """
    there = sa.text("SELECT count(*) FROM pg_trigger WHERE tgname IN :names AND tgrelid = 'jobs'::regclass").bindparams(
        sa.bindparam("names", expanding=True)
    )
    if connection.execute(there, {"names": list(_TRIGGERS)}).scalar_one() == len(_TRIGGERS):
        return
    connection.exec_driver_sql(_table())
    connection.exec_driver_sql(
        f"""
        CREATE OR REPLACE FUNCTION {TABLE}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE changed text := CASE WHEN TG_OP = 'DELETE' THEN OLD.service ELSE NEW.service END;
        BEGIN
            EXECUTE format(
                'INSERT INTO %%I.{TABLE} VALUES ($1, (random() * 1e9)::bigint, 1) '
                'ON CONFLICT (service) DO UPDATE SET changes = {TABLE}.changes + 1', TG_TABLE_SCHEMA
            ) USING changed;
            RETURN NULL;
        END $$
        """
    )
    for part in _PARTS:
        when = f"WHEN ({_CHANGED}) " if part == "update" else ""
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {TABLE}_{part} ON jobs")
        connection.exec_driver_sql(
            f"CREATE CONSTRAINT TRIGGER {TABLE}_{part} AFTER {part.upper()} ON jobs DEFERRABLE INITIALLY DEFERRED "
            f"FOR EACH ROW {when}EXECUTE FUNCTION {TABLE}()"
        )
