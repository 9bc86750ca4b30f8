"""What is on its way to whom, and what was told last."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.fields import CodeField, InstantField

SURVEY = """
INSERT INTO survey (id, revision, instant, goal_revision, goal_instant, is_running, last_sku)
VALUES (1, 0, 0, 0, 0, FALSE, '')
"""
"""Nothing has been looked through yet: the first survey only notes what is so."""


class Migration(migrations.Migration):
    dependencies = [("models", "0003_orders")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Delivery",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("event_id", fields.BigIntField()),
                ("event", fields.CharField(max_length=32)),
                ("subject", CodeField(max_length=64)),
                ("payload", fields.TextField(unique=False)),
                ("channel", fields.CharField(max_length=8)),
                ("target", fields.CharField(max_length=254)),
                ("state", fields.CharField(max_length=9)),
                ("attempts", fields.IntField()),
                ("due_at", InstantField()),
                ("claimed_until", InstantField()),
                ("error", fields.TextField(unique=False)),
                ("created_at", InstantField()),
                ("finished_at", InstantField(null=True)),
            ],
            options={
                "table": "delivery",
                "app": "models",
                "pk_attr": "id",
                "table_description": "One event on its way to one target, in the order of the events of its subject.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Recipient",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("source", CodeField(default="", max_length=64)),
                ("email", fields.CharField(max_length=254)),
            ],
            options={
                "table": "recipient",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A mail address that hears of the stock of one source, '' for all sources that have none of their own.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Survey",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("revision", fields.BigIntField()),
                ("instant", InstantField()),
                ("goal_revision", fields.BigIntField()),
                ("goal_instant", InstantField()),
                ("is_running", fields.BooleanField()),
                ("last_sku", CodeField(default="", max_length=64)),
            ],
            options={
                "table": "survey",
                "app": "models",
                "pk_attr": "id",
                "table_description": "How far the catalogue has been looked through after a change of rules or the edge of a schedule, in one row.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Told",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=6)),
                ("sku", CodeField(max_length=64)),
                ("place", CodeField(max_length=64)),
                ("is_so", fields.BooleanField()),
            ],
            options={
                "table": "told",
                "app": "models",
                "pk_attr": "id",
                "table_description": "What was told last, of a SKU in a stock (in stock) or at a source (low).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WebhookEndpoint",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("code", CodeField(max_length=64)),
                ("url", fields.CharField(max_length=2000)),
                ("secret", fields.CharField(max_length=128)),
                ("previous_secret", fields.CharField(default="", max_length=128)),
                ("previous_until", InstantField()),
                ("events", fields.TextField(unique=False)),
                ("is_enabled", fields.BooleanField()),
                ("failures", fields.IntField()),
                ("disabled_reason", fields.TextField(unique=False)),
                ("created_at", InstantField()),
            ],
            options={
                "table": "webhook_endpoint",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A program that is told by HTTP. Its secret signs what it is sent, for a while with the one before it.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Order",
            name="customer_email",
            field=fields.CharField(default="", db_default="", max_length=254),
        ),
        ops.AddField(
            model_name="Order",
            name="locale",
            field=fields.CharField(default="", db_default="", max_length=35),
        ),
        ops.AddField(
            model_name="Outbox",
            name="is_dispatched",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        # SQLite rebuilds a table for a CHECK and drops its indexes: checks come first.
        ops.AddConstraint(
            model_name="Delivery",
            constraint=CheckConstraint(check="channel IN ('MAIL', 'CUSTOMER', 'WEBHOOK')", name="delivery_channel"),
        ),
        ops.AddConstraint(
            model_name="Delivery",
            constraint=CheckConstraint(check="state IN ('PENDING', 'DELIVERED', 'DEAD')", name="delivery_state"),
        ),
        ops.AddConstraint(model_name="Survey", constraint=CheckConstraint(check="id = 1", name="survey_is_one_row")),
        ops.AddConstraint(
            model_name="Told", constraint=CheckConstraint(check="kind IN ('STOCK', 'SOURCE')", name="told_kind")
        ),
        ops.AddConstraint(
            model_name="Delivery",
            constraint=UniqueConstraint(fields=("event_id", "channel", "target"), name="delivery_once"),
        ),
        ops.AddConstraint(
            model_name="Recipient", constraint=UniqueConstraint(fields=("source", "email"), name="recipient_once")
        ),
        ops.AddConstraint(
            model_name="Told", constraint=UniqueConstraint(fields=("sku", "kind", "place"), name="told_once")
        ),
        ops.AddConstraint(
            model_name="WebhookEndpoint", constraint=UniqueConstraint(fields=("code",), name="webhook_endpoint_once")
        ),
        ops.AddIndex(model_name="Delivery", index=Index(fields=["state", "channel", "due_at"], name="delivery_due")),
        ops.AddIndex(
            model_name="Delivery",
            index=Index(fields=["channel", "target", "subject", "state", "id"], name="delivery_in_order"),
        ),
        ops.AddIndex(model_name="Delivery", index=Index(fields=["state", "finished_at"], name="delivery_by_age")),
        ops.AddIndex(
            model_name="Outbox",
            index=Index(fields=["is_dispatched", "id"], name="outbox_to_dispatch"),
        ),
        ops.RunSQL(SURVEY),
    ]
