"""The root of all writes: each is all or nothing, and answers what can be mended as userErrors."""

from typing import Any

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.extensions.field_extension import AsyncExtensionResolver
from strawberry.types import Info, get_object_definition

from resolvers.deadline import begin_anew
from schema.context import Context
from schema.notification_mutation import NotificationMutation
from schema.order_mutation import OrderMutation
from schema.rule_store_mutation import RuleStoreMutation


class TimeOfItsOwn(FieldExtension):
    """The writes of a document run one after the other: each has its time, and says of itself what is written."""

    async def resolve_async(  # type: ignore[override]  # positional: a call may have an argument `source`
        self, next_: AsyncExtensionResolver, source: Any, info: Info[Context, None], /, **given: Any
    ) -> Any:
        """Count from now."""
        begin_anew()
        return await next_(source, info, **given)


@strawberry.type(description="Writes. All of a call or none; at most 5,000 rows a call.")
class Mutation(NotificationMutation, OrderMutation, RuleStoreMutation):
    """All writes; each part stands in a file of its own."""


for _field in get_object_definition(Mutation, strict=True).fields:
    _field.extensions.append(TimeOfItsOwn())
