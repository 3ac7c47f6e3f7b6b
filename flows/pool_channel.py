"""Messages between the extraction pool and its processes: some byte strings, behind how many and how long they are.

Of the standard library alone, because the children import it. A message of a few pages goes out in one piece, so that
whoever waits for it wakes once; what comes in is taken into bytes of its own length, and copied no more.
"""

from __future__ import annotations

import socket
import struct

_LENGTH_BYTES = 8
_PIECE_BYTES = 1 << 16
"""Up to here the parts of a message are put together before they are sent."""


def send_message(channel: socket.socket, *parts: bytes | memoryview) -> None:
    """Send a message of one part or more. Raises OSError if the other side is gone."""
    lengths = list(map(len, parts))
    head = struct.pack(f">{1 + len(parts)}Q", len(parts), *lengths)
    if sum(lengths) <= _PIECE_BYTES:
        channel.sendall(b"".join((head, *parts)))
        return
    channel.sendall(head)
    for part in parts:
        channel.sendall(part)


def receive_message(channel: socket.socket) -> list[bytes] | None:
    """The next message, or None when the other side is gone. Raises TimeoutError if the socket has a time-out."""
    try:
        count, first = struct.unpack(">2Q", _receive(channel, 2 * _LENGTH_BYTES))
        others = struct.unpack(f">{count - 1}Q", _receive(channel, (count - 1) * _LENGTH_BYTES)) if count > 1 else ()
        return [_receive(channel, length) for length in (first, *others)]
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


def _receive(channel: socket.socket, size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        part = channel.recv(size, socket.MSG_WAITALL)  # less than asked for where there is a time-out
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
