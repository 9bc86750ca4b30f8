"""Whether a shipment took its units from an item."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0004_delivery")]

    initial = False

    operations = [
        ops.AddField(
            model_name="ShipmentLine",
            name="is_taken",
            field=fields.BooleanField(default=True, db_default=True),
        ),
    ]
