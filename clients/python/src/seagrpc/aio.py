"""The client for asyncio."""

from __future__ import annotations

import asyncio
import time
from typing import AsyncGenerator, Awaitable, Callable, Iterable, Optional, TypeVar, Union

import grpc
import grpc.aio

from seagrpc import _scoring, _target, v1
from seagrpc._generated.sea.v1 import alignment_service_pb2_grpc, info_service_pb2_grpc
from seagrpc._generated.seagrpc.health.v1 import health_pb2
from seagrpc._metadata import Metadata, headers
from seagrpc.early_stop import EarlyAnswer, EarlyStop, with_text
from seagrpc.errors import translate
from seagrpc.retry import RetryPolicy

T = TypeVar("T")


class AsyncClient:
    """A SeaGrpc server. One connection serves all calls of one event loop. Times are in seconds.

    Cancelling the task that awaits ends the run."""

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
        """As ``Client``."""
        target, tls, options = _target.parse(address)
        self._channel = (
            grpc.aio.secure_channel(target, grpc.ssl_channel_credentials(root_certificates, private_key, certificate_chain), options)
            if tls
            else grpc.aio.insecure_channel(target, options)
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

    async def align(
        self, spec: v1.AlignmentSpec, *, timeout: Optional[float] = None, metadata: Optional[Metadata] = None
    ) -> v1.AlignResponse:
        """Aligns one response."""
        return await self._unary(self._alignment.Align, v1.AlignRequest(spec=spec), timeout, metadata)

    async def stream(
        self, spec: v1.AlignmentSpec, *, timeout: Optional[float] = None, metadata: Optional[Metadata] = None
    ) -> AsyncGenerator[v1.StreamAlignResponse, None]:
        """Aligns one response and tells of it while it runs. ``aclose`` of the iterator ends the run."""
        events = self._messages(self._alignment.StreamAlign, v1.StreamAlignRequest(spec=spec), timeout, metadata)
        try:
            async for event in events:
                yield event
        finally:
            await events.aclose()

    async def align_batch(
        self,
        specs: Iterable[v1.AlignmentSpec],
        *,
        timeout: Optional[float] = None,
        metadata: Optional[Metadata] = None,
    ) -> AsyncGenerator[v1.AlignBatchResponse, None]:
        """Aligns a response for each of several specs. Yields one result for each, with its index, as soon as it ends: in any
        order; a spec that failed has an error. ``aclose`` of the iterator ends those that run."""
        results = self._messages(self._alignment.AlignBatch, v1.AlignBatchRequest(specs=specs), timeout, metadata)
        try:
            async for result in results:
                yield result
        finally:
            await results.aclose()

    async def align_until(
        self,
        spec: v1.AlignmentSpec,
        stop: EarlyStop,
        *,
        timeout: Optional[float] = None,
        metadata: Optional[Metadata] = None,
    ) -> EarlyAnswer:
        """Aligns one response until a condition holds, and returns the best answer so far."""
        answer = EarlyAnswer()
        until = None if stop.patience is None else time.monotonic() + stop.patience
        events = self.stream(with_text(spec), timeout=timeout, metadata=metadata)
        pending: Optional[asyncio.Task] = None
        try:
            while answer.final is None:
                pending = asyncio.ensure_future(events.__anext__())
                wait = None if until is None or answer.response is None else max(0.0, until - time.monotonic())
                done, _ = await asyncio.wait({pending}, timeout=wait)
                if not done:
                    break
                try:
                    answer.take(pending.result())
                except StopAsyncIteration:
                    break
                late = until is not None and time.monotonic() >= until
                if answer.response is not None and (late or stop.is_good_enough(answer.response)):
                    break
        finally:
            if pending is not None and not pending.done():
                pending.cancel()
                await asyncio.wait({pending})
            await events.aclose()
        return answer

    async def score(
        self,
        request: Union[v1.ScoreRequest, Iterable[v1.ScorePair]],
        *,
        timeout: Optional[float] = None,
        metadata: Optional[Metadata] = None,
    ) -> v1.ScoreResponse:
        """Scores pairs of a prompt and a response: a list of ``v1.ScorePair``, or a ``v1.ScoreRequest``, which says more."""
        return await self._unary(self._alignment.Score, _scoring.request_of(request), timeout, metadata)

    async def cancel(
        self, request: v1.CancelAlignmentRequest, *, timeout: Optional[float] = None, metadata: Optional[Metadata] = None
    ) -> bool:
        """Ends an alignment, which then answers its own caller with its best so far; whether there was one."""
        return (await self._unary(self._alignment.CancelAlignment, request, timeout, metadata)).cancelled

    async def server_info(
        self, *, timeout: Optional[float] = None, metadata: Optional[Metadata] = None
    ) -> v1.GetServerInfoResponse:
        """What the server is."""
        return await self._unary(self._info.GetServerInfo, v1.GetServerInfoRequest(), timeout, metadata)

    async def is_serving(self, *, timeout: Optional[float] = None, metadata: Optional[Metadata] = None) -> bool:
        """Whether the server takes calls, by grpc.health.v1; False while it loads its models, drains or has lost its device.
        Where nobody answers, an ``UnavailableError``. Needs no token."""
        answer = await self._unary(self._check, health_pb2.HealthCheckRequest(), timeout, metadata)
        return bool(answer.status == health_pb2.SERVING_STATUS_SERVING)

    async def close(self) -> None:
        """Closes the connection; calls that run are given up."""
        await self._channel.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _unary(self, method: Callable, request: object, timeout: Optional[float], metadata: Optional[Metadata]):
        sent = headers(self._token, metadata)

        async def start(left: Optional[float]):
            return await method(request, timeout=left, metadata=sent)

        return await self._call(start, timeout)

    async def _messages(self, method: Callable, request: object, timeout: Optional[float], metadata: Optional[Metadata]):
        sent = headers(self._token, metadata)

        async def start(left: Optional[float]):
            call = method(request, timeout=left, metadata=sent)
            return call, await call.read()

        call, message = await self._call(start, timeout)
        try:
            while message is not grpc.aio.EOF:
                yield message
                message = await call.read()
        except grpc.RpcError as error:
            raise translate(error) from error
        finally:
            call.cancel()

    async def _call(self, call: Callable[[Optional[float]], Awaitable[T]], timeout: Optional[float]) -> T:
        """Calls until it succeeds or may not be tried again, all attempts under one deadline."""
        longest = timeout if timeout is not None else self._timeout
        deadline = None if longest is None else time.monotonic() + longest
        attempt = 1
        while True:
            try:
                return await call(None if deadline is None else max(0.0, deadline - time.monotonic()))
            except grpc.RpcError as error:
                delay = self._retries.delay(error, attempt, deadline)
                if delay is None:
                    raise translate(error) from error
            await asyncio.sleep(delay)
            attempt += 1
