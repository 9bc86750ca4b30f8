"""Who is asking, for pages that show each caller what it may use."""

import strawberry
from strawberry.types import Info

from schema.context import Context, Role, require_valid


@strawberry.type(description="Who is asking.")
class Viewer:
    name: str | None = strawberry.field(description="The name of its token; null for a shopper, who has none.")
    role: Role = strawberry.field(description="What it may see and do.")


@strawberry.type(description="What every caller may ask of itself.")
class ViewerQuery:
    @strawberry.field(description="Who is asking; refused with UNAUTHENTICATED where the token is not valid.")
    async def viewer(self, info: Info[Context, None]) -> Viewer:
        """The caller."""
        require_valid(info)
        return Viewer(name=info.context.viewer.name, role=info.context.viewer.role)
