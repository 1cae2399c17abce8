import { hideCard, hideSoon, scrollCard, showCard } from "./card.js";
import { button, type Child, el, fill, say } from "./dom.js";
import { type Change, changes, words } from "./diff.js";
import { quoted, signed } from "./figures.js";
import type { Comparison, Run, RunView } from "./run.js";
import { tokenPart, tokenSpans } from "./tokens.js";

/** A change, and where it is among the characters of the text: half-open. */
interface Place extends Change {
  readonly from: number;
  readonly to: number;
}

/**
 * The answer so far, with what differs from its draft marked. On hover, focus or a press a card tells of each token what the models say of
 * it, and of marked words what stood there and what that would change. All of it is one stop of the Tab key: the arrow keys move from token
 * to token, and from change to change. The text stays what it is, for a selection and for a screen reader.
 */
export function markedAnswer(run: Run, { draft, best, final }: RunView): HTMLElement {
  const text = best?.text ?? "";
  const characters = [...text];
  const figures = (final?.response && final.tokenFigures?.tokens) || [];
  const tokens = tokenSpans(figures, characters.length);
  const cards = new Map<Element, () => Child[]>();
  const stops: HTMLElement[] = [];
  const isBlank = (from: number, to: number): boolean => characters.slice(from, to).every((each) => /\s/.test(each));
  const stop = (element: HTMLElement, from: number): void => {
    element.dataset["from"] = String(from);
    stops.push(element);
  };

  // The characters `from` to `to`, each token within them in an element of its own without the blanks around it.
  let told = -1;
  const pieces = (from: number, to: number, about: () => Child[]): (Node | string)[] => {
    const nodes: (Node | string)[] = [];
    let at = from;
    for (const [index, token] of tokens.entries()) {
      if (token.end <= from || token.start >= to) {
        continue;
      }

      let start = Math.max(at, token.start);
      let end = Math.min(to, token.end);
      if (!isBlank(token.start, token.end)) {
        while (start < end && isBlank(start, start + 1)) {
          start++;
        }

        while (start < end && isBlank(end - 1, end)) {
          end--;
        }
      }

      if (start < end) {
        const piece = el("span", { class: "token" }, characters.slice(start, end).join(""));
        const name = characters.slice(token.start, token.end).join("");
        cards.set(piece, () => [...about(), ...token.places.map((place) => tokenPart(name, figures[place]!, place, figures.length))]);
        if (told !== index) {
          told = index;
          stop(piece, start);
        }

        nodes.push(characters.slice(at, start).join(""), piece);
        at = end;
      }
    }

    nodes.push(characters.slice(at, to).join(""));
    return nodes;
  };

  const nodes: (Node | string)[] = [];
  let at = 0;
  for (const change of draft ? placed(changes(draft.text, text), text) : []) {
    nodes.push(...pieces(at, change.from, () => []));
    const comparison = final && run.comparisons?.find((each) => each.start === change.start && each.end === change.end);
    const about = (): Child[] => [changePart(run, change, comparison)];
    const isRemoved = change.text === "";
    // What is seen of a removal is in the style, so that it is in no copy of the text.
    const mark = isRemoved ? el("span", { class: "change removed", role: "img", "aria-label": `${quoted(change.was)} removed` }) : el("mark", { class: "change" });
    const before = stops.length;
    fill(mark, ...pieces(change.from, change.to, about));
    cards.set(mark, about);
    if (stops.length === before) {
      stop(mark, change.from);
    }

    stops[before]!.dataset["change"] = "";
    nodes.push(mark);
    at = change.to;
  }

  nodes.push(...pieces(at, characters.length, () => []));
  const answer = el("p", { class: "answer" }, ...nodes);
  if (stops.length > 0) {
    answer.setAttribute("role", "group");
    answer.setAttribute("aria-label", figures.length > 0
      ? "Answer. The left and right arrow keys move between its tokens, up and down between its changes."
      : "Answer. The arrow keys move between its changes.");
    tellOnDemand(answer, cards);
    moveByKeys(answer, stops);
  }

  return answer;
}

/** Changes with the places of their characters. */
function placed(found: readonly Change[], text: string): Place[] {
  const starts = [0];
  for (const word of words(text)) {
    starts.push(starts.at(-1)! + [...word].length);
  }

  return found.map((change) => ({ ...change, from: starts[change.start]!, to: starts[change.end]! }));
}

