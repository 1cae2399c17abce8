import type { Run } from "./run.js";

/** A prompt and the runs that answer it: one, or two that are compared. */
export class Exchange {
  /** How many events are shown; undefined shows all, also those to come. */
  step: number | undefined;

  constructor(readonly runs: readonly Run[]) {}

  get isRunning(): boolean {
    return this.runs.some((run) => run.state === "running");
  }

  /** How many events there are. */
  get length(): number {
    return this.runs.reduce((sum, run) => sum + run.events.length, 0);
  }

  /** How many events of each run are among the first ones of all, by their times. */
  counts(step = this.step): number[] {
    if (step === undefined) {
      return this.runs.map((run) => run.events.length);
    }

    const until = this.order().slice(0, step);
    return this.runs.map((_, index) => until.filter((each) => each.run === index).length);
  }

  /** Milliseconds between the events `step` and `step + 1`, so that nobody waits long. */
  pause(step: number): number {
    const order = this.order();
    const between = (order[step]?.time ?? 0) - (order[step - 1]?.time ?? 0);
    return Math.min(600, Math.max(40, between));
  }

  private order(): { run: number; time: number }[] {
    return this.runs.flatMap((run, index) => run.times.map((time) => ({ run: index, time }))).sort((one, other) => one.time - other.time);
  }
}
