"""Orders, what became of them, the calls that made them, and the outbox."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.fields import CodeField, InstantField, QuantityField


class Migration(migrations.Migration):
    dependencies = [("models", "0002_tokens")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Call",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("mutation", fields.CharField(max_length=32)),
                ("key", fields.CharField(max_length=255)),
                ("digest", fields.CharField(max_length=64)),
                ("facts", fields.TextField(unique=False)),
                ("created_at", InstantField()),
            ],
            options={
                "table": "call",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A call that took effect: its key, a digest of its input, and the facts that a replay returns.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Order",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("number", CodeField(max_length=64)),
                ("sales_channel", CodeField(max_length=64)),
                ("stock", CodeField(max_length=64)),
                ("placed_at", InstantField()),
            ],
            options={
                "table": "sales_order",
                "app": "models",
                "pk_attr": "id",
                "table_description": "An order, with the stock that its sales channel had when it was placed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OrderLine",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "order",
                    fields.ForeignKeyField(
                        "models.Order",
                        source_field="order_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("sku", CodeField(max_length=64)),
                ("stock", CodeField(max_length=64)),
                ("ordered", QuantityField()),
                ("shipped", QuantityField(default=0)),
                ("canceled", QuantityField(default=0)),
                ("refunded", QuantityField(default=0)),
                ("late_at_placement", QuantityField()),
                ("is_reserved", fields.BooleanField()),
                ("is_open", fields.BooleanField()),
            ],
            options={
                "table": "order_line",
                "app": "models",
                "pk_attr": "id",
                "table_description": "One SKU of an order. Ids grow with placement, under the lock of the SKU's balance: they are the queue.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Outbox",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("created_at", InstantField()),
                ("event", fields.CharField(max_length=32)),
                ("subject", CodeField(max_length=64)),
                ("payload", fields.TextField(unique=False)),
            ],
            options={
                "table": "outbox",
                "app": "models",
                "pk_attr": "id",
                "table_description": "An event to be told, written in the transaction of what it reports, in the order of its subject.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Refund",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "order",
                    fields.ForeignKeyField(
                        "models.Order",
                        source_field="order_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="refunds",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("created_at", InstantField()),
            ],
            options={
                "table": "refund",
                "app": "models",
                "pk_attr": "id",
                "table_description": "What was paid back at one time, of shipped units.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RefundLine",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "refund",
                    fields.ForeignKeyField(
                        "models.Refund",
                        source_field="refund_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("sku", CodeField(max_length=64)),
                ("quantity", QuantityField()),
                ("source", CodeField(default="", max_length=64)),
            ],
            options={
                "table": "refund_line",
                "app": "models",
                "pk_attr": "id",
                "table_description": "One SKU of a refund, '' where the goods did not go back to stock.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Shipment",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "order",
                    fields.ForeignKeyField(
                        "models.Order",
                        source_field="order_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="shipments",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("created_at", InstantField()),
            ],
            options={
                "table": "shipment",
                "app": "models",
                "pk_attr": "id",
                "table_description": "What left at one time.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ShipmentLine",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "shipment",
                    fields.ForeignKeyField(
                        "models.Shipment",
                        source_field="shipment_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("sku", CodeField(max_length=64)),
                ("quantity", QuantityField()),
                ("source", CodeField(default="", max_length=64)),
            ],
            options={
                "table": "shipment_line",
                "app": "models",
                "pk_attr": "id",
                "table_description": "One SKU of a shipment, '' where it came from no source.",
            },
            bases=["Model"],
        ),
        # SQLite rebuilds a table for a CHECK and drops its indexes: checks come first.
        ops.AddConstraint(
            model_name="OrderLine",
            constraint=CheckConstraint(
                check="ordered > 0 AND shipped >= 0 AND canceled >= 0 AND refunded >= 0 AND shipped + canceled <= ordered AND refunded <= shipped",
                name="order_line_units",
            ),
        ),
        ops.AddConstraint(model_name="Call", constraint=UniqueConstraint(fields=("mutation", "key"), name="call_once")),
        ops.AddConstraint(
            model_name="Order", constraint=UniqueConstraint(fields=("number",), name="sales_order_number_once")
        ),
        ops.AddConstraint(
            model_name="OrderLine", constraint=UniqueConstraint(fields=("order_id", "sku"), name="order_line_once")
        ),
        ops.AddIndex(model_name="Order", index=Index(fields=["sales_channel", "id"], name="sales_order_by_channel")),
        ops.AddIndex(
            model_name="OrderLine", index=Index(fields=["sku", "stock", "is_open", "id"], name="order_line_queue")
        ),
        ops.AddIndex(model_name="Outbox", index=Index(fields=["subject", "id"], name="outbox_by_subject")),
        ops.AddIndex(model_name="Refund", index=Index(fields=["order_id"], name="refund_by_order")),
        ops.AddIndex(model_name="RefundLine", index=Index(fields=["refund_id"], name="refund_line_by_refund")),
        ops.AddIndex(model_name="Shipment", index=Index(fields=["order_id"], name="shipment_by_order")),
        ops.AddIndex(model_name="Call", index=Index(fields=["mutation", "created_at"], name="call_by_age")),
        ops.AddIndex(model_name="ShipmentLine", index=Index(fields=["shipment_id"], name="shipment_line_by_shipment")),
    ]
