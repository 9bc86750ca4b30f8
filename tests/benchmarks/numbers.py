"""Large tables made by the database itself."""

from models.database import Client


def numbers(client: Client, count: int) -> str:
    """A table `numbers` with a column n, from 0 up, for the FROM of a statement."""
    if client.capabilities.dialect == "postgres":
        return f"generate_series(0, {count - 1:d}) AS numbers(n)"
    return (
        f"(WITH RECURSIVE counted(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n < {count - 1:d})"  # a number
        " SELECT n FROM counted) AS numbers"
    )
