"""What one caller of live updates may take: read once from the settings."""

from dataclasses import dataclass

from server.settings import Settings


@dataclass(frozen=True, slots=True)
class LiveLimits:
    """How many connections a process and an address have, what each may hold, and when it ends; seconds."""

    connections: int
    per_address: int
    subscriptions: int
    skus: int
    idle_seconds: float
    token_seconds: float

    @classmethod
    def of(cls, chosen: Settings) -> "LiveLimits":
        """Those of the settings."""
        return cls(
            chosen.live_connections,
            chosen.live_connections_per_address,
            chosen.live_subscriptions,
            chosen.live_skus,
            chosen.live_idle_seconds,
            chosen.live_token_seconds,
        )
