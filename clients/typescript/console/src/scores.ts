import { fromJson } from "@bufbuild/protobuf";
import { type GetServerInfoResponse, type JsonSpec, type SeaClient } from "./contract.js";
import { ScoreRequestSchema } from "../../src/web.js";
import { align, changes, inPlace, words } from "./diff.js";
import type { Comparison, Run, Wording } from "./run.js";

/** Most wordings of one change, most texts they are looked for in, and most pairs of one call. */
const mostWordings = 4;
const mostTexts = 60;
const mostPairs = 48;

/** What the run has seen in the place of each change of its answer. */
export function compare(run: Run): Comparison[] {
  const { draft, best } = run.view();
  if (!draft || !best) {
    return [];
  }

  const answer = words(best.text);
  const seen = [...run.seen()].filter(([text]) => text !== best.text).slice(0, mostTexts).map(([text, source]) => ({ text: align(answer, text), source }));
  const history = bests(run).map(({ text, iteration }) => ({ text: align(answer, text), iteration }));
  return changes(draft.text, best.text).map(({ start, end, text, was }) => {
    const found = new Map<string, string>([[was, "draft"]]);
    for (const { text: other, source } of seen) {
      const wording = found.size < mostWordings ? inPlace(other, start, end) : undefined;
      if (wording !== undefined && wording !== text && !found.has(wording)) {
        found.set(wording, source);
      }
    }

    const first = history.findLastIndex((each) => inPlace(each.text, start, end) !== text) + 1;
    return { start, end, since: history[first]?.iteration, wordings: [...found].map(([wording, source]): Wording => ({ text: wording, source })) };
  });
}

/** Scores the answer with each wording in its place: one call, of low priority. */
export async function score(run: Run, comparisons: readonly Comparison[], client: SeaClient, info: GetServerInfoResponse, signal: AbortSignal): Promise<void> {
  const { best, started } = run.view();
  const spec = started?.effectiveSpec;
  if (!best || !spec) {
    return;
  }

  const answer = words(best.text);
  const asked = comparisons.flatMap((each) => each.wordings.map((wording) =>
    ({ wording, text: [...answer.slice(0, each.start), wording.text, ...answer.slice(each.end)].join("") })))
    .slice(0, Math.min(mostPairs, info.limits?.maxScorePairs ?? mostPairs) - 1);
  if (asked.length === 0) {
    return;
  }

  const parameters = spec.method.value as { readonly rewardWeight?: number } | undefined;
  const request: JsonSpec = {
    pairs: [best.text, ...asked.map(({ text }) => text)].map((text) => ({ prompt: run.spec["prompt"] ?? null, response: { text } })),
    ...(parameters?.rewardWeight === undefined ? {} : { reward_weight: parameters.rewardWeight }),
    ...Object.fromEntries(["policy_model", "reward_model", "reward_shares"].flatMap((name) => (run.spec[name] === undefined ? [] : [[name, run.spec[name]]]))),
  };
  const { results } = await client.score(fromJson(ScoreRequestSchema, request), { signal, metadata: { "sea-priority": "low" } });
  const [own, ...others] = results;
  asked.forEach(({ wording }, index) => {
    const other = others[index];
    if (own && other) {
      wording.energy = other.energy - own.energy;
      wording.reward = other.reward - own.reward;
      wording.logProbability = other.logProbability - own.logProbability;
    }
  });
}

/** The best responses of the iterations, each with the iteration that brought it; the last ones if there are many. */
function bests(run: Run): { text: string; iteration: number }[] {
  const found: { text: string; iteration: number }[] = [];
  for (const { event } of run.events) {
    const text = event.case === "iteration" ? event.value.best?.text : undefined;
    if (event.case === "iteration" && text !== undefined && text !== found.at(-1)?.text) {
      found.push({ text, iteration: event.value.index });
    }
  }

  return found.slice(-mostTexts);
}
