"""Products, as far as availability needs them."""

from tortoise import fields
from tortoise.models import Model

from models.fields import CodeField


def searchable(*texts: str) -> str:
    """What a search looks in: the texts, without case. A line break keeps a match from spanning two of them."""
    return "\n".join(texts).casefold()


class Product(Model):
    """Something that can be sold, by its SKU."""

    sku = CodeField(primary_key=True)
    name = fields.CharField(max_length=255)
    search = fields.TextField()

    class Meta:
        table = "product"
