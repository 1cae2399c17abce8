import uPlot from "uplot";
import { colour, el, say } from "./dom.js";
import { figure } from "./figures.js";
import type { Point, RunView } from "./run.js";

/** A figure that is drawn by iteration. */
interface Measure {
  readonly name: string;
  readonly note: string;
  readonly of: (point: Point) => number | undefined;
  /** Whether chains alone have it, not the best response. */
  readonly isOfChains?: boolean;
}

export const measures: readonly Measure[] = [
  { name: "Energy", note: "nats, lower is better", of: (point) => point.energy },
  { name: "Reward", note: "higher is better", of: (point) => point.reward },
  { name: "Log-probability", note: "nats", of: (point) => point.logProbability },
  { name: "Gradient norm", note: "of the energy, by chain", of: (point) => point.gradientNorm, isOfChains: true },
  { name: "Divergence", note: "KL to the policy, nats", of: (point) => point.divergence, isOfChains: true },
];

/** Most chains of one run that are drawn. */
const mostChains = 16;

/** A run to draw: its label and its colour. */
export interface Drawn {
  readonly label: string;
  readonly colour: string;
  readonly view: RunView;
}

interface Line {
  readonly name: string;
  readonly stroke: string;
  readonly width: number;
  readonly values: (number | null)[];
}

/** One chart for each figure, all with the same iterations. */
export class Charts {
  readonly element = el("div", { class: "charts" });
  private readonly charts = measures.map((measure) => new Chart(measure));

  constructor() {
    this.element.append(...this.charts.map((chart) => chart.element));
  }

  draw(runs: readonly Drawn[]): void {
    for (const chart of this.charts) {
      chart.draw(runs);
    }
  }
}

class Chart {
  readonly element: HTMLElement;
  private readonly host = el("div", { class: "plot", role: "img" });
  private readonly readout = el("span", { class: "readout", "aria-hidden": "true" });
  private plot: uPlot | undefined;
  private shape = "";
  private lines: readonly Line[] = [];
  private iterations: readonly number[] = [];

  constructor(private readonly measure: Measure) {
    this.element = el("figure", { class: "chart" },
      el("figcaption", {}, el("span", { class: "chart-name" }, measure.name), el("span", { class: "faint" }, measure.note), this.readout),
      this.host);
    new ResizeObserver(() => this.plot?.setSize(this.size())).observe(this.host);
  }

  draw(runs: readonly Drawn[]): void {
    const points = runs.flatMap(({ view }) => [...view.bests, ...[...view.chains.values()].flat()]);
    const last = Math.max(0, ...points.map((point) => point.iteration));
    this.iterations = Array.from({ length: last + 1 }, (_, index) => index);
    this.lines = runs.flatMap((run) => this.linesOf(run));
    this.element.hidden = this.measure.isOfChains === true && !this.lines.some((line) => line.values.some((value) => value !== null));
    if (this.element.hidden) {
      return;
    }

    const data: uPlot.AlignedData = [[...this.iterations], ...this.lines.map((line) => line.values)];
    const shape = JSON.stringify([this.lines.map(({ name, stroke, width }) => [name, stroke, width]), colour("--line"), colour("--faint")]);
    if (!this.plot || shape !== this.shape) {
      this.shape = shape;
      this.plot?.destroy();
      this.plot = new uPlot(this.options(), data, this.host);
    } else {
      this.plot.setData(data);
    }

    this.host.setAttribute("aria-label", this.summary(runs));
    this.read(undefined);
  }

  private linesOf({ label, colour: stroke, view }: Drawn): Line[] {
    const along = (points: readonly Point[]): (number | null)[] => {
      const values: (number | null)[] = this.iterations.map(() => null);
      for (const point of points) {
        values[point.iteration] = this.measure.of(point) ?? null;
      }

      return values;
    };
    const chains = [...view.chains].slice(0, mostChains).map(([chain, points]) =>
      ({ name: `${label} chain ${chain}`, stroke: this.measure.isOfChains && view.chains.size === 1 ? stroke : `${stroke}66`, width: this.measure.isOfChains ? 1.5 : 1, values: along(points) }));
    return this.measure.isOfChains ? chains : [...chains, { name: `${label} best`, stroke, width: 2.5, values: along(view.bests) }];
  }

  private options(): uPlot.Options {
    const axis = { stroke: colour("--faint"), font: "11px system-ui, sans-serif", grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } } as const;
    return {
      ...this.size(),
      legend: { show: false },
      padding: [8, 8, 0, 0],
      cursor: { drag: { x: false, y: false }, sync: { key: "runs" }, points: { size: 6 }, y: false },
      scales: { x: { time: false, range: (_, low, high) => [Math.min(0, low), Math.max(1, high)] } },
      axes: [
        { ...axis, size: 26, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
        { ...axis, size: 46, values: (_, ticks) => ticks.map((tick) => String(tick).replace("-", "−")) },
      ],
      series: [
        {},
        ...this.lines.map((line) => ({ label: line.name, stroke: line.stroke, width: line.width, spanGaps: true, points: { show: line.width > 2, size: 5, fill: line.stroke } })),
      ],
      hooks: { setCursor: [(plot) => this.read(plot.cursor.idx ?? undefined)] },
    };
  }

  private size(): { width: number; height: number } {
    return { width: Math.max(120, Math.floor(this.host.clientWidth)), height: 150 };
  }

  /** Writes the thick lines' values at an iteration, or their last ones. */
  private read(at: number | undefined): void {
    const bests = this.lines.filter((line) => line.width > 2);
    const index = at ?? this.iterations.length - 1;
    const values = bests.map((line) => {
      const value = line.values.slice(0, index + 1).findLast((each) => each !== null);
      return value === undefined || value === null ? "" : `${bests.length > 1 ? `${line.name.split(" ")[0]} ` : ""}${figure(value)}`;
    }).filter((text) => text !== "");
    say(this.readout, values.length === 0 ? "" : `${at === undefined ? "" : at === 0 ? "draft: " : `iteration ${at}: `}${values.join(" · ")}`);
  }

  private summary(runs: readonly Drawn[]): string {
    const parts = runs.map(({ label, view }) => {
      const values = (this.measure.isOfChains ? [...view.chains.values()].flat() : view.bests).map((point) => this.measure.of(point)).filter((value) => value !== undefined);
      return values.length === 0 ? `${label}: no values` : `${label}: from ${figure(values[0])} to ${figure(values.at(-1))} in ${view.iteration} iterations, ${view.chains.size} chains`;
    });
    return `${this.measure.name} by iteration. ${parts.join(". ")}. The table below has every value.`;
  }
}
