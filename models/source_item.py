"""What lies where."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from models.fields import QuantityField
from models.product import Product
from models.source import Source


class SourceItem(Model):
    """One SKU at one source: a quantity of any sign, and a status."""

    id = fields.BigIntField(primary_key=True)
    source: fields.ForeignKeyRelation[Source] = fields.ForeignKeyField(
        "models.Source", related_name="items", on_delete=fields.RESTRICT
    )
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        "models.Product", related_name="items", on_delete=fields.RESTRICT
    )
    quantity = QuantityField()
    in_stock = fields.BooleanField()

    class Meta:
        table = "source_item"
        constraints = (
            UniqueConstraint(fields=("product_id", "source_id"), name="source_item_once"),
            CheckConstraint(
                name="source_item_quantity_bounds", check="quantity BETWEEN -999999999999999 AND 999999999999999"
            ),
        )
        indexes = (Index(fields=("source_id", "product_id"), name="source_item_by_source"),)
