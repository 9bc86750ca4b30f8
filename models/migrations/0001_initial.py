"""The first tables, and the source, stock and sales channel that are always there."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.fields import CodeField, InstantField, QuantityField

DEFAULTS = [
    "INSERT INTO revision (id, value) VALUES (1, 0)",
    "INSERT INTO source (code, name, enabled, search) VALUES ('default', 'Default Source', TRUE, 'default\ndefault source')",
    "INSERT INTO stock (code, name) VALUES ('default', 'Default Stock')",
    "INSERT INTO stock_source (stock_id, source_id, priority) VALUES ('default', 'default', 1)",
    "INSERT INTO sales_channel (code, name, stock_id) VALUES ('default', 'Default Sales Channel', 'default')",
]


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Balance",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("sku", CodeField(max_length=64)),
                ("stock", CodeField(max_length=64)),
                ("quantity", QuantityField()),
            ],
            options={
                "table": "balance",
                "app": "models",
                "pk_attr": "id",
                "table_description": "The sum of the ledger for one SKU and stock, moved in the transaction that appends to it: R is read here.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ChangeSet",
            fields=[
                ("revision", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("created_at", InstantField()),
                ("actor", fields.CharField(max_length=255)),
                ("reason", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "change_set",
                "app": "models",
                "pk_attr": "revision",
                "table_description": "One atomic change of the rule store: who, when and why. Never altered.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Product",
            fields=[
                ("sku", CodeField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("name", fields.CharField(max_length=255)),
                ("search", fields.TextField(unique=False)),
            ],
            options={
                "table": "product",
                "app": "models",
                "pk_attr": "sku",
                "table_description": "Something that can be sold, by its SKU.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Reservation",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("sku", CodeField(max_length=64)),
                ("stock", CodeField(max_length=64)),
                ("quantity", QuantityField()),
                ("order_number", CodeField(max_length=64)),
                ("event", fields.CharField(max_length=32)),
                ("created_at", InstantField()),
            ],
            options={
                "table": "reservation",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A signed row of the append-only ledger, per SKU and stock, an order writes a negative one.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Revision",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("value", fields.BigIntField()),
            ],
            options={
                "table": "revision",
                "app": "models",
                "pk_attr": "id",
                "table_description": "The one row that every change of the rule store updates first, so that its writers queue.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RuleChange",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "change_set",
                    fields.ForeignKeyField(
                        "models.ChangeSet",
                        source_field="change_set_id",
                        db_constraint=True,
                        to_field="revision",
                        related_name="changes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("scope_type", fields.CharField(max_length=16)),
                ("source", CodeField(default="", max_length=64)),
                ("sku", CodeField(default="", max_length=64)),
                ("setting", fields.CharField(max_length=32)),
                ("before", fields.CharField(null=True, max_length=32)),
                ("after", fields.CharField(null=True, max_length=32)),
                ("active_from", InstantField()),
                ("active_until", InstantField()),
            ],
            options={
                "table": "rule_change",
                "app": "models",
                "pk_attr": "id",
                "table_description": "One rule's value before and after a change set. Never altered.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ScopeRule",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("scope_type", fields.CharField(max_length=16)),
                ("source", CodeField(default="", max_length=64)),
                ("sku", CodeField(default="", max_length=64)),
                ("setting", fields.CharField(max_length=32)),
                ("active_from", InstantField()),
                ("active_until", InstantField()),
                ("value", fields.CharField(null=True, max_length=32)),
                ("revision", fields.BigIntField()),
            ],
            options={
                "table": "scope_rule",
                "app": "models",
                "pk_attr": "id",
                "table_description": "One rule: a scope gives a setting a value, in a window. '' stands for no source and no SKU.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Source",
            fields=[
                ("code", CodeField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("name", fields.CharField(max_length=255)),
                ("enabled", fields.BooleanField(default=True)),
                ("search", fields.TextField(unique=False)),
            ],
            options={
                "table": "source",
                "app": "models",
                "pk_attr": "code",
                "table_description": "A place that holds goods, while it is disabled, nothing of it counts.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SourceItem",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "source",
                    fields.ForeignKeyField(
                        "models.Source",
                        source_field="source_id",
                        db_constraint=True,
                        to_field="code",
                        related_name="items",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "product",
                    fields.ForeignKeyField(
                        "models.Product",
                        source_field="product_id",
                        db_constraint=True,
                        to_field="sku",
                        related_name="items",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("quantity", QuantityField()),
                ("in_stock", fields.BooleanField()),
            ],
            options={
                "table": "source_item",
                "app": "models",
                "pk_attr": "id",
                "table_description": "One SKU at one source: a quantity of any sign, and a status.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Stock",
            fields=[
                ("code", CodeField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("name", fields.CharField(max_length=255)),
            ],
            options={"table": "stock", "app": "models", "pk_attr": "code", "table_description": "A pool of sources."},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SalesChannel",
            fields=[
                ("code", CodeField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("name", fields.CharField(max_length=255)),
                (
                    "stock",
                    fields.ForeignKeyField(
                        "models.Stock",
                        source_field="stock_id",
                        db_constraint=True,
                        to_field="code",
                        related_name="channels",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "sales_channel",
                "app": "models",
                "pk_attr": "code",
                "table_description": "Sells from exactly one stock.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StockSource",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "stock",
                    fields.ForeignKeyField(
                        "models.Stock",
                        source_field="stock_id",
                        db_constraint=True,
                        to_field="code",
                        related_name="links",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "source",
                    fields.ForeignKeyField(
                        "models.Source",
                        source_field="source_id",
                        db_constraint=True,
                        to_field="code",
                        related_name="links",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("priority", fields.IntField()),
            ],
            options={
                "table": "stock_source",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A source in a stock, lower priorities are drawn on first, equal ones by code.",
            },
            bases=["Model"],
        ),
        # SQLite rebuilds a table for a CHECK and drops its indexes: checks come first.
        ops.AddConstraint(
            model_name="Revision", constraint=CheckConstraint(check="id = 1", name="revision_is_one_row")
        ),
        ops.AddConstraint(
            model_name="ScopeRule",
            constraint=CheckConstraint(check="active_from < active_until", name="scope_rule_window"),
        ),
        ops.AddConstraint(
            model_name="ScopeRule",
            constraint=CheckConstraint(
                check="(scope_type IN ('SOURCE', 'PRODUCT_SOURCE')) = (source <> '') AND (scope_type IN ('PRODUCT', 'PRODUCT_SOURCE')) = (sku <> '')",
                name="scope_rule_names_scope",
            ),
        ),
        ops.AddConstraint(
            model_name="SourceItem",
            constraint=CheckConstraint(
                check="quantity BETWEEN -999999999999999 AND 999999999999999", name="source_item_quantity_bounds"
            ),
        ),
        ops.AddConstraint(
            model_name="Balance", constraint=UniqueConstraint(fields=("sku", "stock"), name="balance_once")
        ),
        ops.AddConstraint(
            model_name="ScopeRule",
            constraint=UniqueConstraint(
                fields=("sku", "source", "scope_type", "setting", "active_from", "active_until"), name="scope_rule_once"
            ),
        ),
        ops.AddConstraint(
            model_name="SourceItem",
            constraint=UniqueConstraint(fields=("product_id", "source_id"), name="source_item_once"),
        ),
        ops.AddConstraint(
            model_name="StockSource",
            constraint=UniqueConstraint(fields=("stock_id", "source_id"), name="stock_source_once"),
        ),
        ops.AddIndex(model_name="Reservation", index=Index(fields=["sku", "stock"], name="reservation_by_sku")),
        ops.AddIndex(
            model_name="Reservation", index=Index(fields=["order_number", "sku"], name="reservation_by_order")
        ),
        ops.AddIndex(model_name="RuleChange", index=Index(fields=["change_set_id"], name="rule_change_by_revision")),
        ops.AddIndex(
            model_name="RuleChange", index=Index(fields=["sku", "source", "change_set_id"], name="rule_change_by_scope")
        ),
        ops.AddIndex(model_name="ScopeRule", index=Index(fields=["source", "setting"], name="scope_rule_by_source")),
        ops.AddIndex(
            model_name="SourceItem", index=Index(fields=["source_id", "product_id"], name="source_item_by_source")
        ),
        ops.AddIndex(model_name="SalesChannel", index=Index(fields=["stock_id"], name="sales_channel_by_stock")),
        ops.AddIndex(model_name="StockSource", index=Index(fields=["source_id"], name="stock_source_by_source")),
        ops.RunSQL(DEFAULTS),
    ]
