/** What the console uses of the TypeScript client. */
export {
  type AlignmentFinal, type AlignmentSpec, AlignmentSpecSchema, type AlignmentStarted, type GetServerInfoResponse, type MethodInfo, ModelRole, type ParameterInfo,
  ParameterType, type ScoredResponse, type ScoreResult, type SeaClient, StopReason, type StreamAlignResponse, StreamAlignResponseSchema, type TokenFigure, connect,
} from "../../src/web.js";

/** A spec in the contract's JSON. */
export type JsonSpec = { [name: string]: JsonValue };
export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };
