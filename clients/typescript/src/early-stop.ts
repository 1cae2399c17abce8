import { clone, create } from "@bufbuild/protobuf";
import { type AlignmentFinal, type AlignmentSpec, AlignmentSpecSchema, type ScoredResponse, UpdateOptionsSchema } from "./gen/sea/v1/alignment_pb.js";
import type { StreamAlignResponse } from "./gen/sea/v1/alignment_service_pb.js";
import { follow } from "./signals.js";

/** When an alignment has gone on long enough. The stream is then cancelled, which frees the device, and the best answer so far counts. */
export interface EarlyStop {
  /** Stops when the best answer so far has a reward above this, in the reward model's units. */
  readonly rewardAbove?: number;
  /** Stops after this time, or as soon as there is an answer where there is none by then. */
  readonly afterMs?: number;
  /** Stops when the best answer so far is good enough. */
  readonly when?: (best: ScoredResponse) => boolean;
}

/** What an alignment that may stop early has come to. */
export interface EarlyAnswer {
  /** The best answer so far, or the final one. */
  response?: ScoredResponse;
  /** The draft that it is compared with. */
  draft?: ScoredResponse;
  /** The last iteration that was heard of; 0 is the draft. */
  iteration: number;
  /** How the run ended by itself; undefined where it was stopped. */
  final?: AlignmentFinal;
}

/** Reads a stream until the condition holds. */
export async function alignUntil(
  stream: (spec: AlignmentSpec, signal: AbortSignal) => AsyncIterable<StreamAlignResponse>,
  spec: AlignmentSpec,
  stop: EarlyStop,
  signal: AbortSignal | undefined,
): Promise<EarlyAnswer> {
  const sent = clone(AlignmentSpecSchema, spec);
  sent.updates ??= create(UpdateOptionsSchema);
  sent.updates.includeText = true;
  const answer: EarlyAnswer = { iteration: 0 };
  const ended = new AbortController();
  const unlink = follow(ended, signal);
  const until = stop.afterMs === undefined ? Infinity : Date.now() + stop.afterMs;
  const timer = stop.afterMs === undefined ? undefined : setTimeout(() => {
    if (answer.response) {
      ended.abort();
    }
  }, stop.afterMs);
  try {
    for await (const event of stream(sent, ended.signal)) {
      take(answer, event);
      if (answer.final || (answer.response && (Date.now() >= until || isGoodEnough(stop, answer.response)))) {
        break;
      }
    }
  } catch (error) {
    if (!ended.signal.aborted || signal?.aborted) {
      throw error;
    }
  } finally {
    clearTimeout(timer);
    unlink();
    ended.abort();
  }

  return answer;
}

function isGoodEnough(stop: EarlyStop, best: ScoredResponse): boolean {
  return (stop.rewardAbove !== undefined && best.reward > stop.rewardAbove) || (stop.when?.(best) ?? false);
}

function take(answer: EarlyAnswer, { event }: StreamAlignResponse): void {
  const best = event.case === "draft" || event.case === "iteration" ? event.value.best : event.case === "final" ? event.value.response : undefined;
  if (best) {
    answer.response = best;
  }

  if (event.case === "draft" && best) {
    answer.draft = best;
  } else if (event.case === "iteration") {
    answer.iteration = event.value.index;
  } else if (event.case === "final") {
    answer.final = event.value;
    answer.draft = event.value.draft ?? answer.draft!;
  }
}
