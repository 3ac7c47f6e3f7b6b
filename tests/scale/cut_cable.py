"""A cable between a worker and its database that can be cut: connections stay open, and nothing comes through."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from types import TracebackType


class Cable:
    """Forwards a port of its own to another one on loopback until it is cut."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._is_cut = False
        self._held: list[asyncio.StreamWriter] = []
        self.port = 0

    def __enter__(self) -> Cable:
        server = self._loop.run_until_complete(asyncio.start_server(self._carry, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.close()

    def cut(self) -> None:
        """From now on what is sent is swallowed, and new connections are refused."""
        self._is_cut = True

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.close()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._held += [writer, back]
        with suppress(asyncio.CancelledError):  # the end of the test, which asyncio would log for each connection
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            if not self._is_cut:
                target.write(data)
                await target.drain()
        if not self._is_cut:
            target.close()
