"""What is said of products that become unlimited."""

from rules.unlimited import NewlyUnlimited


def test_keys_that_cannot_be_told_apart_are_quoted() -> None:
    found = NewlyUnlimited(2, ["TENT", "TENT\u200b"])
    assert 'for 2 products: TENT, "TENT\\u200b".' in found.advice(()).message
