"""What two more statements seek by: open lines of a stock, and change sets whose changes nobody counted."""

from tortoise import migrations
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0011_one_queue_index")]

    initial = False

    operations = [
        ops.AddIndex(
            model_name="ChangeSet",
            index=Index(fields=["change_count", "revision"], name="change_set_by_count"),
        ),
        ops.AddIndex(
            model_name="OrderLine",
            index=PartialIndex(fields=["stock", "id"], name="order_line_open_by_stock", condition={"is_open": True}),
        ),
    ]
