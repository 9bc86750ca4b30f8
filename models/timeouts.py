"""How long anything may wait for PostgreSQL: a frozen server, or a network that forgot a connection, never says no."""

from dataclasses import dataclass


class UnansweredError(TimeoutError):
    """The database did not answer in time; whether what was asked for was done is not known."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. The server ends what takes too long by itself; a server that does not is given up a little later."""

    connect: float = 5
    acquire: float = 10
    """Until a connection of a pool is free."""
    read: float = 10
    write: float = 20
    """A statement that writes may wait for other writers."""
    scan: float = 120
    """A statement of a long snapshot, and the wait for its turn."""
    lock: float = 15
    idle: float = 20
    """Between two statements of a transaction: a process that is frozen, or gone, gives its locks back."""
    answer: float = 2
    """For the server's word, once a statement has taken as long as it may."""
    cancel: float = 2
    close: float = 3
    heartbeat: float = 2
    """Between two signs of life of the connection that listens; one is waited for as long, and for `answer` beyond it."""
    finish: float = 10
    """For transactions that run when the process ends."""

    @classmethod
    def of(cls, seconds: float, write_seconds: float = 0) -> "Timeouts":
        """Those of a service whose single reads may take so many seconds; the others keep their proportion to it.

        A write waits for a lock as long as a request may write, if that is longer: the request ends it in time.
        """
        return cls(
            connect=seconds / 2,
            acquire=seconds,
            read=seconds,
            write=max(2 * seconds, write_seconds),
            scan=12 * seconds,
            lock=max(1.5 * seconds, write_seconds),
            idle=2 * seconds,
            answer=seconds / 5,
            cancel=seconds / 5,
            close=min(3, seconds),
            heartbeat=seconds / 5,
            finish=seconds,
        )

    @classmethod
    def of_a_command(cls) -> "Timeouts":
        """Those of a command that somebody waits for: what it asks may take minutes, and starves nobody."""
        return cls(acquire=60, read=600, write=3_600, scan=3_600, lock=60, idle=60, finish=60)
