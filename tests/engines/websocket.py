"""As much of a WebSocket client as WebDriver BiDi needs."""

from __future__ import annotations

import base64
import os
import socket
import struct

TEXT = 1
CLOSE = 8


class WebSocket:
    """A connection that carries texts."""

    def __init__(self, host: str, port: int, path: str) -> None:
        self.socket = socket.create_connection((host, port))
        self._reader = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            f"GET {path} HTTP/1.1",
            f"Host: {host}:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        )
        self.socket.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode())
        status = self._reader.readline().decode().strip()

        if " 101 " not in status:
            raise ConnectionError(f"The browser takes no commands: {status}")

        while self._reader.readline().strip():
            pass

    @property
    def has_read_ahead(self) -> bool:
        """Whether something was read from the socket that was not asked for yet."""
        self.socket.setblocking(False)

        try:
            return bool(self._reader.peek(1))
        finally:
            self.socket.setblocking(True)

    def send(self, text: str) -> None:
        """Send a text."""
        data = text.encode()
        mask = os.urandom(4)

        if len(data) < 126:
            size = bytes([0x80 | len(data)])
        elif len(data) < 2**16:
            size = bytes([0x80 | 126]) + struct.pack(">H", len(data))
        else:
            size = bytes([0x80 | 127]) + struct.pack(">Q", len(data))

        whole = int.from_bytes(mask * (len(data) // 4 + 1))
        padded = data.ljust(4 * (len(data) // 4 + 1), b"\0")
        masked = (int.from_bytes(padded) ^ whole).to_bytes(len(padded))
        self.socket.sendall(bytes([0x80 | TEXT]) + size + mask + masked[: len(data)])

    def receive(self) -> str:
        """Wait for a text."""
        parts: list[bytes] = []

        while True:
            first, second = self._read(2)
            size = second & 0x7F

            if size == 126:
                (size,) = struct.unpack(">H", self._read(2))
            elif size == 127:
                (size,) = struct.unpack(">Q", self._read(8))

            content = self._read(size)

            if first & 0x0F == CLOSE:
                raise ConnectionError("The browser has gone.")

            parts.append(content)

            if first & 0x80:
                return b"".join(parts).decode()

    def close(self) -> None:
        """End the connection."""
        self._reader.close()
        self.socket.close()

    def _read(self, size: int) -> bytes:
        content = self._reader.read(size)

        if len(content) < size:
            raise ConnectionError("The browser has gone.")

        return content
