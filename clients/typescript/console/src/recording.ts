import { fromJson, toJson } from "@bufbuild/protobuf";
import { type JsonSpec, type JsonValue, type StreamAlignResponse, StreamAlignResponseSchema } from "./contract.js";
import { type Comparison, Run, type Turn } from "./run.js";

/**
 * A run as a file: one event of the stream after the other in the contract's JSON, as `align --json` writes it and `replay` reads it. The first
 * event also has a member `console` with what the stream leaves out. Other readers skip it.
 */
interface Extra {
  readonly turns: readonly Turn[];
  readonly spec: JsonSpec;
  readonly times: readonly number[];
  readonly comparisons?: readonly Comparison[];
}

/** Most characters of a file that is opened. */
const mostCharacters = 64 * 1024 * 1024;

/** Writes a run that has ended. */
export function write(run: Run): string {
  const extra: Extra = { turns: run.turns, spec: run.spec, times: run.times.map(Math.round), ...(run.comparisons ? { comparisons: run.comparisons } : {}) };
  return run.events.map((event, index) => {
    const json = toJson(StreamAlignResponseSchema, event) as JsonSpec;
    return JSON.stringify(index === 0 ? { ...json, console: extra as unknown as JsonValue } : json);
  }).join("\n") + "\n";
}

/** Reads one. Its label is set by whoever shows it. */
export function read(text: string, label: string): Run {
  if (text.length > mostCharacters) {
    throw new Error("The file is longer than any recorded run.");
  }

  const objects = [...split(text)].map((each) => JSON.parse(each) as JsonSpec);
  const events = objects.map((each): StreamAlignResponse => fromJson(StreamAlignResponseSchema, each, { ignoreUnknownFields: true }))
    .filter((event) => event.event.case !== undefined);
  const final = events.at(-1)?.event;
  if (final?.case !== "final") {
    throw new Error("It has no final event. Save a run here with Save run, or record a whole one with align --json.");
  }

  const extra = extraOf(objects[0]?.["console"]);
  const spec = events.find((event) => event.event.case === "started")?.event;
  const method = spec?.case === "started" ? spec.value.effectiveSpec?.method.case : undefined;
  const run = new Run(label, snake(method ?? "recorded"), extra?.turns ?? [], extra?.spec ?? {});
  run.events.push(...events);
  run.times.push(...events.map((_, index) => extra?.times[index] ?? index * 100));
  run.state = "done";
  run.isRecording = true;
  run.comparisons = extra?.comparisons?.map((each) => ({ ...each, wordings: [...each.wordings] }));
  return run;
}

/** Takes only what has the right form: the file may come from anywhere. */
function extraOf(json: unknown): Extra | undefined {
  if (!isObject(json)) {
    return undefined;
  }

  const turns = list(json["turns"]).filter((turn): turn is { role: Turn["role"]; content: string } =>
    isObject(turn) && typeof turn["content"] === "string" && typeof turn["role"] === "string");
  const comparisons = list(json["comparisons"]).filter((each): each is Comparison & Record<string, unknown> =>
    isObject(each) && Number.isInteger(each["start"]) && Number.isInteger(each["end"]) && list(each["wordings"]).every((wording) =>
      isObject(wording) && typeof wording["text"] === "string" && typeof wording["source"] === "string"
        && ["energy", "reward", "logProbability"].every((name) => wording[name] === undefined || typeof wording[name] === "number")));
  return {
    turns,
    spec: isObject(json["spec"]) ? json["spec"] as JsonSpec : {},
    times: list(json["times"]).map((time) => (typeof time === "number" && time >= 0 ? time : 0)),
    ...(json["comparisons"] === undefined ? {} : { comparisons }),
  };
}

/** The objects of a text, one after the other, each on a line of its own or spread over several. */
function* split(text: string): Generator<string> {
  let depth = 0;
  let start = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (inString) {
      if (character === "\\") {
        at++;
      } else if (character === "\"") {
        inString = false;
      }
    } else if (character === "\"") {
      inString = true;
    } else if (character === "{" && depth++ === 0) {
      start = at;
    } else if (character === "}" && --depth === 0) {
      yield text.slice(start, at + 1);
    } else if (depth <= 0 && !/\s/.test(character)) {
      throw new Error("It is not JSON, one event after the other.");
    }
  }
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
