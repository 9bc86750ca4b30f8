"""Products, as far as availability needs them."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.fields import CodeField, FoldedKeyField


def searchable(*texts: str) -> str:
    """What a search looks in: the texts, without case. A line break keeps a match from spanning two of them."""
    return "\n".join(texts).casefold()


class Product(Model):
    """Something that can be sold, by its SKU."""

    sku = CodeField(primary_key=True)
    name = fields.CharField(max_length=255)
    search = fields.TextField()
    folded = FoldedKeyField()

    class Meta:
        table = "product"
        indexes = (Index(fields=("folded", "sku"), name="product_by_look"),)
