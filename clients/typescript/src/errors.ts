import { fromBinary } from "@bufbuild/protobuf";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/seagrpc/errors/v1/errors_pb.js";

/** Names of gRPC's codes by their numbers. */
export const codeNames = [
  "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

/** A code of gRPC by its name. */
export type Code = (typeof codeNames)[number];

/** What is wrong with one field of a request: its path, words, one word. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
  readonly reason: string;
}

/** What a transport knows of a failed call. */
export interface Failure {
  readonly code: Code;
  readonly message: string;
  /** The details' full names and bytes. */
  readonly details: readonly { readonly type: string; readonly value: Uint8Array }[];
  /** The trailer grpc-retry-pushback-ms. */
  readonly pushback?: string | undefined;
  readonly cause: unknown;
}

/** A call that failed. */
export class SeaGrpcError extends Error {
  readonly code: Code;
  /** Why, in one word: QUEUE_FULL. Empty where no server of this contract spoke. */
  readonly reason: string;
  /** Figures that belong to the reason. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Milliseconds after which the server wants the call again. */
  readonly retryAfterMs: number | undefined;
  /** All that is wrong with the request, at once. */
  readonly violations: readonly FieldViolation[];

  constructor(failure: Failure) {
    super(failure.message, { cause: failure.cause });
    this.name = new.target.name;
    this.code = failure.code;
    const info = detail(failure, "google.rpc.ErrorInfo");
    const parsed = info && fromBinary(ErrorInfoSchema, info);
    this.reason = parsed?.reason ?? "";
    this.metadata = { ...parsed?.metadata };
    this.retryAfterMs = retryAfterMs(failure);
    const bad = detail(failure, "google.rpc.BadRequest");
    this.violations = bad ? fromBinary(BadRequestSchema, bad).fieldViolations.map(({ field, description, reason }) => ({ field, description, reason })) : [];
  }
}

/** INVALID_ARGUMENT: the request is wrong; `violations` say where. */
export class InvalidRequestError extends SeaGrpcError {}
/** RESOURCE_EXHAUSTED: no slot, or no memory. */
export class BusyError extends SeaGrpcError {}
/** UNAVAILABLE: nobody answers, or the server loads, drains or has lost its device. */
export class UnavailableError extends SeaGrpcError {}
/** UNAUTHENTICATED: no token, or another one. */
export class UnauthenticatedError extends SeaGrpcError {}
/** DEADLINE_EXCEEDED: time was up before there was an answer. */
export class DeadlineExceededError extends SeaGrpcError {}

/** The typed error of a failed call. */
export function translate(failure: Failure): SeaGrpcError {
  switch (failure.code) {
    case "INVALID_ARGUMENT": return new InvalidRequestError(failure);
    case "RESOURCE_EXHAUSTED": return new BusyError(failure);
    case "UNAVAILABLE": return new UnavailableError(failure);
    case "UNAUTHENTICATED": return new UnauthenticatedError(failure);
    case "DEADLINE_EXCEEDED": return new DeadlineExceededError(failure);
    default: return new SeaGrpcError(failure);
  }
}

/** The delay in google.rpc.RetryInfo, in milliseconds. */
export function retryAfterMs(failure: Failure): number | undefined {
  const retry = detail(failure, "google.rpc.RetryInfo");
  const delay = retry && fromBinary(RetryInfoSchema, retry).retryDelay;
  return delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6;
}

function detail(failure: Failure, type: string): Uint8Array | undefined {
  return failure.details.find((each) => each.type === type)?.value;
}
