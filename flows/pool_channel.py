"""Messages between the extraction pool and its processes: some byte strings, each behind its length.

Of the standard library alone, because the children import it.
"""

from __future__ import annotations

import socket

_LENGTH_BYTES = 8


def send_message(channel: socket.socket, *parts: bytes) -> None:
    """Send one message: the number of parts, then each behind its length. Raises OSError if the other side is gone."""
    channel.sendall(number_bytes(len(parts)))
    for part in parts:
        channel.sendall(number_bytes(len(part)))
        channel.sendall(part)


def receive_message(channel: socket.socket) -> list[bytes] | None:
    """The next message, or None when the other side is gone. Raises TimeoutError if the socket has a time-out."""
    try:
        count = receive_number(channel)
        return [bytes(_receive(channel, receive_number(channel))) for _ in range(count)]
    except TimeoutError:
        raise
    except (EOFError, OSError):
        return None


def number_bytes(number: int) -> bytes:
    """A number as it is sent."""
    return number.to_bytes(_LENGTH_BYTES, "big")


def receive_number(channel: socket.socket) -> int:
    """A number as `number_bytes` has it. Raises EOFError when the other side is gone."""
    return int.from_bytes(_receive(channel, _LENGTH_BYTES), "big")


def _receive(channel: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        count = channel.recv_into(view)
        if not count:
            raise EOFError
        view = view[count:]
    return data
