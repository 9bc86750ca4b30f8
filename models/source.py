"""Places that hold goods."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.fields import CodeField, FoldedKeyField


class Source(Model):
    """A place that holds goods, while it is disabled, nothing of it counts."""

    code = CodeField(primary_key=True)
    name = fields.CharField(max_length=255)
    enabled = fields.BooleanField(default=True)
    search = fields.TextField()
    folded = FoldedKeyField()

    class Meta:
        table = "source"
        indexes = (Index(fields=("folded", "code"), name="source_by_look"),)
