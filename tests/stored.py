"""What the tables of the open database hold."""

from decimal import Decimal

from models.database import reader
from models.sql import fetch
from rules.quantity import from_units


async def items() -> dict[tuple[str, str], tuple[Decimal, bool]]:
    """Quantity and status of every item, by source and SKU."""
    rows = await fetch(reader(), "SELECT source_id, product_id, quantity, in_stock FROM source_item")
    return {(row["source_id"], row["product_id"]): (from_units(row["quantity"]), bool(row["in_stock"])) for row in rows}


async def names() -> dict[str, str]:
    """The name of every product, by SKU."""
    return {row["sku"]: row["name"] for row in await fetch(reader(), "SELECT sku, name FROM product")}


async def rules() -> dict[tuple[str, str], str]:
    """The stored values of the rules of products, by SKU and setting."""
    rows = await fetch(reader(), "SELECT sku, source, setting, value FROM scope_rule WHERE sku <> ''")
    return {(row["sku"], row["setting"]): row["value"] for row in rows}


async def history() -> list[tuple[int, str, str, int]]:
    """Every change set: revision, actor, reason, and how many rules it changed."""
    sql = """
    SELECT c.revision, c.actor, c.reason, COUNT(*) AS n FROM change_set c JOIN rule_change h ON h.change_set_id = c.revision
    GROUP BY c.revision, c.actor, c.reason ORDER BY c.revision
    """
    return [(row["revision"], row["actor"], row["reason"], row["n"]) for row in await fetch(reader(), sql)]
