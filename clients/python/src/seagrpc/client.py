"""The client that blocks."""

from __future__ import annotations

import threading
import time
from typing import Callable, Iterator, Optional, TypeVar

import grpc

from seagrpc import _target, v1
from seagrpc._generated.sea.v1 import alignment_service_pb2_grpc, info_service_pb2_grpc
from seagrpc.early_stop import EarlyAnswer, EarlyStop, with_text
from seagrpc.errors import translate
from seagrpc.retry import RetryPolicy

T = TypeVar("T")


class Client:
    """A SeaGrpc server. Safe for use by several threads; one connection serves all calls. Times are in seconds."""

    def __init__(
        self,
        address: str,
        *,
        token: Optional[str] = None,
        root_certificates: Optional[bytes] = None,
        timeout: Optional[float] = None,
        retries: RetryPolicy = RetryPolicy(),
    ) -> None:
        """``address`` is http://HOST:PORT, https://HOST:PORT (TLS) or unix:PATH. ``root_certificates`` in PEM are trusted
        instead of the system's. ``timeout`` is for calls that name none."""
        target, tls = _target.parse(address)
        self._channel = (
            grpc.secure_channel(target, grpc.ssl_channel_credentials(root_certificates), _target.OPTIONS)
            if tls
            else grpc.insecure_channel(target, _target.OPTIONS)
        )
        self._headers = _target.headers(token)
        self._timeout = timeout
        self._retries = retries
        self._alignment = alignment_service_pb2_grpc.AlignmentServiceStub(self._channel)
        self._info = info_service_pb2_grpc.InfoServiceStub(self._channel)

    def align(self, spec: v1.AlignmentSpec, *, timeout: Optional[float] = None) -> v1.AlignResponse:
        """Aligns one response."""
        return self._unary(self._alignment.Align, v1.AlignRequest(spec=spec), timeout)

    def stream(self, spec: v1.AlignmentSpec, *, timeout: Optional[float] = None) -> Iterator[v1.StreamAlignResponse]:
        """Aligns one response and tells of it while it runs. Closing the iterator ends the run; so does leaving it to the
        garbage collector, which in CPython happens when a loop is left."""
        call, event = self._stream(spec, timeout)
        try:
            while event is not None:
                yield event
                event = next(call, None)
        except grpc.RpcError as error:
            raise translate(error) from error
        finally:
            call.cancel()

    def align_until(self, spec: v1.AlignmentSpec, stop: EarlyStop, *, timeout: Optional[float] = None) -> EarlyAnswer:
        """Aligns one response until a condition holds, and returns the best answer so far."""
        answer = EarlyAnswer()
        expired = threading.Event()
        call, event = self._stream(with_text(spec), timeout)

        def expire() -> None:
            expired.set()
            if answer.response is not None:
                call.cancel()

        timer = threading.Timer(stop.patience, expire) if stop.patience is not None else None
        if timer is not None:
            timer.start()
        try:
            while event is not None:
                answer.take(event)
                if answer.final is not None:
                    break
                if answer.response is not None and (expired.is_set() or stop.is_good_enough(answer.response)):
                    break
                event = next(call, None)
        except grpc.RpcError as error:
            if not (expired.is_set() and error.code() is grpc.StatusCode.CANCELLED):
                raise translate(error) from error
        finally:
            if timer is not None:
                timer.cancel()
            call.cancel()
        return answer

    def score(self, request: v1.ScoreRequest, *, timeout: Optional[float] = None) -> v1.ScoreResponse:
        """Scores given responses to given prompts."""
        return self._unary(self._alignment.Score, request, timeout)

    def cancel(self, request: v1.CancelAlignmentRequest, *, timeout: Optional[float] = None) -> bool:
        """Ends an alignment, which then answers its own caller with its best so far; whether there was one."""
        return self._unary(self._alignment.CancelAlignment, request, timeout).cancelled

    def server_info(self, *, timeout: Optional[float] = None) -> v1.GetServerInfoResponse:
        """What the server is."""
        return self._unary(self._info.GetServerInfo, v1.GetServerInfoRequest(), timeout)

    def close(self) -> None:
        """Closes the connection; calls that run are given up."""
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _unary(self, method: Callable, request: object, timeout: Optional[float]):
        return self._call(lambda left: method(request, timeout=left, metadata=self._headers), timeout)

    def _stream(self, spec: v1.AlignmentSpec, timeout: Optional[float]):
        def start(left: Optional[float]):
            call = self._alignment.StreamAlign(v1.StreamAlignRequest(spec=spec), timeout=left, metadata=self._headers)
            return call, next(call, None)

        return self._call(start, timeout)

    def _call(self, call: Callable[[Optional[float]], T], timeout: Optional[float]) -> T:
        """Calls until it succeeds or may not be tried again, all attempts under one deadline."""
        longest = timeout if timeout is not None else self._timeout
        deadline = None if longest is None else time.monotonic() + longest
        attempt = 1
        while True:
            try:
                return call(None if deadline is None else max(0.0, deadline - time.monotonic()))
            except grpc.RpcError as error:
                delay = self._retries.delay(error, attempt, deadline)
                if delay is None:
                    raise translate(error) from error
            time.sleep(delay)
            attempt += 1
