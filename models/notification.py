"""Whom to tell: addresses for mail, endpoints of other programs."""

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from models.fields import CodeField, InstantField


class Recipient(Model):
    """A mail address that hears of the stock of one source, '' for all sources that have none of their own."""

    id = fields.BigIntField(primary_key=True)
    source = CodeField(default="")
    email = fields.CharField(max_length=254)

    class Meta:
        table = "recipient"
        constraints = (UniqueConstraint(fields=("source", "email"), name="recipient_once"),)


class WebhookEndpoint(Model):
    """A program that is told by HTTP. Its secret signs what it is sent, for a while with the one before it."""

    id = fields.BigIntField(primary_key=True)
    code = CodeField()
    url = fields.CharField(max_length=2000)
    secret = fields.CharField(max_length=128)
    previous_secret = fields.CharField(max_length=128, default="")
    previous_until = InstantField()
    events = fields.TextField()  # a JSON list of events; an empty one means all
    is_enabled = fields.BooleanField()
    failures = fields.IntField()  # one after the other, since the last success
    disabled_reason = fields.TextField()
    created_at = InstantField()

    class Meta:
        table = "webhook_endpoint"
        constraints = (UniqueConstraint(fields=("code",), name="webhook_endpoint_once"),)