/** Gives the focus back to where it was in an answer that is drawn anew. */
export function focusAt(answer: HTMLElement | undefined, from: number): void {
  const stops = [...(answer?.querySelectorAll<HTMLElement>("[data-from]") ?? [])];
  const next = stops.findLast((each) => Number(each.dataset["from"]) <= from) ?? stops[0];
  if (next) {
    next.tabIndex = 0;
    next.focus();
  }
}

/** Shows the card of what the pointer or the focus is at. */
function tellOnDemand(answer: HTMLElement, cards: ReadonlyMap<Element, () => Child[]>): void {
  const show = (event: Event): void => {
    for (let at = event.target as HTMLElement; at !== answer; at = at.parentElement!) {
      const card = cards.get(at);
      if (card) {
        showCard(at, ...card());
        return;
      }
    }
  };
  answer.addEventListener("mouseover", (event) => (event.buttons === 0 ? show(event) : hideCard())); // A pressed button selects text.
  answer.addEventListener("mouseout", hideSoon);
  answer.addEventListener("focusin", show);
  answer.addEventListener("focusout", hideSoon);
  answer.addEventListener("click", (event) => {
    if (getSelection()?.isCollapsed !== false) {
      show(event);
    }
  });
}

/** A roving tab stop, first at the first change. */
function moveByKeys(answer: HTMLElement, stops: readonly HTMLElement[]): void {
  const isChange = (stop: HTMLElement): boolean => stop.dataset["change"] !== undefined;
  let current = stops.find(isChange) ?? stops[0]!;
  const moveTo = (next: HTMLElement): void => {
    current.removeAttribute("tabindex");
    current = next;
    current.tabIndex = 0;
  };
  moveTo(current);
  answer.addEventListener("focusin", (event) => {
    const at = event.target as HTMLElement;
    if (at !== current && stops.includes(at)) {
      moveTo(at);
    }
  });
  // Chromium selects no text from an element on that can get the focus: none can while a button is down.
  answer.addEventListener("pointerdown", () => {
    current.removeAttribute("tabindex");
    const isUp = new AbortController();
    for (const end of ["pointerup", "pointercancel"]) {
      addEventListener(end, () => {
        isUp.abort();
        current.tabIndex = 0;
      }, { signal: isUp.signal });
    }
  });
  answer.addEventListener("click", (event) => {
    const at = stops.find((each) => each.contains(event.target as Node));
    if (at) {
      moveTo(at);
    }
  });
  answer.addEventListener("keydown", (event) => {
    const at = stops.indexOf(event.target as HTMLElement);
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || at < 0) {
      return;
    }

    const moves: Readonly<Record<string, () => HTMLElement | undefined>> = {
      ArrowRight: () => stops[at + 1], ArrowLeft: () => stops[at - 1], Home: () => stops[0], End: () => stops.at(-1),
      ArrowDown: () => stops.slice(at + 1).find(isChange), ArrowUp: () => stops.slice(0, at).findLast(isChange),
    };
    const next = moves[event.key]?.();
    if (next) {
      moveTo(next);
      next.focus();
      event.preventDefault();
    } else if ((event.key === "PageDown" || event.key === "PageUp") && scrollCard(event.key === "PageDown" ? 1 : -1)) {
      event.preventDefault();
    }
  });
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

/** What stood in the place of a change, and what that would do to the answer's figures. */
function changePart(run: Run, change: Change, comparison: Comparison | undefined): HTMLElement {
  const wordings = comparison?.wordings ?? [{ text: change.was, source: "draft" }];
  const isScored = wordings.some((each) => each.energy !== undefined);
  const row = (wording: (typeof wordings)[number]): HTMLElement => el("tr", {},
    el("th", { scope: "row" }, quoted(wording.text), el("span", { class: "faint" }, ` ${wording.source}`)),
    ...(isScored ? [wording.energy, wording.reward, wording.logProbability].map((value) => el("td", {}, value === undefined ? "–" : signed(value))) : []));
  return el("div", { class: "part" },
    el("p", { class: "card-title" }, change.text === "" ? "Removed" : `Changed: ${quoted(change.text)}`),
    comparison?.since !== undefined && el("p", { class: "faint" }, `In the best response since iteration ${comparison.since}.`),
    el("table", {},
      el("thead", {}, el("tr", {},
        el("th", { scope: "col" }, "Instead"),
        ...(isScored ? ["Energy", "Reward", "Log-prob."].map((name) => el("th", { scope: "col" }, name)) : []))),
      el("tbody", {}, ...wordings.map(row))),
    isScored && el("p", { class: "faint" }, "How the whole answer's figures would change, scored at reference temperature 1."),
    run.unscored !== undefined && el("p", { class: "faint" }, `Not scored: ${run.unscored}`));
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
