"""Indexes for what was looked for among all rows: the edges of windows, what is in force, what is due to one target."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0006_folded_keys")]

    initial = False

    operations = [
        ops.AddIndex(
            model_name="ScopeRule",
            index=Index(fields=["sku", "source", "active_until"], name="scope_rule_in_force"),
        ),
        ops.AddIndex(
            model_name="ScopeRule",
            index=Index(fields=["active_from"], name="scope_rule_by_start"),
        ),
        ops.AddIndex(
            model_name="ScopeRule",
            index=Index(fields=["active_until"], name="scope_rule_by_end"),
        ),
        ops.AddIndex(
            model_name="Delivery",
            index=Index(fields=["state", "channel", "target", "due_at", "id"], name="delivery_of_target"),
        ),
        ops.AddIndex(
            model_name="Delivery",
            index=Index(fields=["state", "channel", "claimed_until"], name="delivery_claimed"),
        ),
    ]
