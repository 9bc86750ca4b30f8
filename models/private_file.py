"""Files that nobody but their owner can read: what we write holds customers' addresses, secrets that sign, and counts."""

import os

OWNER_ALONE = 0o600


def privately(path: str, flags: int) -> int:
    """What `open` takes as its opener: a file that is made by it is the owner's alone, one that is there stays as it is."""
    return os.open(path, flags, OWNER_ALONE)
