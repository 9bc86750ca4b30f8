"""The root of all writes: each is all or nothing, and answers what can be mended as userErrors."""

import strawberry

from schema.notification_mutation import NotificationMutation
from schema.order_mutation import OrderMutation
from schema.rule_store_mutation import RuleStoreMutation


@strawberry.type(description="Writes. All of a call or none; at most 5,000 rows a call.")
class Mutation(NotificationMutation, OrderMutation, RuleStoreMutation):
    """All writes; each part stands in a file of its own."""
