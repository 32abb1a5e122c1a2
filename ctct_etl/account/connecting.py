"""Connections on which a request waits for its turn last of all: connected already, its bytes about to leave.

The service counts requests as they arrive. To connect takes several round trips, and a request on a kept connection
none: if the turn were taken before, a later request would overtake an earlier one's handshake and arrive too soon.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

# Requests that wait for a turn with a connection at hand: enough to lose none to a handshake of half a second, and no
# crowd that connects in the same instant when a run begins.
_READY = 4


class TurnAdapter(HTTPAdapter):
    """Calls `take_turn` between connecting and sending; what it raises comes out as it is. Repeats nothing.

    connections: how many are kept, and so how many requests may be under way without connecting anew.
    """

    def __init__(self, take_turn: Callable[[], None], connections: int) -> None:
        self._pools = _pools(take_turn)
        super().__init__(pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **named: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(proxy, **named)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _pools(take_turn: Callable[[], None]) -> dict[str, type[HTTPConnectionPool]]:
    ready = threading.BoundedSemaphore(_READY)

    class Plain(HTTPConnection):
        is_new = True

        def connect(self) -> None:
            super().connect()
            self.is_new = True

        def request(self, *arguments: Any, **named: Any) -> None:
            with ready:
                self._wait_connected()
            self.is_new = False
            super().request(*arguments, **named)

        def _wait_connected(self) -> None:
            if self.is_closed:
                self.connect()
            take_turn()
            # The service may have ended a kept connection meanwhile. Bytes on a new one only end its handshake.
            if not self.is_new and not self.is_connected:
                self.close()
                self.connect()

    class Encrypted(Plain, HTTPSConnection):
        """The same, over TLS."""

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}
