"""How a WebSocket ends when the service stops."""

from contextlib import suppress

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

GOING_AWAY = 1001
LINGER_SECONDS = 1.0
"""How long a client that reads nothing can keep its connection once the service stops."""


class LeavingProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own, but that it says 1001: clients come again, to whoever serves next."""

    def shutdown(self) -> None:
        """Close the connection because the process stops."""
        if self.handshake_complete and not self.close_sent:
            self.stop_keepalive()
            self.queue.put_nowait({"type": "websocket.disconnect", "code": GOING_AWAY})
            with suppress(InvalidState):  # it is closing already
                self.conn.send_close(GOING_AWAY, "The service stops.")
                self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.transport.close()
        else:
            super().shutdown()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)
