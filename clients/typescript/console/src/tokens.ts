import type { AlignmentFinal, TokenFigure } from "./contract.js";
import { el, fill } from "./dom.js";
import { count, figure, quoted } from "./figures.js";

/** Log-probabilities below which a token is shaded, in nats: one in three, and one in fifty. */
const unsure = -1.1;
const unlikely = -3.9;

/** Most rows of the table of all tokens. */
const mostRows = 2000;

/** A stretch of an answer's characters that is one token; several where they are one character. Half-open, and never empty. */
export interface TokenSpan {
  readonly start: number;
  readonly end: number;
  /** Indices of its tokens. */
  readonly places: readonly number[];
}

/** Where the tokens of an answer of `length` characters are, in order. Only what is within the answer: a file may say anything. */
export function tokenSpans(figures: readonly TokenFigure[], length: number): TokenSpan[] {
  const spans: { start: number; end: number; places: number[] }[] = [];
  let places: number[] = [];
  let at = 0;
  figures.forEach((token, place) => {
    const start = Math.max(at, Math.min(token.start, length));
    const end = Math.max(start, Math.min(token.end, length));
    places.push(place);
    if (end > start) {
      spans.push({ start, end, places });
      places = [];
      at = end;
    }
  });
  spans.at(-1)?.places.push(...places);
  return spans;
}

/** What the models say of a token. */
export function tokenPart(text: string, token: TokenFigure, place: number, tokens: number): HTMLElement {
  const row = (name: string, value: string): HTMLElement => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value));
  return el("div", { class: "part" },
    el("p", { class: "card-title" }, named(text)),
    el("p", { class: "faint" }, `Token ${place + 1} of ${tokens}.`),
    el("table", {}, el("tbody", {},
      row("Log-probability", figure(token.logProbability)),
      token.rewardGradientNorm !== undefined && row("Gradient norm", token.rewardGradientNorm.toPrecision(3)))),
    token.alternatives.length > 0 && el("table", {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Likeliest here"), el("th", { scope: "col" }, "Log-prob."))),
      el("tbody", {}, ...token.alternatives.map((other) => row(named(other.text, other.id), figure(other.logProbability))))));
}

/** All tokens of an answer with their figures, or undefined without figures. */
export function tokenTable(final: AlignmentFinal | undefined, name: string): HTMLElement | undefined {
  const figures = final?.tokenFigures?.tokens;
  if (!final?.response || !figures || figures.length === 0) {
    return undefined;
  }

  const host = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Figures by token" });
  const hasGradient = figures.some((token) => token.rewardGradientNorm !== undefined);
  const draw = (): void => {
    const characters = [...final.response!.text];
    const rows = figures.slice(0, mostRows).map((token, place) => el("tr", {},
      el("td", {}, String(place + 1)),
      el("th", { scope: "row" }, named(characters.slice(token.start, token.end).join(""))),
      el("td", { class: token.logProbability < unlikely ? "unlikely" : token.logProbability < unsure ? "unsure" : "" }, figure(token.logProbability)),
      hasGradient && el("td", {}, token.rewardGradientNorm?.toPrecision(3) ?? "–"),
      el("td", {}, token.alternatives.map((other) => `${named(other.text, other.id)} ${figure(other.logProbability)}`).join(", "))));
    const names = ["Token", "Text", "Log-probability", ...(hasGradient ? ["Gradient norm"] : []), "Likeliest here"];
    fill(host,
      el("table", {}, el("thead", {}, el("tr", {}, ...names.map((each) => el("th", { scope: "col" }, each)))), el("tbody", {}, ...rows)),
      figures.length > mostRows && el("p", { class: "faint" }, `${count(figures.length - mostRows)} more tokens are in the saved run.`));
  };
  const details: HTMLDetailsElement = el("details", { "data-name": name, class: "figures-table by-token", ontoggle: () => details.open && draw() },
    el("summary", {}, "Figures by token"),
    el("p", { class: "help" }, "Shaded where the policy was unsure of the token, or found it unlikely."),
    host);
  return details;
}

/** A token's text as a person reads it. */
function named(text: string, id?: number): string {
  const name = text === "" ? "part of a character" : text.trim() !== "" ? quoted(text) : text.includes("\n") ? "line break" : "blank";
  return id === undefined || text.trim() !== "" ? name : `${name} (id ${id})`;
}
