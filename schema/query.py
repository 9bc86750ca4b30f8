"""The root of all reads."""

import strawberry

from schema.availability_query import AvailabilityQuery
from schema.notification_query import NotificationQuery
from schema.order_query import OrderQuery
from schema.rule_store_query import RuleStoreQuery
from schema.viewer_query import ViewerQuery


@strawberry.type(
    description="Reads. An unknown sales channel, a page size outside 1 to 250 or too many SKUs is a request error with"
    " extensions.code. Cursors are keys: inserts neither skip nor repeat rows."
)
class Query(NotificationQuery, OrderQuery, RuleStoreQuery, AvailabilityQuery, ViewerQuery):
    """All reads; each part stands in a file of its own."""
