import { hideSoon, quoted, showCard } from "./answer.js";
import type { AlignmentFinal, TokenFigure } from "./contract.js";
import { el } from "./dom.js";
import { figure } from "./figures.js";

/** Log-probabilities below which a token is shaded, in nats: one in three, and one in fifty. */
const unsure = -1.1;
const unlikely = -3.9;

/** The answer token by token, or undefined without figures. The arrow keys move from one token to the next. */
export function byToken(final: AlignmentFinal | undefined, name: string): HTMLElement | undefined {
  const figures = final?.tokenFigures?.tokens;
  if (!final?.response || !figures || figures.length === 0) {
    return undefined;
  }

  const characters = [...final.response.text];
  const tokens = figures.map((token, index) => {
    const text = characters.slice(token.start, token.end).join("");
    const isChanged = final.changedSpans.some((span) => span.start < token.end && token.start < span.end);
    const shade = token.logProbability < unlikely ? " unlikely" : token.logProbability < unsure ? " unsure" : "";
    const mark = el("span", { class: `token${shade}${isChanged ? " changed" : ""}`, tabindex: index === 0 ? 0 : -1 }, shown(text));
    const show = (): void => showCard(mark, ...card(token, text, index, figures.length, isChanged));
    mark.addEventListener("mouseenter", show);
    mark.addEventListener("focus", show);
    mark.addEventListener("click", show);
    mark.addEventListener("mouseleave", hideSoon);
    mark.addEventListener("blur", hideSoon);
    return mark;
  });
  const answer = el("p", { class: "answer tokens", role: "group", "aria-label": "Tokens of the answer; the arrow keys move between them" }, ...tokens);
  answer.addEventListener("keydown", (event) => {
    const at = tokens.indexOf(event.target as HTMLElement);
    const places: Readonly<Record<string, number>> = {
      ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: tokens.length - 1,
    };
    const next = tokens[places[event.key] ?? -1];
    if (next) {
      event.preventDefault();
      tokens.forEach((each) => each.setAttribute("tabindex", each === next ? "0" : "-1"));
      next.focus();
    }
  });
  return el("details", { "data-name": name, class: "by-token" }, el("summary", {}, "Answer by token"),
    el("p", { class: "help" }, "Shaded where the policy was unsure or found the token unlikely, underlined where it differs from the draft. Each token tells its figures."),
    answer);
}

/** What is seen of a token: also where it has no character of its own, or ends a line. */
function shown(text: string): string {
  return text === "" ? "◦" : text.replaceAll("\n", "⏎\n");
}

function card(token: TokenFigure, text: string, index: number, count: number, isChanged: boolean): HTMLElement[] {
  const row = (name: string, value: string): HTMLElement => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value));
  const cells = [
    row("Log-probability", figure(token.logProbability)),
    ...(token.rewardGradientNorm === undefined ? [] : [row("Gradient norm", token.rewardGradientNorm.toPrecision(3))]),
  ];
  const parts: HTMLElement[] = [
    el("p", { class: "card-title" }, text === "" ? "part of a character" : text.trim() === "" ? "blank" : quoted(text)),
    el("p", { class: "faint" }, `Token ${index + 1} of ${count}${isChanged ? ", differs from the draft" : ""}.`),
    el("table", {}, el("tbody", {}, ...cells)),
  ];
  if (token.alternatives.length > 0) {
    parts.push(el("table", {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Likeliest here"), el("th", { scope: "col" }, "Log-prob."))),
      el("tbody", {}, ...token.alternatives.map((other) => row(other.text.trim() === "" ? `blank (id ${other.id})` : quoted(other.text), figure(other.logProbability))))));
  }

  return parts;
}
