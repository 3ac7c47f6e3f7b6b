from __future__ import annotations

import asyncio
from ipaddress import ip_address, ip_network

import pytest

from flows.fetch.address import ForbiddenAddressError, Guard, GuardedResolver
from transforms.url import normalize


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "fd00:ec2::254",
    ],
)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert Guard().objection(ip_address(address), 80) is not None


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_public_addresses_at_ordinary_ports(address: str) -> None:
    assert Guard().objection(ip_address(address), 443) is None
    assert Guard().objection(ip_address(address), 22) is not None
    assert Guard().objection(ip_address(address), 6379) is not None


def test_what_is_allowed_is_allowed_at_any_port_and_nothing_else() -> None:
    guard = Guard([ip_network("127.0.0.0/8"), ip_network("10.0.0.5/32")])
    assert guard.objection(ip_address("127.0.0.9"), 12_345) is None
    assert guard.objection(ip_address("::ffff:127.0.0.9"), 12_345) is None
    assert guard.objection(ip_address("10.0.0.5"), 22) is None
    assert guard.objection(ip_address("10.0.0.6"), 80) is not None


def test_without_a_contact_only_this_machine() -> None:
    guard = Guard([ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8")], has_contact=False)
    assert guard.objection(ip_address("127.0.0.1"), 8_000) is None
    assert "contact" in (guard.objection(ip_address("8.8.8.8"), 80) or "")
    assert "contact" in (guard.objection(ip_address("10.0.0.1"), 80) or "")


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://017700000001/",
        "http://[::ffff:7f00:1]/",
        "http://0/",
    ],
)
def test_literal_forms_are_seen_through(url: str) -> None:
    from transforms.url import host_of

    assert Guard().objection_to_literal(host_of(normalize(url)), 80) is not None


def test_names_are_left_to_the_resolver() -> None:
    assert Guard().objection_to_literal("press.example", 80) is None


def resolve(*answers: str) -> list[str]:
    async def lookup(host: str, port: int) -> list[str]:
        return list(answers)

    async def go() -> list[str]:
        resolver = GuardedResolver(Guard(), lookup)
        try:
            return [str(r["host"]) for r in await resolver.resolve("press.example", 80)]
        finally:
            await resolver.close()

    return asyncio.run(go())


def test_only_checked_addresses_are_given_to_dial() -> None:
    assert resolve("10.0.0.1", "8.8.8.8", "::1") == ["8.8.8.8"]
    with pytest.raises(ForbiddenAddressError):
        resolve("10.0.0.1", "169.254.169.254")
    with pytest.raises(OSError, match="no address"):
        resolve()
