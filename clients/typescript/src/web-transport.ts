import type { DescMessage, DescMethodServerStreaming, DescMethodUnary, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { ConnectError, encodeBinaryHeader, type Transport as ConnectTransport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { codeNames, type Failure } from "./errors.js";
import { type Attempt, type Transport, TransportError } from "./transport.js";

/** gRPC-Web by @connectrpc/connect-web. */
export class WebTransport implements Transport {
  private readonly transport: ConnectTransport;

  constructor(address: string) {
    this.transport = createGrpcWebTransport({ baseUrl: address });
  }

  async unary<I extends DescMessage, O extends DescMessage>(method: DescMethodUnary<I, O>, request: MessageShape<I>, attempt: Attempt): Promise<MessageShape<O>> {
    try {
      const response = await this.transport.unary(method, attempt.signal, timeoutMs(attempt), headers(attempt), request as MessageInitShape<I>);
      return response.message;
    } catch (error) {
      throw new TransportError(describe(error));
    }
  }

  async *stream<I extends DescMessage, O extends DescMessage>(method: DescMethodServerStreaming<I, O>, request: MessageShape<I>, attempt: Attempt): AsyncGenerator<MessageShape<O>, void, undefined> {
    async function* input(): AsyncGenerator<MessageInitShape<I>> {
      yield request as MessageInitShape<I>;
    }

    try {
      yield* (await this.transport.stream(method, attempt.signal, timeoutMs(attempt), headers(attempt), input())).message;
    } catch (error) {
      throw new TransportError(describe(error));
    }
  }

  /** A browser keeps its own connections. */
  close(): void {}
}

function headers(attempt: Attempt): Record<string, string> {
  return Object.fromEntries(Object.entries(attempt.headers).map(([name, value]) => [name, typeof value === "string" ? value : encodeBinaryHeader(value)]));
}

function timeoutMs(attempt: Attempt): number | undefined {
  return attempt.deadline === undefined ? undefined : Math.max(1, attempt.deadline - Date.now());
}

function describe(thrown: unknown): Failure {
  const error = ConnectError.from(thrown);
  const isNetwork = error.cause instanceof TypeError;
  return {
    // A browser says of a server that does not answer only that the fetch failed.
    code: isNetwork ? "UNAVAILABLE" : (codeNames[error.code] ?? "UNKNOWN"),
    message: error.rawMessage,
    details: error.details.flatMap((detail) => ("value" in detail && detail.value instanceof Uint8Array ? [{ type: (detail as { type: string }).type, value: detail.value }] : [])),
    pushback: error.metadata.get("grpc-retry-pushback-ms") ?? undefined,
    cause: error,
  };
}
