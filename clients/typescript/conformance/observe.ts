import { type DescMessage, fromJson, type JsonObject, type JsonValue, type MessageShape, toJson } from "@bufbuild/protobuf";
import {
  AlignBatchRequestSchema, type AlignBatchResponse, AlignBatchResponseSchema, type AlignmentSpec, AlignRequestSchema, AlignResponseSchema, CancelAlignmentRequestSchema, chat, GetServerInfoResponseSchema, type SeaClient,
  ScoredResponseSchema, SeaGrpcError, ScoreRequestSchema, ScoreResponseSchema, StreamAlignRequestSchema, StreamAlignResponseSchema,
} from "../src/public.js";

/** A case as clients/conformance/README.md describes it. */
export interface Case {
  name: string;
  server: string;
  rpc: string;
  request?: JsonObject;
  token?: string;
  ca?: string;
  attempts?: number;
  deadline_ms?: number;
  cancel_after?: number;
  read_delay_ms?: number;
  metadata?: Record<string, string>;
  chat?: string;
  stop?: { reward_above?: number; after_ms?: number };
}

/** Runs a case and says what came of it. */
export async function observe(each: Case, connect: (each: Case) => SeaClient): Promise<JsonObject> {
  const events: JsonValue[] = [];
  const observed: JsonObject = { case: each.name, events };
  const cancellation = new AbortController();
  let client: SeaClient;
  try {
    client = connect(each);
  } catch (error) {
    return { ...observed, outcome: "refused", error: { message: (error as TypeError).message } };
  }

  try {
    const response = await call(client, each, events, cancellation);
    if (response !== undefined) {
      observed["response"] = response;
    }

    observed["outcome"] = "ok";
  } catch (error) {
    if (cancellation.signal.aborted && error === cancellation.signal.reason) {
      observed["outcome"] = "cancelled";
    } else if (error instanceof SeaGrpcError) {
      observed["outcome"] = "error";
      observed["error"] = describe(error);
    } else {
      throw error;
    }
  } finally {
    client.close();
  }

  return observed;
}

async function call(client: SeaClient, each: Case, events: JsonValue[], cancellation: AbortController): Promise<JsonValue | undefined> {
  const options = { timeoutMs: each.deadline_ms, signal: cancellation.signal, metadata: each.metadata };
  const request = <T extends DescMessage>(schema: T): MessageShape<T> => fromJson(schema, each.request ?? {});
  switch (each.rpc) {
    case "GetServerInfo": return toJson(GetServerInfoResponseSchema, await client.serverInfo(options));
    case "Health": return { serving: await client.isServing(options) };
    case "Align": return toJson(AlignResponseSchema, await client.align(prompted(request(AlignRequestSchema).spec!, each), options));
    case "Score": return toJson(ScoreResponseSchema, await client.score(request(ScoreRequestSchema), options));
    case "CancelAlignment": return { cancelled: await client.cancel(request(CancelAlignmentRequestSchema), options) };
    case "AlignBatch": return byIndex(client.alignBatch(request(AlignBatchRequestSchema).specs, options));
  }

  const spec = prompted(request(StreamAlignRequestSchema).spec!, each);
  if (each.stop) {
    const stop = each.stop.reward_above === undefined ? { afterMs: each.stop.after_ms! } : { rewardAbove: each.stop.reward_above };
    const answer = await client.alignUntil(spec, stop, options);
    return { stopped_early: answer.final === undefined, iteration: answer.iteration, best: toJson(ScoredResponseSchema, answer.response!) };
  }

  for await (const event of client.stream(spec, options)) {
    events.push(toJson(StreamAlignResponseSchema, event));
    if (events.length === each.cancel_after) {
      cancellation.abort();
    }

    await new Promise((resolve) => setTimeout(resolve, each.read_delay_ms ?? 0));
  }

  return undefined;
}

async function byIndex(results: AsyncIterable<AlignBatchResponse>): Promise<JsonValue> {
  const all: AlignBatchResponse[] = [];
  for await (const result of results) {
    all.push(result);
  }

  return { results: all.sort((one, other) => one.index - other.index).map((result) => toJson(AlignBatchResponseSchema, result)) };
}

function prompted(spec: AlignmentSpec, each: Case): AlignmentSpec {
  return each.chat === undefined ? spec : { ...spec, prompt: chat(each.chat) };
}

function describe(error: SeaGrpcError): JsonObject {
  return {
    code: error.code,
    reason: error.reason,
    message: error.message,
    type: error.name,
    retry_after_ms: error.retryAfterMs ?? null,
    metadata: { ...error.metadata },
    violations: error.violations.map(({ field, description, reason }) => ({ field, description, reason })),
  };
}
