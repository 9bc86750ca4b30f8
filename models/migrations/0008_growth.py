"""What the lists of a shop that has grown seek by: each reads as many rows as its page has, or a bounded number."""

from tortoise import fields, migrations
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0007_seeks")]

    initial = False

    operations = [
        ops.AddField(
            model_name="ChangeSet",
            name="change_count",
            field=fields.BigIntField(null=True),
        ),
        ops.AddIndex(
            model_name="Order",
            index=Index(fields=["placed_at", "id"], name="sales_order_by_placement"),
        ),
        ops.AddIndex(
            model_name="OrderLine",
            index=Index(fields=["sku", "order_id"], name="order_line_by_sku"),
        ),
        ops.AddIndex(
            model_name="OrderLine",
            index=PartialIndex(fields=["id"], name="order_line_open", condition={"is_open": True}),
        ),
        ops.AddIndex(
            model_name="OrderLine",
            index=PartialIndex(fields=["order_id"], name="order_line_open_by_order", condition={"is_open": True}),
        ),
        ops.AddIndex(
            model_name="OrderLine",
            index=PartialIndex(
                fields=["order_id"], name="order_line_unshipped", condition={"is_open": False, "shipped": 0}
            ),
        ),
        ops.AddIndex(
            model_name="RuleChange",
            index=Index(fields=["change_set_id", "id"], name="rule_change_in_order"),
        ),
    ]
