"""The index of queues from before: that with their sums begins with the same columns, and serves the older version too."""

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0010_queue_sums")]

    initial = False

    operations = [ops.RemoveIndex(model_name="OrderLine", name="order_line_queue")]
