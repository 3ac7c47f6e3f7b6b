"""The address guard: what may be dialled, decided on the address itself, in the resolver that the connector dials from.

A name is resolved once and checked, and exactly the checked addresses are dialled, so a name that answers differently
the second time (rebinding) gains nothing. Addresses that carry another one inside (mapped, 6to4, NAT64, Teredo) are
not public, whatever the tables of the standard library say.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from aiohttp.abc import AbstractResolver, ResolveResult

ORDINARY_PORTS = frozenset({80, 443, 8000, 8008, 8080, 8443})
"""Ports at which web sites are found; any other is some other service."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Lookup = Callable[[str, int], Awaitable[Sequence[str]]]

_CARRIERS = tuple(
    ipaddress.ip_network(n)
    for n in ("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)
_DNS_THREADS = 32


class ForbiddenAddressError(OSError):
    """A host whose addresses may not be dialled. An OSError, because that is what a connector expects of a resolver."""


class Guard:
    """Says which addresses may be dialled: public ones at ordinary ports, and what the user allows at any port."""

    def __init__(self, allowed: Sequence[Network] = (), *, has_contact: bool = True) -> None:
        self._allowed = tuple(allowed)
        self._has_contact = has_contact

    def objection(self, address: Address, port: int) -> str | None:
        """Why an address may not be dialled, None where it may."""
        inner = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
        for network in self._allowed:
            if any(a.version == network.version and a in network for a in (address, inner)):
                # Without a contact only this machine may be asked: nobody else could tell us to stop.
                return None if self._has_contact or inner.is_loopback else _NO_CONTACT
        if not _is_public(address):
            return f"{address} is not a public address"
        if port not in ORDINARY_PORTS:
            return f"port {port} is not one of a web site"
        return None if self._has_contact else _NO_CONTACT

    def objection_to_literal(self, host: str, port: int) -> str | None:
        """The same for a host that is written as an address; None for a name, which the resolver checks."""
        try:
            address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
        except ValueError:
            return None
        return self.objection(address, port)


_NO_CONTACT = "beyond this machine a contact is required: set BROADSHEET_CONTACT to an address or a URL"


def _is_public(address: Address) -> bool:
    if any(address.version == n.version and address in n for n in _CARRIERS):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


class GuardedResolver(AbstractResolver):
    """Resolves names and gives only addresses to which the guard has no objection."""

    def __init__(self, guard: Guard, lookup: Lookup | None = None) -> None:
        self._guard = guard
        self._threads = ThreadPoolExecutor(_DNS_THREADS, thread_name_prefix="dns")
        self._lookup = lookup or self._system_lookup
        self._dialled: dict[tuple[str, int], str] = {}

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - both families are asked for
    ) -> list[ResolveResult]:
        """The addresses of a name that may be dialled. Raises OSError where it has none, a forbidden one by name."""
        found = [ipaddress.ip_address(text) for text in dict.fromkeys(await self._lookup(host, port))]
        if not found:
            raise OSError(f"{host} has no address")
        objections = [self._guard.objection(address, port) for address in found]
        allowed = [address for address, objection in zip(found, objections, strict=True) if objection is None]
        if not allowed:
            raise ForbiddenAddressError(next(o for o in objections if o))
        self._dialled[host, port] = str(allowed[0]) if len(allowed) == 1 else ""
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in allowed
        ]

    def dialled(self, host: str, port: int) -> str | None:
        """The address behind a name, where there was only one to dial."""
        return self._dialled.get((host, port)) or None

    async def close(self) -> None:
        """End the threads that look names up."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _system_lookup(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        answers = await loop.run_in_executor(self._threads, _getaddrinfo, host, port)
        return [str(answer[4][0]).partition("%")[0] for answer in answers]


def _getaddrinfo(host: str, port: int) -> list[tuple[int, int, int, str, tuple[str | int, ...]]]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)  # type: ignore[return-value]
