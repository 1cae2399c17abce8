"""The client that blocks."""

from __future__ import annotations

import threading
import time
from typing import Callable, Generator, Iterable, Optional, TypeVar, Union

import grpc

from seagrpc import _scoring, _target, v1
from seagrpc._generated.sea.v1 import alignment_service_pb2_grpc, info_service_pb2_grpc
from seagrpc._generated.seagrpc.health.v1 import health_pb2
from seagrpc._metadata import Metadata, headers
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
        certificate_chain: Optional[bytes] = None,
        private_key: Optional[bytes] = None,
        timeout: Optional[float] = None,
        retries: RetryPolicy = RetryPolicy(),
    ) -> None:
        """``address`` is http://HOST:PORT, https://HOST:PORT (TLS), HOST:PORT (as http://) or unix:PATH. ``root_certificates`` in
        PEM are trusted instead of the system's. ``certificate_chain`` and ``private_key`` in PEM are for a server that asks callers
        for a certificate. ``timeout`` is for calls that name none.

        Every call takes ``metadata`` of its own: ``{"sea-priority": "high"}``, a traceparent, anything."""
        target, tls, options = _target.parse(address)
        self._channel = (
            grpc.secure_channel(target, grpc.ssl_channel_credentials(root_certificates, private_key, certificate_chain), options)
            if tls
            else grpc.insecure_channel(target, options)
        )
        self._token = token
        self._timeout = timeout
        self._retries = retries
        self._alignment = alignment_service_pb2_grpc.AlignmentServiceStub(self._channel)
        self._info = info_service_pb2_grpc.InfoServiceStub(self._channel)
        self._check = self._channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )

    def align(
        self, spec: v1.AlignmentSpec, *, timeout: Optional[float] = None, metadata: Optional[Metadata] = None
    ) -> v1.AlignResponse:
        """Aligns one response."""
        return self._unary(self._alignment.Align, v1.AlignRequest(spec=spec), timeout, metadata)

    def stream(
        self, spec: v1.AlignmentSpec, *, timeout: Optional[float] = None, metadata: Optional[Metadata] = None
    ) -> Generator[v1.StreamAlignResponse, None, None]:
        """Aligns one response and tells of it while it runs. Closing the iterator ends the run; so does leaving it to the
        garbage collector, which in CPython happens when a loop is left."""
        yield from self._messages(self._alignment.StreamAlign, v1.StreamAlignRequest(spec=spec), timeout, metadata)

    def align_batch(
        self,
        specs: Iterable[v1.AlignmentSpec],
        *,
        timeout: Optional[float] = None,
        metadata: Optional[Metadata] = None,
    ) -> Generator[v1.AlignBatchResponse, None, None]:
        """Aligns a response for each of several specs. Yields one result for each, with its index, as soon as it ends: in any
        order; a spec that failed has an error. Closing the iterator ends those that run."""
        yield from self._messages(self._alignment.AlignBatch, v1.AlignBatchRequest(specs=specs), timeout, metadata)

    def align_until(
        self,
        spec: v1.AlignmentSpec,
        stop: EarlyStop,
        *,
        timeout: Optional[float] = None,
        metadata: Optional[Metadata] = None,
    ) -> EarlyAnswer:
        """Aligns one response until a condition holds, and returns the best answer so far."""
        answer = EarlyAnswer()
        expired = threading.Event()
        request = v1.StreamAlignRequest(spec=with_text(spec))
        call, event = self._stream(self._alignment.StreamAlign, request, timeout, metadata)

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

    def score(
        self,
        request: Union[v1.ScoreRequest, Iterable[v1.ScorePair]],
        *,
        timeout: Optional[float] = None,
        metadata: Optional[Metadata] = None,
    ) -> v1.ScoreResponse:
        """Scores pairs of a prompt and a response: a list of ``v1.ScorePair``, or a ``v1.ScoreRequest``, which says more."""
        return self._unary(self._alignment.Score, _scoring.request_of(request), timeout, metadata)

    def cancel(
        self, request: v1.CancelAlignmentRequest, *, timeout: Optional[float] = None, metadata: Optional[Metadata] = None
    ) -> bool:
        """Ends an alignment, which then answers its own caller with its best so far; whether there was one."""
        return self._unary(self._alignment.CancelAlignment, request, timeout, metadata).cancelled

    def server_info(
        self, *, timeout: Optional[float] = None, metadata: Optional[Metadata] = None
    ) -> v1.GetServerInfoResponse:
        """What the server is."""
        return self._unary(self._info.GetServerInfo, v1.GetServerInfoRequest(), timeout, metadata)

    def is_serving(self, *, timeout: Optional[float] = None, metadata: Optional[Metadata] = None) -> bool:
        """Whether the server takes calls, by grpc.health.v1; False while it loads its models, drains or has lost its device.
        Where nobody answers, an ``UnavailableError``. Needs no token."""
        answer = self._unary(self._check, health_pb2.HealthCheckRequest(), timeout, metadata)
        return bool(answer.status == health_pb2.SERVING_STATUS_SERVING)

    def close(self) -> None:
        """Closes the connection; calls that run are given up."""
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _unary(self, method: Callable, request: object, timeout: Optional[float], metadata: Optional[Metadata]):
        sent = headers(self._token, metadata)
        return self._call(lambda left: method(request, timeout=left, metadata=sent), timeout)

    def _messages(self, method: Callable, request: object, timeout: Optional[float], metadata: Optional[Metadata]):
        call, message = self._stream(method, request, timeout, metadata)
        try:
            while message is not None:
                yield message
                message = next(call, None)
        except grpc.RpcError as error:
            raise translate(error) from error
        finally:
            call.cancel()

    def _stream(self, method: Callable, request: object, timeout: Optional[float], metadata: Optional[Metadata]):
        sent = headers(self._token, metadata)

        def start(left: Optional[float]):
            call = method(request, timeout=left, metadata=sent)
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
