"""Orders and what became of them."""

from tortoise import fields
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from models.fields import CodeField, InstantField, QuantityField


class Order(Model):
    """An order, with the stock that its sales channel had when it was placed."""

    id = fields.BigIntField(primary_key=True)
    number = CodeField()
    sales_channel = CodeField()
    stock = CodeField()
    placed_at = InstantField()
    customer_email = fields.CharField(max_length=254, default="", db_default="")
    locale = fields.CharField(max_length=35, default="", db_default="")

    class Meta:
        table = "sales_order"
        constraints = (UniqueConstraint(fields=("number",), name="sales_order_number_once"),)
        indexes = (
            Index(fields=("sales_channel", "id"), name="sales_order_by_channel"),
            Index(fields=("placed_at", "id"), name="sales_order_by_placement"),
        )


class OrderLine(Model):
    """One SKU of an order. Ids grow with placement, under the lock of the SKU's balance: they are the queue."""

    id = fields.BigIntField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "models.Order", related_name="lines", on_delete=fields.RESTRICT
    )
    sku = CodeField()
    stock = CodeField()
    ordered = QuantityField()
    shipped = QuantityField(default=0)
    canceled = QuantityField(default=0)
    refunded = QuantityField(default=0)
    late_at_placement = QuantityField()
    told_waiting = QuantityField(null=True)  # units that wait, as staff were told last; null: from before this was kept
    told_late = QuantityField(null=True)  # of these, those that the customer was told are late
    is_reserved = fields.BooleanField()
    is_open = fields.BooleanField()

    class Meta:
        table = "order_line"
        constraints = (
            CheckConstraint(
                name="order_line_units",
                check="ordered > 0 AND shipped >= 0 AND canceled >= 0 AND refunded >= 0"
                " AND shipped + canceled <= ordered AND refunded <= shipped",
            ),
            UniqueConstraint(fields=("order_id", "sku"), name="order_line_once"),
        )
        # The partial ones are small: few lines are open, and few of the others left nothing. SQLite uses them for statements
        # that spell their condition as they do: is_open = true, in small letters.
        indexes = (
            # All that the demand of a queue is added up from. It costs little more than the key: most writes change is_open.
            Index(
                fields=("sku", "stock", "is_open", "id", "is_reserved", "ordered", "shipped", "canceled"),
                name="order_line_demand",
            ),
            Index(fields=("sku", "order_id"), name="order_line_by_sku"),
            PartialIndex(fields=("id",), name="order_line_open", condition={"is_open": True}),
            PartialIndex(fields=("stock", "id"), name="order_line_open_by_stock", condition={"is_open": True}),
            PartialIndex(fields=("order_id",), name="order_line_open_by_order", condition={"is_open": True}),
            PartialIndex(fields=("order_id",), name="order_line_unshipped", condition={"is_open": False, "shipped": 0}),
        )


class Shipment(Model):
    """What left at one time."""

    id = fields.BigIntField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "models.Order", related_name="shipments", on_delete=fields.RESTRICT
    )
    created_at = InstantField()

    class Meta:
        table = "shipment"
        indexes = (Index(fields=("order_id",), name="shipment_by_order"),)


class ShipmentLine(Model):
    """One SKU of a shipment, '' where it came from no source."""

    id = fields.BigIntField(primary_key=True)
    shipment: fields.ForeignKeyRelation[Shipment] = fields.ForeignKeyField(
        "models.Shipment", related_name="lines", on_delete=fields.RESTRICT
    )
    sku = CodeField()
    quantity = QuantityField()
    source = CodeField(default="")
    is_taken = fields.BooleanField(default=True, db_default=True)  # from the item there; a line from before counts so

    class Meta:
        table = "shipment_line"
        indexes = (Index(fields=("shipment_id",), name="shipment_line_by_shipment"),)


class Refund(Model):
    """What was paid back at one time, of shipped units."""

    id = fields.BigIntField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "models.Order", related_name="refunds", on_delete=fields.RESTRICT
    )
    created_at = InstantField()

    class Meta:
        table = "refund"
        indexes = (Index(fields=("order_id",), name="refund_by_order"),)


class RefundLine(Model):
    """One SKU of a refund, '' where the goods did not go back to stock."""

    id = fields.BigIntField(primary_key=True)
    refund: fields.ForeignKeyRelation[Refund] = fields.ForeignKeyField(
        "models.Refund", related_name="lines", on_delete=fields.RESTRICT
    )
    sku = CodeField()
    quantity = QuantityField()
    source = CodeField(default="")

    class Meta:
        table = "refund_line"
        indexes = (Index(fields=("refund_id",), name="refund_line_by_refund"),)
