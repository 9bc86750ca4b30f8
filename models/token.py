"""The keys of people and programs that may do more than shoppers."""

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from models.fields import CodeField, InstantField


class Token(Model):
    """A named key, stored as its digest only. A revoked one stays, so that its name is never given again."""

    name = CodeField(primary_key=True)
    role = fields.CharField(max_length=16)
    digest = fields.CharField(max_length=64)
    created_at = InstantField()
    revoked_at = InstantField(null=True)

    class Meta:
        table = "token"
        constraints = (
            CheckConstraint(name="token_role", check="role IN ('ADMIN', 'ORDERS')"),
            UniqueConstraint(fields=("digest",), name="token_digest_once"),
        )
