import { type Failure, retryAfterMs } from "./errors.js";

/**
 * When a call that the server refused is tried again. What the server says (the trailer grpc-retry-pushback-ms, or
 * google.rpc.RetryInfo) is obeyed; UNAVAILABLE without a word is tried after a growing, jittered delay; RESOURCE_EXHAUSTED
 * without a word is not. A stream is tried again only before its first event.
 */
export interface RetryPolicy {
  /** Most attempts, the first one included; default 4. */
  readonly maxAttempts?: number;
  /** Longest first delay where the server names none; it doubles every time. Default 100. */
  readonly initialBackoffMs?: number;
  /** Longest such delay; default 5000. */
  readonly maxBackoffMs?: number;
}

/** Milliseconds to wait after the attempt of this number, from 1; undefined where there is no other one. */
export function retryDelayMs(policy: RetryPolicy, failure: Failure, attempt: number, deadline: number | undefined): number | undefined {
  if (attempt >= (policy.maxAttempts ?? 4) || (failure.code !== "UNAVAILABLE" && failure.code !== "RESOURCE_EXHAUSTED")) {
    return undefined;
  }

  const delay = wanted(policy, failure, attempt);
  return delay === undefined || (deadline !== undefined && Date.now() + delay >= deadline) ? undefined : delay;
}

function wanted(policy: RetryPolicy, failure: Failure, attempt: number): number | undefined {
  if (failure.pushback !== undefined) {
    return /^\d+$/.test(failure.pushback) ? Number(failure.pushback) : undefined;
  }

  const told = retryAfterMs(failure);
  if (told !== undefined) {
    return told;
  }

  return failure.code === "UNAVAILABLE"
    ? Math.random() * Math.min((policy.initialBackoffMs ?? 100) * 2 ** (attempt - 1), policy.maxBackoffMs ?? 5000)
    : undefined;
}
