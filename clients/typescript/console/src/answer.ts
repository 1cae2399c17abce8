import { button, type Child, el, fill, say } from "./dom.js";
import { changes, words } from "./diff.js";
import { signed } from "./figures.js";
import type { Comparison, Run } from "./run.js";

/** A text with what differs from its draft marked. A mark tells on hover, focus or a press what stood there and what that would change. */
export function markedAnswer(run: Run, draft: string, text: string, isFinal: boolean): HTMLElement {
  const parts = words(text);
  const found = changes(draft, text);
  const nodes: (Node | string)[] = [];
  let at = 0;
  for (const change of found) {
    nodes.push(parts.slice(at, change.start).join(""));
    const comparison = isFinal ? run.comparisons?.find((each) => each.start === change.start && each.end === change.end) : undefined;
    const shown = change.text === "" ? "‸" : change.text;
    const mark = el("span", {
      class: change.text === "" ? "change removed" : "change", tabindex: 0, role: "button",
      "aria-label": `${change.text === "" ? "removed" : change.text}, changed`,
    }, shown);
    const show = (): void => details(mark, run, change.text, change.was, comparison);
    mark.addEventListener("mouseenter", show);
    mark.addEventListener("focus", show);
    mark.addEventListener("click", show);
    mark.addEventListener("mouseleave", hideSoon);
    mark.addEventListener("blur", hideSoon);
    nodes.push(mark);
    at = change.end;
  }

  nodes.push(parts.slice(at).join(""));
  return el("p", { class: "answer" }, ...nodes);
}

/** A draft with what the answer has no more struck out. */
export function struckDraft(draft: string, text: string): HTMLElement {
  const parts = words(draft);
  const nodes: (Node | string)[] = [];
  let at = 0;
  for (const change of changes(text, draft)) {
    nodes.push(parts.slice(at, change.start).join(""));
    nodes.push(el("del", {}, change.text));
    at = change.end;
  }

  nodes.push(parts.slice(at).join(""));
  return el("p", { class: "answer draft-text" }, ...nodes);
}

const card = el("div", { id: "change-card", role: "tooltip", hidden: true });
let timer: ReturnType<typeof setTimeout> | undefined;
let shown: HTMLElement | undefined;

/** Puts the card into the page and makes Escape close it. */
export function addCard(host: HTMLElement): void {
  host.append(card);
  card.addEventListener("mouseenter", () => clearTimeout(timer));
  card.addEventListener("mouseleave", hideSoon);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !card.hidden) {
      hide();
    }
  });
  // A mark that gets the focus may scroll into view: its card goes with it.
  document.addEventListener("scroll", () => {
    if (shown?.isConnected) {
      place(shown);
    } else {
      hide();
    }
  }, { capture: true, passive: true });
}

/** Closes the card unless the pointer enters it. */
export function hideSoon(): void {
  clearTimeout(timer);
  timer = setTimeout(hide, 150);
}

function hide(): void {
  clearTimeout(timer);
  card.hidden = true;
  shown?.removeAttribute("aria-describedby");
  shown = undefined;
}

/** Shows the card beside a mark that it describes. */
export function showCard(mark: HTMLElement, ...children: readonly Child[]): void {
  hide();
  fill(card, ...children);
  card.hidden = false;
  shown = mark;
  mark.setAttribute("aria-describedby", card.id);
  place(mark);
}

function details(mark: HTMLElement, run: Run, text: string, was: string, comparison: Comparison | undefined): void {
  const wordings = comparison?.wordings ?? [{ text: was, source: "draft" }];
  const isScored = wordings.some((each) => each.energy !== undefined);
  const row = (wording: (typeof wordings)[number]): HTMLElement => el("tr", {},
    el("th", { scope: "row" }, quoted(wording.text), el("span", { class: "faint" }, ` ${wording.source}`)),
    ...(isScored ? [wording.energy, wording.reward, wording.logProbability].map((value) => el("td", {}, value === undefined ? "–" : signed(value))) : []));
  showCard(mark,
    el("p", { class: "card-title" }, quoted(text)),
    comparison?.since !== undefined && el("p", { class: "faint" }, `In the best response since iteration ${comparison.since}.`),
    el("table", {},
      el("thead", {}, el("tr", {},
        el("th", { scope: "col" }, "Instead"),
        ...(isScored ? ["Energy", "Reward", "Log-prob."].map((name) => el("th", { scope: "col" }, name)) : []))),
      el("tbody", {}, ...wordings.map(row))),
    isScored && el("p", { class: "faint" }, "How the whole answer's figures would change, scored at reference temperature 1."),
    run.unscored !== undefined && el("p", { class: "faint" }, `Not scored: ${run.unscored}`));
}

/** Below the mark, or above it if there is no room; within the window. */
function place(mark: HTMLElement): void {
  const around = mark.getClientRects()[0] ?? mark.getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const left = Math.max(8, Math.min(around.left, innerWidth - width - 8));
  const below = around.bottom + 6;
  card.style.left = `${left}px`;
  card.style.top = `${below + height > innerHeight - 8 ? Math.max(8, around.top - height - 6) : below}px`;
}

/** A text in quotation marks, cut if it is long. */
export function quoted(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" ? "nothing" : `“${trimmed.length > 80 ? `${trimmed.slice(0, 80)}…` : trimmed}”`;
}

/** A button that copies a text and says so. */
export function copyButton(text: () => string): HTMLButtonElement {
  const copy: HTMLButtonElement = button("Copy", () => {
    void navigator.clipboard?.writeText(text()).then(() => {
      say(copy, "Copied");
      setTimeout(() => say(copy, "Copy"), 1500);
    });
  }, { class: "quiet" });
  return copy;
}
