"""An address as gRPC wants it."""

from __future__ import annotations

from typing import Optional

OPTIONS = [
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    ("grpc.max_send_message_length", 64 * 1024 * 1024),
    ("grpc.enable_retries", 0),
    ("grpc.enable_http_proxy", 0),
]


def parse(address: str) -> tuple[str, bool]:
    """The target, and whether it speaks TLS."""
    if address.startswith("unix:"):
        return address, False
    scheme, separator, authority = address.partition("://")
    if not separator or scheme not in ("http", "https") or not authority:
        raise ValueError(f"{address!r} is no address: write http://HOST:PORT, https://HOST:PORT or unix:PATH.")
    return authority.rstrip("/"), scheme == "https"


def headers(token: Optional[str]) -> list[tuple[str, str]]:
    """The headers of every call."""
    return [("authorization", f"Bearer {token}")] if token is not None else []
