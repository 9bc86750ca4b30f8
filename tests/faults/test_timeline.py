"""What follows from the calls of a run."""

from tests.faults.timeline import Call, Kind, Timeline, counted


def _calls(*failed: float, until: float = 20) -> Timeline:
    """Ten calls a second that take 0.1 s, of which those that began at these moments failed after a second."""
    began = [number / 10 for number in range(int(until * 10))]
    return Timeline(
        [Call(Kind.READ, at, at + 1 if at in failed else at + 0.1, "broken" if at in failed else "") for at in began]
    )


def test_it_is_well_from_the_first_moment_that_five_seconds_without_an_error_follow() -> None:
    assert _calls().well_after(3, now=20) == 3
    well = _calls(4.0, 8.5).well_after(3, now=20)
    assert well is not None
    assert 8.5 < well < 8.6
    assert _calls(2.0).well_after(3, now=20) == 3


def test_five_seconds_that_are_not_over_say_nothing() -> None:
    assert _calls().well_after(18, now=20) is None
    assert _calls().well_after(15, now=20) == 15


def test_a_call_without_an_answer_says_nothing_yet() -> None:
    timeline = _calls()
    timeline.running[1] = 4.0
    assert timeline.well_after(3, now=20) is None
    assert timeline.well_after(5, now=20) == 5


def test_where_nobody_calls_nothing_is_well() -> None:
    assert Timeline().well_after(3, now=20) is None


def test_the_longest_gap_counts_successes_of_its_kind_alone() -> None:
    timeline = _calls(*(number / 10 for number in range(50, 80)))
    assert round(timeline.longest_gap(Kind.READ, 0, 20), 3) == 3.1
    assert timeline.longest_gap(Kind.WRITE, 0, 20) == 20


def test_errors_are_counted_by_what_they_say() -> None:
    assert counted(["a", "b", "b"]) == "b x2, a x1"
    assert counted([]) == "none"
    assert len(_calls(4.0, 9.5).errors(since=6)) == 1
