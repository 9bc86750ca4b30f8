"""The tokens."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.fields import CodeField, InstantField


class Migration(migrations.Migration):
    dependencies = [("models", "0001_initial")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Token",
            fields=[
                ("name", CodeField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("role", fields.CharField(max_length=16)),
                ("digest", fields.CharField(max_length=64)),
                ("created_at", InstantField()),
                ("revoked_at", InstantField(null=True)),
            ],
            options={
                "table": "token",
                "app": "models",
                "pk_attr": "name",
                "table_description": "A named key, stored as its digest only. A revoked one stays, so that its name is never given again.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Token", constraint=CheckConstraint(check="role IN ('ADMIN', 'ORDERS')", name="token_role")
        ),
        ops.AddConstraint(
            model_name="Token", constraint=UniqueConstraint(fields=("digest",), name="token_digest_once")
        ),
    ]
