import { copyButton, focusAt, markedAnswer, struckDraft } from "./answer.js";
import { Charts } from "./charts.js";
import { button, colour, el, fill, say } from "./dom.js";
import type { Exchange } from "./exchange.js";
import { count, figure, seconds, signed } from "./figures.js";
import { problemBox } from "./problem.js";
import { write } from "./recording.js";
import type { Point, Run, RunView } from "./run.js";
import { tokenTable } from "./tokens.js";

/** Most rows of the table of figures. */
const mostRows = 2000;

/** What the panel asks of the page. */
export interface PanelActions {
  /** Takes a person to the field of a violation. */
  readonly change: (run: Run, field: string, complaint: string) => (() => void) | undefined;
  readonly connect: () => void;
}

/** The right side: the charts, the steps and the answers of one exchange. */
export class RunPanel {
  readonly element: HTMLElement;
  private readonly charts = new Charts();
  private readonly cards = el("div", { class: "cards" });
  private readonly slider = el("input", { type: "range", id: "step", min: 0, value: 0, "aria-describedby": "step-name", oninput: () => this.goTo(this.slider.valueAsNumber) });
  private readonly stepName = el("output", { id: "step-name", for: "step", class: "faint" });
  private readonly playButton = button("Play", () => this.togglePlay(), { class: "quiet" });
  private readonly steps = el("div", { class: "steps", hidden: true }, this.playButton, el("label", { for: "step" }, "Step"), this.slider, this.stepName);
  private readonly table = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Figures as a table" });
  private readonly tableDetails = el("details", { class: "figures-table", ontoggle: () => this.showTable() }, el("summary", {}, "Figures as a table"), this.table);
  private readonly empty = el("div", { class: "empty-run" },
    el("p", {}, "Here you see how a run improves its answer: the energy, the reward and the log-probability by iteration, and every word that changed."));
  private readonly content = el("div", { class: "run-content", hidden: true });
  private exchange: Exchange | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private frame = 0;

  constructor(private readonly actions: PanelActions) {
    this.content.append(this.charts.element, this.steps, this.cards, this.tableDetails);
    this.element = el("section", { class: "run", "aria-labelledby": "run-title" }, el("h2", { id: "run-title", class: "hidden" }, "Run"), this.empty, this.content);
  }

  /** Shows an exchange from now on. */
  show(exchange: Exchange | undefined): void {
    this.pause();
    this.exchange = exchange;
    this.content.hidden = exchange === undefined;
    this.empty.hidden = exchange !== undefined;
    this.element.scrollTop = 0;
    this.draw();
  }

