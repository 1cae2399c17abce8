"""What goes with a call beside its request."""

from __future__ import annotations

from typing import Iterable, Mapping, Optional, Union

Metadata = Union[Mapping[str, Union[str, bytes]], Iterable[tuple[str, Union[str, bytes]]]]
"""A mapping, or pairs where a key comes more than once. The value of a key that ends in -bin is bytes, of any other a str."""


def headers(token: Optional[str], metadata: Optional[Metadata]) -> list[tuple[str, Union[str, bytes]]]:
    """The headers of one call. An authorization among its metadata takes the token's place."""
    given = metadata.items() if isinstance(metadata, Mapping) else metadata or ()
    pairs = [(key.lower(), value) for key, value in given]
    if token is not None and all(key != "authorization" for key, _ in pairs):
        pairs.append(("authorization", f"Bearer {token}"))
    return pairs
