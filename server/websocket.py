"""What a WebSocket may send, and how it ends when the service stops."""

from contextlib import suppress
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

from server.budget import Budget
from server.settings import settings

GOING_AWAY = 1001
TOO_MUCH = 4429
LINGER_SECONDS = 1.0
"""How long a client that reads nothing can keep its connection once the service stops."""
FLOOD_LINGER_SECONDS = 10.0
"""How long one that sent too much may take to read why, and to close: what it sends meanwhile is thrown away."""
PIECE = 1024
"""Bytes that are looked at at once: some 170 of the smallest frames, a few milliseconds."""
BYTES_PER_FRAME = 4096
"""So many bytes cost as much as one more frame."""


class CountingProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own, but that it ends who floods it with frames, and says 1001 when the service stops.

    Pings are answered below the application, and reading them takes the time of everybody: they are counted here, with all
    other frames and their bytes.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._budget = Budget(settings().live_messages)
        self._frames = 0
        self._is_over = False

    def data_received(self, data: bytes) -> None:
        """Read what has come, as far as it may."""
        for start in range(0, len(data), PIECE):
            if self._is_over:  # what else it sends is not even looked at
                return
            piece = data[start : start + PIECE]
            self._frames = 0
            super().data_received(piece)
            if self.conn.parser_exc is not None:
                return
            if not self._budget.spend(self._frames + len(piece) / BYTES_PER_FRAME):
                self._end(TOO_MUCH, "Too many messages.")
                if self.transport.can_write_eof() and not self.transport.is_closing():
                    self.transport.write_eof()  # a client that reads the end closes its side at once
                # Not before it has: a close while it still sends is a reset, and that takes the reason with it. Where a
                # timer runs, uvicorn leaves the closing to it once the application has ended.
                self.close_timer = self.loop.call_later(FLOOD_LINGER_SECONDS, self.transport.abort)

    def handle_events(self) -> None:
        """Count them on the way."""
        self._frames += len(self.conn.events)
        super().handle_events()

    def shutdown(self) -> None:
        """Close the connection because the process stops: clients come again, to whoever serves next."""
        if self.handshake_complete and not self.close_sent:
            self._end(GOING_AWAY, "The service stops.")
            self.transport.close()
        else:
            super().shutdown()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _end(self, code: int, reason: str) -> None:
        self._is_over = True
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code})
        with suppress(InvalidState):  # it is closing already
            self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:  # what is still on its way is thrown away: a reset would overtake the close
            self.read_paused = False
            self.transport.resume_reading()
