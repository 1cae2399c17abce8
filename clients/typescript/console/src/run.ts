import type { AlignmentFinal, AlignmentStarted, JsonSpec, ScoredResponse, StreamAlignResponse } from "./contract.js";
import { StopReason } from "./contract.js";
import type { Problem } from "./problem.js";

/** One turn of a conversation, as the contract's JSON has it. */
export interface Turn {
  readonly role: "ROLE_SYSTEM" | "ROLE_USER" | "ROLE_ASSISTANT";
  readonly content: string;
}

/** Figures of a response at an iteration; 0 is the draft. */
export interface Point {
  readonly iteration: number;
  readonly energy: number;
  readonly reward: number;
  readonly logProbability: number;
  readonly gradientNorm?: number | undefined;
  readonly divergence?: number | undefined;
}

/** Other words in the place of a change, and what they would do to the whole answer's figures. */
export interface Wording {
  readonly text: string;
  readonly source: string;
  energy?: number;
  reward?: number;
  logProbability?: number;
}

/** A change of the answer, and the wordings that the run has seen in its place. */
export interface Comparison {
  readonly start: number;
  readonly end: number;
  readonly since: number | undefined;
  readonly wordings: Wording[];
}

/** A run up to one of its events. */
export interface RunView {
  readonly started: AlignmentStarted | undefined;
  readonly draft: ScoredResponse | undefined;
  readonly best: ScoredResponse | undefined;
  readonly final: AlignmentFinal | undefined;
  readonly iteration: number;
  readonly total: number;
  readonly bests: readonly Point[];
  readonly chains: ReadonlyMap<number, readonly Point[]>;
  readonly divergences: ReadonlyMap<number, readonly number[]>;
  readonly leading: string;
  readonly queued: number | undefined;
}

/** One alignment: what was sent, and every event with its time. */
export class Run {
  readonly events: StreamAlignResponse[] = [];
  /** When each event came, in milliseconds since the request. */
  readonly times: number[] = [];
  state: "running" | "done" | "failed" = "running";
  problem: Problem | undefined;
  comparisons: Comparison[] | undefined;
  /** Why the wordings have no figures, or undefined. */
  unscored: string | undefined;
  isRecording = false;
  cancelling = false;

  constructor(readonly label: string, readonly method: string, readonly turns: readonly Turn[], readonly spec: JsonSpec) {}

  get prompt(): string {
    return this.turns.findLast((turn) => turn.role === "ROLE_USER")?.content ?? "";
  }

  /** The run after its first `count` events. */
  view(count = this.events.length): RunView {
    let started: AlignmentStarted | undefined;
    let draft: ScoredResponse | undefined;
    let best: ScoredResponse | undefined;
    let final: AlignmentFinal | undefined;
    let iteration = 0;
    let total = 0;
    let leading = "";
    let queued: number | undefined;
    const bests: Point[] = [];
    const chains = new Map<number, Point[]>();
    const divergences = new Map<number, readonly number[]>();
    for (const { event } of this.events.slice(0, count)) {
      switch (event.case) {
        case "queued":
          queued = event.value.position;
          break;
        case "started":
          started = event.value;
          queued = undefined;
          break;
        case "progress":
          best = event.value.best ?? best;
          leading = event.value.leadingPrefix?.text ?? "";
          break;
        case "draft":
        case "iteration": {
          iteration = event.case === "iteration" ? event.value.index : 0;
          total = event.case === "iteration" ? event.value.total : 0;
          best = event.value.best ?? best;
          draft ??= event.value.best;
          leading = "";
          if (event.value.best) {
            bests.push({ iteration, ...figuresOf(event.value.best) });
          }

          for (const chain of event.value.chains) {
            const points = chains.get(chain.chain) ?? [];
            chains.set(chain.chain, points);
            points.push({ iteration, ...figuresOf(chain), gradientNorm: chain.gradientNorm, divergence: chain.klToReference });
            if (chain.klPerToken.length > 0) {
              divergences.set(chain.chain, chain.klPerToken);
            }
          }

          break;
        }
        case "final":
          final = event.value;
          best = event.value.response ?? best;
          draft = event.value.draft ?? draft;
          iteration = event.value.iterationsRun;
          leading = "";
          break;
      }
    }

    return { started, draft, best, final, iteration, total, bests, chains, divergences, leading, queued };
  }

  /** The texts that the run has seen, each where it came from first, without the answer itself. */
  seen(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    const add = (text: string | undefined, source: string): void => {
      if (text !== undefined && text !== "" && !found.has(text)) {
        found.set(text, source);
      }
    };
    add(this.view().draft?.text, "draft");
    for (const { event } of this.events) {
      if (event.case === "draft" || event.case === "iteration") {
        const where = event.case === "draft" ? "draft" : `iteration ${event.value.index}`;
        const chains = event.value.chains.length;
        add(event.value.best?.text, where);
        event.value.chains.forEach((chain) => add(chain.text, chains > 1 ? `${where}, chain ${chain.chain}` : where));
      }
    }

    return found;
  }

  /** What it is doing, in words. */
  status(view: RunView): string {
    if (this.problem) {
      return this.problem.title;
    } else if (view.final) {
      return `${stopWords[view.final.stopReason] ?? "Finished"}`;
    } else if (view.queued !== undefined) {
      return `In the queue, place ${view.queued}`;
    } else if (view.iteration > 0) {
      return `Iteration ${view.iteration} of ${view.total}`;
    } else if (view.draft) {
      return "Draft ready";
    }

    return view.started ? "Drafting" : "Sent";
  }
}

/** Why a run ended, in words. */
export const stopWords: Readonly<Partial<Record<StopReason, string>>> = {
  [StopReason.ITERATIONS]: "Finished: all iterations done",
  [StopReason.CONVERGED]: "Finished: the energy no longer improves",
  [StopReason.TIME_LIMIT]: "Finished: time limit",
  [StopReason.CANCELLED]: "Cancelled: best so far",
  [StopReason.DRAINING]: "Ended: the server shuts down",
  [StopReason.REWARD_FAILED]: "Ended: the reward did not answer",
  [StopReason.SUFFICIENT_REWARD]: "Finished: the reward is sufficient",
  [StopReason.DRAFT_NOT_UNDERSTOOD]: "Unchanged: the policy does not understand the draft",
  [StopReason.POLICY_FAILED]: "Ended: the policy did not answer",
};

function figuresOf({ energy, reward, logProbability }: { readonly energy: number; readonly reward: number; readonly logProbability: number }): Omit<Point, "iteration"> {
  return { energy, reward, logProbability };
}
