"""When a call that the server refused is tried again."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Optional

import grpc

from seagrpc.errors import retry_after, trailer

PUSHBACK = "grpc-retry-pushback-ms"


@dataclass(frozen=True)
class RetryPolicy:
    """What the server says (the trailer grpc-retry-pushback-ms, or google.rpc.RetryInfo) is obeyed. UNAVAILABLE without a
    word is tried after a growing, jittered delay; RESOURCE_EXHAUSTED without a word is not. A stream is tried again only
    before its first event. Times are in seconds."""

    max_attempts: int = 4
    initial_backoff: float = 0.1
    max_backoff: float = 5.0

    def delay(self, error: grpc.RpcError, attempt: int, deadline: Optional[float]) -> Optional[float]:
        """How long to wait after the attempt of this number, from 1; None where there is no other one."""
        if attempt >= self.max_attempts or error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED):
            return None
        wanted = self._wanted(error, attempt)
        return None if wanted is None or (deadline is not None and time.monotonic() + wanted >= deadline) else wanted

    def _wanted(self, error: grpc.RpcError, attempt: int) -> Optional[float]:
        pushback = trailer(error, PUSHBACK)
        if pushback is not None:
            return int(pushback) / 1000 if pushback.isdigit() else None
        told = retry_after(error)
        if told is not None:
            return told
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            return random.random() * min(self.initial_backoff * 2 ** (attempt - 1), self.max_backoff)
        return None
