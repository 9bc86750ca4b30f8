"""What shipments took from items, and what was told of open lines."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint

from models.fields import CodeField, InstantField, QuantityField

LINE_SURVEY = """
INSERT INTO line_survey (id, revision, instant, goal_revision, goal_instant, is_running, last_sku)
VALUES (1, 0, 0, 0, 0, FALSE, '')
"""
"""Nothing has been looked through yet: of lines from before, the first survey only notes what is so."""


class Migration(migrations.Migration):
    dependencies = [("models", "0004_delivery")]

    initial = False

    operations = [
        ops.CreateModel(
            name="LineSurvey",
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
                "table": "line_survey",
                "app": "models",
                "pk_attr": "id",
                "table_description": "How far the open lines have been looked through after a change of what covers them that moved no goods, in one row.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="OrderLine",
            name="told_late",
            field=QuantityField(null=True),
        ),
        ops.AddField(
            model_name="OrderLine",
            name="told_waiting",
            field=QuantityField(null=True),
        ),
        ops.AddField(
            model_name="ShipmentLine",
            name="is_taken",
            field=fields.BooleanField(default=True, db_default=True),
        ),
        ops.AddConstraint(
            model_name="LineSurvey", constraint=CheckConstraint(check="id = 1", name="line_survey_is_one_row")
        ),
        ops.RunSQL(LINE_SURVEY),
    ]
