"""A failed call as a typed exception, with all that the server says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

import grpc
from google.protobuf.message import DecodeError

from seagrpc._generated.seagrpc.errors.v1 import errors_pb2

DETAILS = "grpc-status-details-bin"


@dataclass(frozen=True)
class FieldViolation:
    """What is wrong with one field: its path, words, one word."""

    field: str
    description: str
    reason: str


class SeaGrpcError(Exception):
    """A call that failed. ``reason`` is empty where no server of this contract spoke."""

    def __init__(self, error: grpc.RpcError) -> None:
        super().__init__(error.details() or "")
        self.code: grpc.StatusCode = error.code()
        self.reason: str = ""
        self.metadata: dict[str, str] = {}
        self.retry_after: Optional[float] = retry_after(error)
        """Seconds after which the server wants the call again."""
        self.violations: list[FieldViolation] = []
        """All that is wrong with the request, at once."""
        for name, value in _details(error):
            if name == "google.rpc.ErrorInfo":
                info = errors_pb2.ErrorInfo.FromString(value)
                self.reason, self.metadata = info.reason, dict(info.metadata)
            elif name == "google.rpc.BadRequest":
                self.violations = [
                    FieldViolation(each.field, each.description, each.reason)
                    for each in errors_pb2.BadRequest.FromString(value).field_violations
                ]


class InvalidRequestError(SeaGrpcError):
    """INVALID_ARGUMENT: the request is wrong; ``violations`` say where."""


class BusyError(SeaGrpcError):
    """RESOURCE_EXHAUSTED: no slot, or no memory."""


class UnavailableError(SeaGrpcError):
    """UNAVAILABLE: nobody answers, or the server loads, drains or has lost its device."""


class UnauthenticatedError(SeaGrpcError):
    """UNAUTHENTICATED: no token, or another one."""


class DeadlineExceededError(SeaGrpcError):
    """DEADLINE_EXCEEDED: time was up before there was an answer."""


_TYPES = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequestError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: BusyError,
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.UNAUTHENTICATED: UnauthenticatedError,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceededError,
}


def translate(error: grpc.RpcError) -> SeaGrpcError:
    """The typed exception of a failed call."""
    return _TYPES.get(error.code(), SeaGrpcError)(error)


def trailer(error: grpc.RpcError, key: str):
    """A trailer's value, or None."""
    return next((value for name, value in error.trailing_metadata() or () if name == key), None)


def retry_after(error: grpc.RpcError) -> Optional[float]:
    """The delay in google.rpc.RetryInfo, in seconds."""
    for name, value in _details(error):
        if name == "google.rpc.RetryInfo":
            return errors_pb2.RetryInfo.FromString(value).retry_delay.ToTimedelta().total_seconds()
    return None


def _details(error: grpc.RpcError) -> list[tuple[str, bytes]]:
    encoded = trailer(error, DETAILS)
    if encoded is None:
        return []
    try:
        status = errors_pb2.Status.FromString(encoded)
    except DecodeError:
        return []
    return [(detail.type_url.rpartition("/")[2], detail.value) for detail in status.details]
