"""The ledger of reservations, and its running balance."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from models.fields import CodeField, InstantField, QuantityField


class Reservation(Model):
    """A signed row of the append-only ledger, per SKU and stock, an order writes a negative one."""

    id = fields.BigIntField(primary_key=True)
    sku = CodeField()
    stock = CodeField()
    quantity = QuantityField()
    order_number = CodeField()
    event = fields.CharField(max_length=32)
    created_at = InstantField()

    class Meta:
        table = "reservation"
        indexes = (
            Index(fields=("sku", "stock"), name="reservation_by_sku"),
            Index(fields=("order_number", "sku"), name="reservation_by_order"),
        )


class Balance(Model):
    """The sum of the ledger for one SKU and stock, moved in the transaction that appends to it: R is read here."""

    id = fields.BigIntField(primary_key=True)
    sku = CodeField()
    stock = CodeField()
    quantity = QuantityField()

    class Meta:
        table = "balance"
        constraints = (UniqueConstraint(fields=("sku", "stock"), name="balance_once"),)
