"""Client of SeaGrpc: aligns a language model's answer while it is being made.

``Client`` blocks, ``AsyncClient`` is for asyncio; both offer the same calls. Messages are those of the contract, in
``seagrpc.v1``.
"""

from seagrpc._metadata import Metadata
from seagrpc.aio import AsyncClient
from seagrpc.client import Client
from seagrpc.early_stop import EarlyAnswer, EarlyStop
from seagrpc.errors import (
    BusyError,
    DeadlineExceededError,
    FieldViolation,
    InvalidRequestError,
    SeaGrpcError,
    UnauthenticatedError,
    UnavailableError,
)
from seagrpc.prompts import chat
from seagrpc.retry import RetryPolicy

__all__ = [
    "AsyncClient",
    "BusyError",
    "Client",
    "DeadlineExceededError",
    "EarlyAnswer",
    "EarlyStop",
    "FieldViolation",
    "InvalidRequestError",
    "Metadata",
    "RetryPolicy",
    "SeaGrpcError",
    "UnauthenticatedError",
    "UnavailableError",
    "chat",
]
