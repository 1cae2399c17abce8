import type { DescMethodServerStreaming, DescMethodUnary, DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Failure } from "./errors.js";
import type { CallMetadata } from "./metadata.js";

/** One attempt's settings. */
export interface Attempt {
  readonly headers: CallMetadata;
  /** When it ends, in milliseconds since 1970. */
  readonly deadline: number | undefined;
  readonly signal: AbortSignal;
}

/** What carries calls: gRPC in Node, gRPC-Web in a browser. A failed attempt throws a TransportError. */
export interface Transport {
  unary<I extends DescMessage, O extends DescMessage>(method: DescMethodUnary<I, O>, request: MessageShape<I>, attempt: Attempt): Promise<MessageShape<O>>;
  stream<I extends DescMessage, O extends DescMessage>(method: DescMethodServerStreaming<I, O>, request: MessageShape<I>, attempt: Attempt): AsyncIterable<MessageShape<O>>;
  close(): void;
}

/** A failed attempt, before it is tried again or told. */
export class TransportError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message, { cause: failure.cause });
  }
}
