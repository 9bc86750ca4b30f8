"""What the demand of a queue is added up by: an index that holds all that the sum needs."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0009_delivery_nonce")]

    initial = False

    operations = [
        ops.AddIndex(
            model_name="OrderLine",
            index=Index(
                fields=["sku", "stock", "is_open", "id", "is_reserved", "ordered", "shipped", "canceled"],
                name="order_line_demand",
            ),
        ),
    ]
