"""An address as gRPC wants it."""

from __future__ import annotations

import re
from typing import Any

FORMS = "write http://HOST:PORT, https://HOST:PORT, HOST:PORT (as http://) or unix:PATH"

_OPTIONS = [
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    ("grpc.max_send_message_length", 64 * 1024 * 1024),
    ("grpc.enable_retries", 0),
    ("grpc.enable_http_proxy", 0),
]
# Newer versions of gRPC name the socket's path as the authority, which HTTP servers refuse.
_SOCKET_OPTIONS = [*_OPTIONS, ("grpc.default_authority", "localhost")]
_ADDRESS = re.compile(r"(?:(https?)://)?([^\s/?#@\[\]:]+|\[[^\s/?#@\[\]]+\])(?::([0-9]{1,5}))?/?", re.IGNORECASE)
_SOCKET = re.compile(r"unix:(?:(?=///)//)?(?!//)(?=.*[^/]).+", re.DOTALL)


def parse(address: str) -> tuple[str, bool, list[tuple[str, Any]]]:
    """The target, whether it speaks TLS, and the channel's options."""
    if _SOCKET.fullmatch(address):
        return address, False, _SOCKET_OPTIONS
    match = _ADDRESS.fullmatch(address)
    scheme, host, port = match.groups() if match else (None, None, None)
    if host is None or (port is None and scheme is None) or (port is not None and not 0 < int(port) < 65536):
        raise ValueError(f"'{address}' is not an address: {FORMS}.")
    tls = (scheme or "http").lower() == "https"
    return f"{host}:{port or (443 if tls else 80)}", tls, _OPTIONS