  /** Draws again soon; many events make one drawing. */
  update(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  /** Plays from the first event. */
  play(): void {
    if (this.exchange) {
      this.exchange.step = Math.min(1, this.exchange.length);
      this.tick();
    }
  }

  private draw(): void {
    const exchange = this.exchange;
    if (!exchange) {
      return;
    }

    const counts = exchange.counts();
    const views = exchange.runs.map((run, index) => run.view(counts[index]));
    this.charts.draw(views.map((view, index) => ({ label: exchange.runs[index]!.label, colour: runColour(index), view })));
    this.charts.element.hidden = views.every((view) => view.bests.length === 0);
    this.steps.hidden = exchange.isRunning || exchange.length < 2;
    this.slider.max = String(exchange.length);
    this.slider.value = String(exchange.step ?? exchange.length);
    const name = views.map((view) => (view.final ? "final" : view.iteration > 0 ? `iteration ${view.iteration}` : view.draft ? "draft" : "start"));
    const text = new Set(name).size === 1 ? name[0]! : name.map((each, index) => `${exchange.runs[index]!.label}: ${each}`).join(", ");
    say(this.stepName, text);
    this.slider.setAttribute("aria-valuetext", text);
    say(this.playButton, this.timer === undefined ? "Play" : "Pause");
    const open = new Set([...this.cards.querySelectorAll<HTMLDetailsElement>("details[open]")].map((each) => each.dataset["name"]));
    this.cards.classList.toggle("two", exchange.runs.length > 1);
    const active = document.activeElement as HTMLElement;
    const focused = this.focusable().indexOf(active);
    const answer = this.answers().findIndex((each) => each.contains(active));
    fill(this.cards, ...exchange.runs.map((run, index) => this.card(run, views[index]!, index, exchange.runs.length > 1)));
    for (const details of this.cards.querySelectorAll<HTMLDetailsElement>("details")) {
      details.open = open.has(details.dataset["name"]);
    }

    if (answer >= 0) {
      focusAt(this.answers()[answer], Number(active.dataset["from"]));
    } else if (focused >= 0) {
      this.focusable()[focused]?.focus();
    }

    this.showTable();
  }

  private focusable(): HTMLElement[] {
    return [...this.cards.querySelectorAll<HTMLElement>("button, summary, [tabindex]:not([data-from])")];
  }

  private answers(): HTMLElement[] {
    return [...this.cards.querySelectorAll<HTMLElement>(".card > .answer")];
  }

  private card(run: Run, view: RunView, index: number, isCompared: boolean): HTMLElement {
    const isWhole = view.final !== undefined;
    const best = view.best;
    return el("article", { class: `card run-${index}`, "aria-label": `${isCompared ? `${run.label}: ` : ""}${run.method}` },
      el("div", { class: "card-head" },
        el("h3", {}, isCompared && el("span", { class: "dot", "aria-hidden": "true" }), isCompared && `${run.label} `, run.method),
        el("p", { class: "state" }, run.status(view))),
      run.state === "running" && el("progress", view.total > 0 ? { max: view.total, value: view.iteration, "aria-label": "Iterations" } : { "aria-label": "Working" }),
      run.problem && problemBox(run.problem, (field) => this.actions.change(run, field, run.problem!.violations.find((each) => each.field === field)?.description ?? ""), this.actions.connect),
      view.draft && best && figures(view),
      best && best.text !== "" && markedAnswer(run, view),
      view.leading !== "" && !isWhole && el("p", { class: "leading" }, el("span", { class: "faint" }, "Searching: "), `${view.leading}…`),
      view.draft && best && el("details", { "data-name": `draft-${index}` }, el("summary", {}, "Draft"), struckDraft(view.draft.text, best.text)),
      tokenTable(view.final, `tokens-${index}`),
      divergence(view, index),
      view.final && el("p", { class: "faint cost" }, cost(view)),
      view.final && el("div", { class: "actions" }, button("Save run", () => save(run)), copyButton(() => best?.text ?? "")));
  }

  private goTo(step: number): void {
    this.pause();
    this.exchange!.step = step >= this.exchange!.length ? undefined : step;
    this.draw();
  }

  private togglePlay(): void {
    if (this.timer !== undefined) {
      this.pause();
      this.draw();
    } else if (this.exchange) {
      this.exchange.step = this.exchange.step === undefined ? 1 : this.exchange.step;
      this.tick();
    }
  }

  private tick(): void {
    const exchange = this.exchange!;
    clearTimeout(this.timer);
    const step = exchange.step ?? exchange.length;
    if (step >= exchange.length) {
      this.pause();
      exchange.step = undefined;
    } else {
      this.timer = setTimeout(() => {
        exchange.step = step + 1;
        this.tick();
      }, exchange.pause(step));
    }

    this.draw();
  }

  private pause(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private showTable(): void {
    if (this.tableDetails.open && this.exchange) {
      const runs = this.exchange.runs;
      const counts = this.exchange.counts();
      const rows = runs.flatMap((run, index) => {
        const view = run.view(counts[index]);
        return [
          ...view.bests.map((point) => row(run, "best", point)),
          ...[...view.chains].flatMap(([chain, points]) => points.map((point) => row(run, String(chain), point))),
        ];
      });
      fill(this.table, el("table", {},
        el("thead", {}, el("tr", {}, ...["Run", "Response", "Iteration", "Energy", "Reward", "Log-probability", "Gradient norm", "Divergence"].map((name) => el("th", { scope: "col" }, name)))),
        el("tbody", {}, ...rows.slice(0, mostRows))),
        rows.length > mostRows && el("p", { class: "faint" }, `${count(rows.length - mostRows)} more rows are in the saved run.`));
    }
  }
}

/** The colour of a run, A or B. */
export function runColour(index: number): string {
  return colour(index === 0 ? "--run-a" : "--run-b");
}

function row(run: Run, response: string, point: Point): HTMLElement {
  return el("tr", {},
    el("th", { scope: "row" }, `${run.label} ${run.method}`),
    el("td", {}, response === "best" ? "best" : `chain ${response}`),
    el("td", {}, point.iteration === 0 ? "draft" : String(point.iteration)),
    ...[point.energy, point.reward, point.logProbability, point.gradientNorm, point.divergence].map((value) => el("td", {}, figure(value))));
}

function figures(view: RunView): HTMLElement {
  const { draft, best } = view;
  const cells = (name: string, note: string, before: number, after: number, isLowerBetter: boolean): HTMLElement => {
    const change = after - before;
    const isBetter = isLowerBetter ? change < -0.005 : change > 0.005;
    return el("tr", {},
      el("th", { scope: "row" }, name, el("span", { class: "faint" }, ` ${note}`)),
      ...(draft!.unscored || best!.unscored ? ["–", "–", "–"].map((text) => el("td", {}, text)) : [
        el("td", {}, figure(before)), el("td", {}, figure(after)), el("td", { class: isBetter ? "better" : "" }, signed(change)),
      ]));
  };
  return el("table", { class: "figures" },
    el("thead", {}, el("tr", {}, el("td", {}), ...["Draft", view.final ? "Answer" : "Best so far", "Change"].map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {},
      cells("Energy", "nats", draft!.energy, best!.energy, true),
      cells("Reward", "", draft!.reward, best!.reward, false),
      cells("Log-probability", "nats", draft!.logProbability, best!.logProbability, false)));
}

/** A bar for each token's divergence from the policy, of the answer's chain. */
function divergence(view: RunView, index: number): HTMLElement | undefined {
  const values = view.divergences.get(view.final?.chain ?? 0) ?? [...view.divergences.values()][0];
  if (!values || values.length === 0) {
    return undefined;
  }

  const most = Math.max(...values, 1e-9);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${values.length * 4} 40`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `Divergence by token position: ${values.length} positions, at most ${most.toFixed(2)} nats, at position ${values.indexOf(Math.max(...values)) + 1}`);
  values.forEach((value, at) => {
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const height = Math.max(0.5, (value / most) * 40);
    for (const [name, text] of Object.entries({ x: at * 4 + 0.5, y: 40 - height, width: 3, height })) {
      bar.setAttribute(name, String(text));
    }

    svg.append(bar);
  });
  const details = el("details", { "data-name": `divergence-${index}`, class: "divergence" }, el("summary", {}, "Divergence from the policy by token"),
    el("p", { class: "help" }, `KL of the chain's tokens to the policy after its last iteration, at most ${most.toFixed(2)} nats.`));
  details.append(svg);
  return details;
}

function cost(view: RunView): string {
  const { final, started } = view;
  const spent = final?.cost;
  const seed = started?.effectiveSpec?.seed;
  return [
    final?.iterationsRun === 1 ? "1 iteration" : `${count(final?.iterationsRun ?? 0)} iterations`,
    spent && `${count(spent.policyTokens + spent.rewardTokens)} model tokens`,
    final?.tokenFigures && `${count(final.tokenFigures.policyTokens + final.tokenFigures.rewardTokens)} more for figures by token`,
    final?.response?.stopString !== undefined && `ends before the stop string ${JSON.stringify(final.response.stopString)}`,
    seconds(final?.runDuration),
    seed !== undefined && `seed ${seed}`,
  ].filter(Boolean).join(" · ");
}

function save(run: Run): void {
  const url = URL.createObjectURL(new Blob([write(run)], { type: "application/x-ndjson" }));
  const time = new Date().toISOString().replace(/[:.]/g, "-").slice(0, 19);
  el("a", { href: url, download: `seagrpc-${run.method.replace(/\W.*/, "")}-${time}.jsonl` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
