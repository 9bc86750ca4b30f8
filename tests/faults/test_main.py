"""The fault run does what it is told to, or says that it does not."""

import pytest
from click.testing import CliRunner

from tests.faults.__main__ import main


@pytest.mark.parametrize(
    "arguments",
    [
        ("half-open", "--database", "sqlite"),
        ("smtp-gone", "half-open", "--database", "sqlite"),
        ("database-locked", "--database", "postgresql"),
        ("no-such-fault",),
    ],
)
def test_a_fault_that_would_not_be_run_is_refused(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "there is no" in result.output


def test_every_fault_is_listed() -> None:
    result = CliRunner().invoke(main, ["--list"])
    assert result.exit_code == 0
    assert result.output.count("name-server-silent") == 2  # one on each database
