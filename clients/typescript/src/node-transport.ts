import { type DescMethod, type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import type { ServerAddress } from "./address.js";
import { codeNames, type Failure } from "./errors.js";
import { StatusSchema } from "./gen/seagrpc/errors/v1/errors_pb.js";
import { type Attempt, type Transport, TransportError } from "./transport.js";

const maxMessageBytes = 64 * 1024 * 1024;

/** Certificates in PEM. */
interface Certificates {
  /** Trusted instead of the system's. */
  readonly rootCertificates?: Uint8Array | string;
  readonly certificateChain?: Uint8Array | string;
  readonly privateKey?: Uint8Array | string;
}

/** gRPC by @grpc/grpc-js. */
export class NodeTransport implements Transport {
  private readonly client: grpc.Client;

  /** Opens a channel; with TLS, by these certificates. */
  constructor(address: ServerAddress, tls: Certificates = {}) {
    const credentials = address.tls
      ? grpc.credentials.createSsl(buffer(tls.rootCertificates), buffer(tls.privateKey), buffer(tls.certificateChain))
      : grpc.credentials.createInsecure();
    this.client = new grpc.Client(address.target, credentials, {
      "grpc.max_receive_message_length": maxMessageBytes,
      "grpc.max_send_message_length": maxMessageBytes,
      "grpc.enable_retries": 0,
      "grpc.enable_http_proxy": 0,
    });
  }

  unary<I extends DescMessage, O extends DescMessage>(method: DescMethod & { input: I; output: O }, request: MessageShape<I>, attempt: Attempt): Promise<MessageShape<O>> {
    return new Promise((resolve, reject) => {
      const call = this.client.makeUnaryRequest(
        path(method), serializer(method.input), deserializer(method.output), request, metadata(attempt), options(attempt),
        (error, response) => {
          attempt.signal.removeEventListener("abort", cancel);
          if (error) {
            reject(new TransportError(describe(error)));
          } else {
            resolve(response!);
          }
        });
      const cancel = (): void => call.cancel();
      attempt.signal.addEventListener("abort", cancel, { once: true });
    });
  }

  async *stream<I extends DescMessage, O extends DescMessage>(method: DescMethod & { input: I; output: O }, request: MessageShape<I>, attempt: Attempt): AsyncGenerator<MessageShape<O>, void, undefined> {
    const call = this.client.makeServerStreamRequest(
      path(method), serializer(method.input), deserializer(method.output), request, metadata(attempt), options(attempt));
    const cancel = (): void => call.cancel();
    attempt.signal.addEventListener("abort", cancel, { once: true });
    // Destroying a stream that has failed may tell the failure twice.
    call.on("error", () => {});
    try {
      for await (const message of call) {
        yield message as MessageShape<O>;
      }
    } catch (error) {
      throw new TransportError(describe(error as grpc.ServiceError));
    } finally {
      attempt.signal.removeEventListener("abort", cancel);
      call.cancel();
    }
  }

  close(): void {
    this.client.close();
  }
}

function buffer(pem: Uint8Array | string | undefined): Buffer | undefined {
  return pem === undefined ? undefined : Buffer.from(pem);
}

function path(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function serializer<T extends DescMessage>(schema: T): (message: MessageShape<T>) => Buffer {
  return (message) => Buffer.from(toBinary(schema, message));
}

function deserializer<T extends DescMessage>(schema: T): (bytes: Buffer) => MessageShape<T> {
  return (bytes) => fromBinary(schema, bytes);
}

function metadata(attempt: Attempt): grpc.Metadata {
  const headers = new grpc.Metadata();
  for (const [name, value] of Object.entries(attempt.headers)) {
    headers.set(name, typeof value === "string" ? value : Buffer.from(value));
  }

  return headers;
}

function options(attempt: Attempt): grpc.CallOptions {
  return attempt.deadline === undefined ? {} : { deadline: attempt.deadline };
}

function describe(error: grpc.ServiceError): Failure {
  const [status] = error.metadata?.get("grpc-status-details-bin") ?? [];
  const [pushback] = error.metadata?.get("grpc-retry-pushback-ms") ?? [];
  return {
    code: codeNames[error.code] ?? "UNKNOWN",
    message: error.details ?? error.message,
    details: status instanceof Buffer
      ? fromBinary(StatusSchema, status).details.map(({ typeUrl, value }) => ({ type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1), value }))
      : [],
    pushback: pushback === undefined ? undefined : String(pushback),
    cause: error,
  };
}
