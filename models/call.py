"""Calls that took effect, by their idempotency key, and the outbox of what they have to tell."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from models.fields import CodeField, InstantField


class Call(Model):
    """A call that took effect: its key, a digest of its input, and the facts that a replay returns."""

    id = fields.BigIntField(primary_key=True)
    mutation = fields.CharField(max_length=32)
    key = fields.CharField(max_length=255)
    digest = fields.CharField(max_length=64)
    facts = fields.TextField()
    created_at = InstantField()

    class Meta:
        table = "call"
        constraints = (UniqueConstraint(fields=("mutation", "key"), name="call_once"),)
        indexes = (Index(fields=("mutation", "created_at"), name="call_by_age"),)


class Outbox(Model):
    """An event to be told, written in the transaction of what it reports, in the order of its subject."""

    id = fields.BigIntField(primary_key=True)
    created_at = InstantField()
    event = fields.CharField(max_length=32)
    subject = CodeField()
    payload = fields.TextField()
    is_dispatched = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "outbox"
        indexes = (
            Index(fields=("subject", "id"), name="outbox_by_subject"),
            Index(fields=("is_dispatched", "id"), name="outbox_to_dispatch"),
        )
