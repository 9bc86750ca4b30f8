"""What makes the id of a message unique, beyond the counting of one database; null of deliveries from before."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0008_growth")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Delivery",
            name="nonce",
            field=fields.CharField(null=True, max_length=16),
        ),
    ]
