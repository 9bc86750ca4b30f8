"""When a mail may go: one at once after a quiet period, and what follows within the period together at its end."""

from datetime import datetime, timedelta


def mail_due_at(last_mail_at: datetime | None, event_at: datetime, period: timedelta) -> datetime:
    """When an event may be mailed to somebody whose last mail (None: there was none) went at that time.

    A period of zero means no digests: every event goes at once.
    """
    if last_mail_at is None or not period:
        return event_at
    return max(event_at, last_mail_at + period)
