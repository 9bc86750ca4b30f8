"""Stocks, the sources they pool, and the sales channels that sell from them."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from models.fields import CodeField, FoldedKeyField
from models.source import Source


class Stock(Model):
    """A pool of sources."""

    code = CodeField(primary_key=True)
    name = fields.CharField(max_length=255)
    folded = FoldedKeyField()

    class Meta:
        table = "stock"
        indexes = (Index(fields=("folded", "code"), name="stock_by_look"),)


class StockSource(Model):
    """A source in a stock, lower priorities are drawn on first, equal ones by code."""

    id = fields.BigIntField(primary_key=True)
    stock: fields.ForeignKeyRelation[Stock] = fields.ForeignKeyField(
        "models.Stock", related_name="links", on_delete=fields.RESTRICT
    )
    source: fields.ForeignKeyRelation[Source] = fields.ForeignKeyField(
        "models.Source", related_name="links", on_delete=fields.RESTRICT
    )
    priority = fields.IntField()

    class Meta:
        table = "stock_source"
        constraints = (UniqueConstraint(fields=("stock_id", "source_id"), name="stock_source_once"),)
        indexes = (Index(fields=("source_id",), name="stock_source_by_source"),)


class SalesChannel(Model):
    """Sells from exactly one stock."""

    code = CodeField(primary_key=True)
    name = fields.CharField(max_length=255)
    stock: fields.ForeignKeyRelation[Stock] = fields.ForeignKeyField(
        "models.Stock", related_name="channels", on_delete=fields.RESTRICT
    )
    folded = FoldedKeyField()

    class Meta:
        table = "sales_channel"
        indexes = (
            Index(fields=("stock_id",), name="sales_channel_by_stock"),
            Index(fields=("folded", "code"), name="sales_channel_by_look"),
        )
