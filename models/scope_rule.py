"""The rule store: the rules, their revision, and the history of their changes."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from models.fields import CodeField, InstantField


class ScopeRule(Model):
    """One rule: a scope gives a setting a value, in a window. '' stands for no source and no SKU.

    A plain rule has the window from BEGINNING to END, a null value holds only in a window and means 'no rule then'.
    """

    id = fields.BigIntField(primary_key=True)
    scope_type = fields.CharField(max_length=16)
    source = CodeField(default="")
    sku = CodeField(default="")
    setting = fields.CharField(max_length=32)
    active_from = InstantField()
    active_until = InstantField()
    value = fields.CharField(max_length=32, null=True)
    revision = fields.BigIntField()

    class Meta:
        table = "scope_rule"
        constraints = (
            UniqueConstraint(
                fields=("sku", "source", "scope_type", "setting", "active_from", "active_until"), name="scope_rule_once"
            ),
            CheckConstraint(name="scope_rule_window", check="active_from < active_until"),
            CheckConstraint(
                name="scope_rule_names_scope",
                check="(scope_type IN ('SOURCE', 'PRODUCT_SOURCE')) = (source <> '')"
                " AND (scope_type IN ('PRODUCT', 'PRODUCT_SOURCE')) = (sku <> '')",
            ),
        )
        indexes = (
            Index(fields=("source", "setting"), name="scope_rule_by_source"),
            Index(fields=("sku", "source", "active_until"), name="scope_rule_in_force"),
            Index(fields=("active_from",), name="scope_rule_by_start"),
            Index(fields=("active_until",), name="scope_rule_by_end"),
        )


class Revision(Model):
    """The one row that every change of the rule store updates first, so that its writers queue."""

    id = fields.IntField(primary_key=True)
    value = fields.BigIntField()

    class Meta:
        table = "revision"
        constraints = (CheckConstraint(name="revision_is_one_row", check="id = 1"),)


class ChangeSet(Model):
    """One atomic change of the rule store: who, when and why. Never altered."""

    revision = fields.BigIntField(primary_key=True)
    created_at = InstantField()
    actor = fields.CharField(max_length=255)
    reason = fields.TextField(null=True)
    change_count = fields.BigIntField(null=True)  # how many rules it changed; null: from before this was kept

    class Meta:
        table = "change_set"
        indexes = (Index(fields=("change_count", "revision"), name="change_set_by_count"),)


class RuleChange(Model):
    """One rule's value before and after a change set. Never altered."""

    id = fields.BigIntField(primary_key=True)
    change_set: fields.ForeignKeyRelation[ChangeSet] = fields.ForeignKeyField(
        "models.ChangeSet", related_name="changes", on_delete=fields.RESTRICT
    )
    scope_type = fields.CharField(max_length=16)
    source = CodeField(default="")
    sku = CodeField(default="")
    setting = fields.CharField(max_length=32)
    before = fields.CharField(max_length=32, null=True)
    after = fields.CharField(max_length=32, null=True)
    active_from = InstantField()
    active_until = InstantField()

    class Meta:
        table = "rule_change"
        indexes = (
            Index(fields=("change_set_id",), name="rule_change_by_revision"),
            Index(fields=("change_set_id", "id"), name="rule_change_in_order"),
            Index(fields=("sku", "source", "change_set_id"), name="rule_change_by_scope"),
        )
