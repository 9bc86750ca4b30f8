"""What is on its way to whom, and what was told last."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from models.fields import CodeField, InstantField


class Delivery(Model):
    """One event on its way to one target, in the order of the events of its subject."""

    id = fields.BigIntField(primary_key=True)
    event_id = fields.BigIntField()  # of the outbox
    event = fields.CharField(max_length=32)
    subject = CodeField()
    payload = fields.TextField()
    channel = fields.CharField(max_length=8)
    target = fields.CharField(max_length=254)  # a mail address, or an endpoint's code
    state = fields.CharField(max_length=9)
    attempts = fields.IntField()
    due_at = InstantField()
    claimed_until = InstantField()  # a loop that died holds it no longer
    error = fields.TextField()
    created_at = InstantField()
    finished_at = InstantField(null=True)
    nonce = fields.CharField(max_length=16, null=True)  # random, made with the row; null of one from before it was kept

    class Meta:
        table = "delivery"
        constraints = (
            CheckConstraint(name="delivery_channel", check="channel IN ('MAIL', 'CUSTOMER', 'WEBHOOK')"),
            CheckConstraint(name="delivery_state", check="state IN ('PENDING', 'DELIVERED', 'DEAD')"),
            UniqueConstraint(fields=("event_id", "channel", "target"), name="delivery_once"),
        )
        indexes = (
            Index(fields=("state", "channel", "due_at"), name="delivery_due"),
            Index(fields=("channel", "target", "subject", "state", "id"), name="delivery_in_order"),
            Index(fields=("state", "finished_at"), name="delivery_by_age"),
            Index(fields=("state", "channel", "target", "due_at", "id"), name="delivery_of_target"),
            Index(fields=("state", "channel", "claimed_until"), name="delivery_claimed"),
        )


class Told(Model):
    """What was told last, of a SKU in a stock (in stock) or at a source (low)."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=6)
    sku = CodeField()
    place = CodeField()
    is_so = fields.BooleanField()

    class Meta:
        table = "told"
        constraints = (
            CheckConstraint(name="told_kind", check="kind IN ('STOCK', 'SOURCE')"),
            UniqueConstraint(fields=("sku", "kind", "place"), name="told_once"),
        )


class Surveyed(Model):
    """How far something has been looked through."""

    id = fields.IntField(primary_key=True)
    revision = fields.BigIntField()  # up to which all changes have been worked through
    instant = InstantField()  # and all edges up to here
    goal_revision = fields.BigIntField()  # of the survey that runs
    goal_instant = InstantField()
    is_running = fields.BooleanField()
    last_sku = CodeField(default="")  # behind which it goes on

    class Meta:
        abstract = True


class Survey(Surveyed):
    """How far the catalogue has been looked through after a change of rules or the edge of a schedule, in one row."""

    class Meta:
        table = "survey"
        constraints = (CheckConstraint(name="survey_is_one_row", check="id = 1"),)


class LineSurvey(Surveyed):
    """How far the open lines have been looked through after a change of what covers them that moved no goods, in one row."""

    class Meta:
        table = "line_survey"
        constraints = (CheckConstraint(name="line_survey_is_one_row", check="id = 1"),)
