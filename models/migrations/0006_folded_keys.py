"""What keys that look alike have in common, beside each key. Rows are filled in afterwards, in batches (models/folding.py)."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from models.fields import FoldedKeyField


class Migration(migrations.Migration):
    dependencies = [("models", "0005_taken_and_told")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Product",
            name="folded",
            field=FoldedKeyField(null=True),
        ),
        ops.AddIndex(
            model_name="Product",
            index=Index(fields=["folded", "sku"], name="product_by_look"),
        ),
        ops.AddField(
            model_name="SalesChannel",
            name="folded",
            field=FoldedKeyField(null=True),
        ),
        ops.AddIndex(
            model_name="SalesChannel",
            index=Index(fields=["folded", "code"], name="sales_channel_by_look"),
        ),
        ops.AddField(
            model_name="Source",
            name="folded",
            field=FoldedKeyField(null=True),
        ),
        ops.AddIndex(
            model_name="Source",
            index=Index(fields=["folded", "code"], name="source_by_look"),
        ),
        ops.AddField(
            model_name="Stock",
            name="folded",
            field=FoldedKeyField(null=True),
        ),
        ops.AddIndex(
            model_name="Stock",
            index=Index(fields=["folded", "code"], name="stock_by_look"),
        ),
    ]
