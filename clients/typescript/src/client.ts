import { create, type DescMessage, type DescMethodServerStreaming, type DescMethodUnary, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { type EarlyAnswer, type EarlyStop, alignUntil } from "./early-stop.js";
import { translate } from "./errors.js";
import { type AlignmentSpec, AlignmentSpecSchema } from "./gen/sea/v1/alignment_pb.js";
import {
  AlignBatchRequestSchema, type AlignBatchResponse, AlignmentService, AlignRequestSchema, type AlignResponse, CancelAlignmentRequestSchema, ScoreRequestSchema, type ScoreResponse,
  StreamAlignRequestSchema, type StreamAlignResponse,
} from "./gen/sea/v1/alignment_service_pb.js";
import { GetServerInfoRequestSchema, type GetServerInfoResponse, InfoService } from "./gen/sea/v1/info_service_pb.js";
import { HealthCheckRequestSchema, ServingStatus } from "./gen/seagrpc/health/v1/health_pb.js";
import { checkHealth } from "./health.js";
import { type CallMetadata, headersOf } from "./metadata.js";
import { follow, sleep } from "./signals.js";
import { type RetryPolicy, retryDelayMs } from "./retry.js";
import { type Attempt, type Transport, TransportError } from "./transport.js";

/** How a client calls. */
export interface ClientOptions {
  /** The server's bearer token. */
  readonly token?: string;
  /** Longest time of a call that names none. A run ends shortly before it with its best answer so far. */
  readonly timeoutMs?: number;
  readonly retries?: RetryPolicy;
}

/** How one call is made. */
export interface CallOptions {
  readonly timeoutMs?: number | undefined;
  /** Gives the call up, which frees the device; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** What goes with the call: `{ "sea-priority": "high" }`, a traceparent, anything. */
  readonly metadata?: CallMetadata | undefined;
}

/** A spec as callers write it: omitted fields have the server's defaults. */
export type AlignmentSpecInit = MessageInitShape<typeof AlignmentSpecSchema>;

/** A SeaGrpc server. One connection serves all calls. A call that fails rejects with a SeaGrpcError. */
export class SeaClient {
  constructor(private readonly transport: Transport, private readonly options: ClientOptions = {}) {}

  /** Aligns one response. */
  align(spec: AlignmentSpecInit, call: CallOptions = {}): Promise<AlignResponse> {
    return this.unary(AlignmentService.method.align, create(AlignRequestSchema, { spec }), call);
  }

  /** Aligns one response and tells of it while it runs. Leaving the loop ends the run. */
  stream(spec: AlignmentSpecInit, call: CallOptions = {}): AsyncGenerator<StreamAlignResponse, void, undefined> {
    return this.messages(AlignmentService.method.streamAlign, create(StreamAlignRequestSchema, { spec }), call);
  }

  /**
   * Aligns a response for each of several specs. Yields one result for each, with its index, as soon as it ends: in any order; a spec
   * that failed has an error. Leaving the loop ends those that run.
   */
  alignBatch(specs: AlignmentSpecInit[], call: CallOptions = {}): AsyncGenerator<AlignBatchResponse, void, undefined> {
    return this.messages(AlignmentService.method.alignBatch, create(AlignBatchRequestSchema, { specs }), call);
  }

  /** Aligns one response until a condition holds, and returns the best answer so far. */
  alignUntil(spec: AlignmentSpecInit, stop: EarlyStop, call: CallOptions = {}): Promise<EarlyAnswer> {
    const whole: AlignmentSpec = create(AlignmentSpecSchema, spec);
    return alignUntil((sent, signal) => this.stream(sent, { ...call, signal }), whole, stop, call.signal);
  }

  /** Scores given responses to given prompts. */
  score(request: MessageInitShape<typeof ScoreRequestSchema>, call: CallOptions = {}): Promise<ScoreResponse> {
    return this.unary(AlignmentService.method.score, create(ScoreRequestSchema, request), call);
  }

  /** Ends an alignment, which then answers its own caller with its best so far; whether there was one. */
  async cancel(request: MessageInitShape<typeof CancelAlignmentRequestSchema>, call: CallOptions = {}): Promise<boolean> {
    return (await this.unary(AlignmentService.method.cancelAlignment, create(CancelAlignmentRequestSchema, request), call)).cancelled;
  }

  /** What the server is. */
  serverInfo(call: CallOptions = {}): Promise<GetServerInfoResponse> {
    return this.unary(InfoService.method.getServerInfo, create(GetServerInfoRequestSchema), call);
  }

  /**
   * Whether the server takes calls, by grpc.health.v1; false while it loads its models, drains or has lost its device. Where nobody
   * answers, it rejects with an UnavailableError. Needs no token.
   */
  async isServing(call: CallOptions = {}): Promise<boolean> {
    return (await this.unary(checkHealth, create(HealthCheckRequestSchema), call)).status === ServingStatus.SERVING;
  }

  /** Closes the connection; calls that run are given up. */
  close(): void {
    this.transport.close();
  }

  private unary<I extends DescMessage, O extends DescMessage>(method: DescMethodUnary<I, O>, request: MessageShape<I>, call: CallOptions): Promise<MessageShape<O>> {
    return this.attempts((attempt) => this.transport.unary(method, request, attempt), call);
  }

  private async *messages<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>, request: MessageShape<I>, call: CallOptions,
  ): AsyncGenerator<MessageShape<O>, void, undefined> {
    const ended = new AbortController();
    const unlink = follow(ended, call.signal);
    try {
      const [events, first] = await this.attempts(async (attempt) => {
        const iterator = this.transport.stream(method, request, attempt)[Symbol.asyncIterator]();
        return [iterator, await iterator.next()] as const;
      }, { ...call, signal: ended.signal });
      for (let next = first; !next.done; next = await this.translated(() => events.next(), call.signal)) {
        yield next.value;
      }
    } finally {
      unlink();
      ended.abort();
    }
  }

  /** Calls until it succeeds or may not be tried again, all attempts under one deadline. */
  private async attempts<T>(start: (attempt: Attempt) => Promise<T>, call: CallOptions): Promise<T> {
    const timeoutMs = call.timeoutMs ?? this.options.timeoutMs;
    const deadline = timeoutMs === undefined ? undefined : Date.now() + timeoutMs;
    const headers = headersOf(this.options.token, call.metadata);
    const signal = call.signal ?? new AbortController().signal;
    for (let number = 1; ; number++) {
      try {
        signal.throwIfAborted();
        return await start({ headers, deadline, signal });
      } catch (error) {
        const delay = error instanceof TransportError && !signal.aborted
          ? retryDelayMs(this.options.retries ?? {}, error.failure, number, deadline)
          : undefined;
        if (delay === undefined) {
          return await this.translated(() => Promise.reject(error), call.signal);
        }

        await sleep(delay, signal);
      }
    }
  }

  private async translated<T>(call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (signal?.aborted) {
        throw signal.reason;
      }

      throw error instanceof TransportError ? translate(error.failure) : error;
    }
  }
}
