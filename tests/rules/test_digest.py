"""When a mail may go."""

from datetime import UTC, datetime, timedelta

from rules.digest import mail_due_at

QUARTER = timedelta(minutes=15)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(minutes: int) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def test_the_first_event_is_mailed_at_once() -> None:
    assert mail_due_at(None, NOON, QUARTER) == NOON


def test_an_event_after_a_quiet_period_is_mailed_at_once() -> None:
    assert mail_due_at(NOON, at(15), QUARTER) == at(15)
    assert mail_due_at(NOON, at(600), QUARTER) == at(600)


def test_what_comes_within_the_period_after_a_mail_waits_for_its_end() -> None:
    assert {mail_due_at(NOON, at(minutes), QUARTER) for minutes in (0, 1, 14)} == {at(15)}


def test_an_event_that_the_last_mail_left_out_waits_too() -> None:
    assert mail_due_at(NOON, at(-5), QUARTER) == at(15)


def test_without_digests_every_event_is_mailed_at_once() -> None:
    for minutes in (-1, 0, 1, 14, 15):
        assert mail_due_at(NOON, at(minutes), timedelta(0)) == at(minutes)
