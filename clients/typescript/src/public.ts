/** What both entry points export. */
export { type AlignmentSpecInit, type CallOptions, type ClientOptions, SeaClient } from "./client.js";
export type { EarlyAnswer, EarlyStop } from "./early-stop.js";
export {
  BusyError, type Code, DeadlineExceededError, type FieldViolation, InvalidRequestError, SeaGrpcError, UnauthenticatedError, UnavailableError,
} from "./errors.js";
export * from "./messages.js";
export type { CallMetadata } from "./metadata.js";
export { chat } from "./prompts.js";
export type { RetryPolicy } from "./retry.js";
