"""The running press: every site on its own loopback port, with an access log and fault switches.

    with Press() as press:          # ports 8601 … 8607
        press.edition = 2           # what is printed from now on
        press.faults["saltmere"] = Fault(is_down=True)

or in the foreground: `python -m demo.press --base-port 8601 --edition 1 --access-log access.jsonl`.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from demo.access import AccessLog
from demo.articles import HOME, Site, last_edition, load_sites
from demo.handler import Fault, make_handler
from demo.printer import Printer

__all__ = ["ADDRESS", "BASE_PORT", "Address", "Fault", "Press", "PressError"]

ADDRESS = "127.0.0.1"
BASE_PORT = 8601


class PressError(Exception):
    """The press cannot start: one line that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a site of a running press is found; `origin` is without a slash at the end."""

    id: str
    name: str
    origin: str


class _Server(ThreadingHTTPServer):
    """Remembers its open connections: a kept-alive one would go on being answered after the port is closed."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(address, handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error of the press."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        super().server_close()
        for connection in tuple(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Press:
    """The sites of the press on threads of this process, from `start` (or `with`) until `stop`.

    `base_port` is the first site's port, the others follow; 0 takes any free ports. `edition_file`, where given, holds
    the edition as a number and is read again for each request, so that another process can turn the page. `stock`
    stands in for the sites and articles of `content/`.
    """

    def __init__(
        self,
        *,
        base_port: int = BASE_PORT,
        edition: int = 1,
        edition_file: Path | None = None,
        access_log: Path | None = None,
        stock: tuple[Site, ...] | None = None,
    ) -> None:
        self._stock = load_sites() if stock is None else stock
        self._last_edition = last_edition(self._stock)
        self.faults: dict[str, Fault] = {}
        self._base_port = base_port
        self._edition = edition
        self._edition_file = edition_file
        self._log_path = access_log
        self._log = AccessLog()
        self._servers: list[_Server] = []
        self._threads: list[threading.Thread] = []
        self._origins: dict[str, str] = {}

    @property
    def edition(self) -> int:
        """The edition on sale: the number in the edition file where there is one, else what was set last."""
        if self._edition_file is not None:
            try:
                self._edition = max(1, int(self._edition_file.read_text("utf-8")))
            except (OSError, ValueError):
                return self._edition  # not there yet, or half written: the last good one stands
        return self._edition

    @edition.setter
    def edition(self, number: int) -> None:
        self._edition = number
        if self._edition_file is not None:
            self._edition_file.write_text(f"{number}\n", "utf-8")

    @property
    def last_edition(self) -> int:
        """The edition after which nothing changes any more."""
        return self._last_edition

    @property
    def log(self) -> AccessLog:
        """The access log of this run of the press."""
        return self._log

    @property
    def sites(self) -> tuple[Address, ...]:
        """Where the sites are, in the order of their ports."""
        return tuple(Address(s.id, s.name, self._origins[s.id]) for s in self._stock if s.id in self._origins)

    def origin(self, site: str) -> str:
        """`http://127.0.0.1:port` of a site. Raises KeyError where there is no such site or the press stands."""
        return self._origins[site]

    @property
    def origins(self) -> dict[str, str]:
        """Each site's origin by its id."""
        return dict(self._origins)

    def start(self) -> Self:
        """Bind every port and answer from threads. Raises PressError where a port is taken; then nothing runs."""
        sites = self._stock
        for number, site in enumerate(sites):
            self._bind(site, self._base_port + number if self._base_port else 0)
        self._log = AccessLog(self._log_path)
        for site, server in zip(sites, self._servers, strict=True):
            server.RequestHandlerClass = make_handler(self, Printer(site, self.origins))
            thread = threading.Thread(target=server.serve_forever, args=(0.1,), name=f"press-{site.id}", daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def stop(self) -> None:
        """Close every port. The log's entries stay readable; stopping twice does no harm."""
        for server in self._servers[: len(self._threads)]:
            server.shutdown()
        for server in self._servers:
            server.server_close()
        for thread in self._threads:
            thread.join()
        self._servers, self._threads, self._origins = [], [], {}
        self._log.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def sources_toml(self) -> str:
        """`demo/sources.toml` with the ports that this press listens on."""
        text = (HOME / "sources.toml").read_text("utf-8")
        for number, site in enumerate(self._stock):
            text = text.replace(f"http://{ADDRESS}:{BASE_PORT + number}/", f"{self._origins[site.id]}/")
        return text

    def _bind(self, site: Site, port: int) -> None:
        try:
            server = _Server((ADDRESS, port), make_handler(self, Printer(site, {})))
        except (OSError, OverflowError) as error:
            self.stop()
            raise PressError(
                f"cannot serve {site.name} on {ADDRESS}:{port}: {getattr(error, 'strerror', None) or error};"
                " stop what listens there or choose another base port"
            ) from None
        self._servers.append(server)
        self._origins[site.id] = f"http://{ADDRESS}:{server.server_address[1]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve in the foreground until SIGINT or SIGTERM. Returns the exit code: 1 where the press cannot start."""
    parser = argparse.ArgumentParser(prog="python -m demo.press", description="Serve the fictional demo press.")
    parser.add_argument("--base-port", type=int, default=BASE_PORT, help="port of the first site; 0: any free ports")
    parser.add_argument("--edition", type=int, default=1, help="what is printed: 1, 2, 3 …")
    parser.add_argument("--edition-file", type=Path, help="file that holds the edition, read for each request")
    parser.add_argument("--access-log", type=Path, help="file for one JSON object per request")
    given = parser.parse_args(arguments)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    press = Press(
        base_port=given.base_port,
        edition=given.edition,
        edition_file=given.edition_file,
        access_log=given.access_log,
    )
    try:
        press.start()
    except (PressError, OSError) as error:
        sys.stderr.write(f"demo press: {error}\n")
        return 1
    for site in press.sites:
        sys.stdout.write(f"{site.origin}/  {site.name}\n")
    sys.stdout.flush()
    stopped.wait()
    press.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
