"""Who the history says has run a command."""

import getpass

from rules.validation import NAME_LENGTH, is_text


def actor(command: str) -> str:
    """The command and the user of the machine."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user need not have a name
        user = "unknown"
    return f"{command} ({shown_name(user)})"


def shown_name(name: str) -> str:
    """A name of the machine, of a user or a file, as the history can hold it."""
    return name if is_text(name) and len(name) < NAME_LENGTH - len("rules import ()") else "?"
