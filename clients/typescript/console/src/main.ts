import "uplot/dist/uPlot.min.css";
import "./style.css";
import { fromJson } from "@bufbuild/protobuf";
import { addCard } from "./card.js";
import { Connection } from "./connection.js";
import { AlignmentSpecSchema, type GetServerInfoResponse, type JsonSpec } from "./contract.js";
import { button, el, fill, say } from "./dom.js";
import { Exchange } from "./exchange.js";
import { figure } from "./figures.js";
import { MethodForm, ParameterDialog } from "./methods.js";
import { describe, type Problem, problemBox } from "./problem.js";
import { read } from "./recording.js";
import { RequestForm } from "./request.js";
import { Run, type Turn } from "./run.js";
import { RunPanel } from "./run-panel.js";
import { compare, score } from "./scores.js";
import { themeChoice } from "./theme.js";

/** Prompts of the embedded models' world, which knows no others. */
const examples = ["I bought this tablet last week and it is dirty.", "My kettle is leaking, what can you do?", "The keyboard is broken and I need help."];
const embeddedPolicy = "tiny-policy";
const announceEveryMs = 3000;

/** One method of the composer: its select, its parameters, and its forms by method. */
class Slot {
  readonly select: HTMLSelectElement;
  readonly parameters = button("Parameters", () => this.open(), { class: "quiet", "aria-haspopup": "dialog" });
  private readonly forms = new Map<string, MethodForm>();

  constructor(readonly label: string, private readonly dialog: ParameterDialog) {
    this.select = el("select", { id: `method-${label}`, onchange: () => this.changed() });
  }

  get form(): MethodForm | undefined {
    return this.forms.get(this.select.value);
  }

  use(info: GetServerInfoResponse, standard: string): void {
    const chosen = this.select.value || standard;
    const methods = info.methods.filter((method) => method.available);
    this.forms.clear();
    fill(this.select, ...methods.map((method) => new Option(method.name, method.name)));
    methods.forEach((method) => this.forms.set(method.name, new MethodForm(method)));
    this.select.value = methods.some((method) => method.name === chosen) ? chosen : (methods[0]?.name ?? "");
    this.changed();
  }

  open(field?: string, complaint?: string): void {
    if (this.form) {
      this.dialog.open(this.form, field, complaint);
    }
  }

  changed(): void {
    const set = this.form?.changed ?? 0;
    say(this.parameters, set === 0 ? "Parameters" : `Parameters (${set})`);
    this.parameters.setAttribute("aria-label", `Parameters of ${this.select.value}${set === 0 ? "" : `, ${set} set`}`);
    this.parameters.toggleAttribute("disabled", this.form === undefined);
  }
}

class App {
  private readonly exchanges: Exchange[] = [];
  private shown: Exchange | undefined;
  private readonly status = el("p", { role: "status", class: "hidden", id: "status" });
  private readonly turns = el("ol", { class: "turns", id: "turns" });
  private readonly start = el("div", { class: "start" });
  private readonly trouble = el("div", { class: "trouble" });
  private readonly prompt = el("textarea", { id: "prompt", rows: 3, placeholder: "Ask something", onkeydown: (event: KeyboardEvent) => this.key(event) });
  private readonly send = el("button", { type: "submit", class: "primary" }, "Send");
  private readonly cancel = button("Cancel", () => this.cancelAll(), { hidden: true });
  private readonly parameters = new ParameterDialog(() => this.slots.forEach((slot) => slot.changed()));
  private readonly slots = [new Slot("A", this.parameters), new Slot("B", this.parameters)] as const;
  private readonly comparing = el("input", { type: "checkbox", id: "comparing", onchange: () => this.showSlots() });
  private readonly second = el("div", { class: "method-row", hidden: true });
  private readonly request = new RequestForm(() => this.showRequest());
  private readonly requestButton = button("Request", () => this.request.open(), { class: "quiet", "aria-haspopup": "dialog" });
  private readonly file = el("input", { type: "file", multiple: true, accept: ".jsonl,.json,.ndjson", class: "hidden", id: "file", tabindex: -1, "aria-label": "Saved runs", onchange: () => this.openFiles() });
  private readonly connection = new Connection((info) => this.connected(info), (problem) => this.failed(problem));
  private readonly panel = new RunPanel({ change: (run, field, complaint) => this.change(run, field, complaint), connect: () => this.connection.open() });
  private readonly aborts = new Map<Run, AbortController>();
  private announcedAt = 0;
  private frame = 0;

  begin(): void {
    const composer = el("form", { class: "composer", novalidate: true, onsubmit: (event: SubmitEvent) => this.submit(event) },
      el("label", { for: "prompt", class: "hidden" }, "Prompt"),
      this.prompt,
      el("div", { class: "method-row" },
        el("label", { for: "method-A" }, "Method"), this.slots[0].select, this.slots[0].parameters),
      el("div", { class: "method-row" },
        el("label", { class: "check" }, this.comparing, " Compare with another method")),
      this.second,
      el("div", { class: "actions" }, this.send, this.cancel, this.requestButton));
    fill(this.second, el("label", { for: "method-B" }, "Second"), this.slots[1].select, this.slots[1].parameters);
    document.body.append(
      el("a", { class: "skip", href: "#prompt" }, "Skip to the prompt"),
      el("header", { class: "top" },
        el("h1", {}, "SeaGrpc", el("span", { class: "faint" }, " console")),
        this.connection.summary,
        el("div", { class: "top-actions" },
          button("New chat", () => this.clear(), { class: "quiet" }),
          button("Open run", () => this.file.click(), { class: "quiet" }),
          this.file,
          button("Connection", () => this.connection.open(), { class: "quiet", "aria-haspopup": "dialog" }),
          themeChoice(() => this.panel.update()))),
      el("main", {},
        el("section", { class: "chat", "aria-label": "Conversation" }, el("div", { class: "log", tabindex: 0, role: "region", "aria-label": "Prompts and answers" }, this.start, this.turns, this.trouble), composer),
        this.panel.element),
      this.status);
    addCard(document.querySelector("main")!);
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      void this.readFiles([...(event.dataTransfer?.files ?? [])]);
    });
    this.showStart();
    void this.connection.connect();
  }

  private connected(info: GetServerInfoResponse): void {
    fill(this.trouble);
    this.slots[0].use(info, info.defaultMethod);
    this.slots[1].use(info, "best_of_n");
    this.request.use(info);
    this.showStart();
    this.announce("Connected.");
  }

  private failed(problem: Problem): void {
    fill(this.trouble, problemBox(problem, () => undefined, () => this.connection.open()));
    this.showStart();
  }

  private showStart(): void {
    const isEmbedded = this.connection.info?.models.some((model) => model.name === embeddedPolicy) === true;
    this.start.hidden = this.exchanges.length > 0;
    fill(this.start,
      el("p", { class: "lead" }, "Ask something, and watch the answer improve."),
      el("p", { class: "faint" }, "The server drafts an answer with the policy, then lowers its energy: a better reward, while it stays likely."),
      isEmbedded && el("p", { class: "faint" }, "The embedded models know a support desk and nothing else:"),
      isEmbedded && el("div", { class: "examples" }, ...examples.map((text) => button(text, () => {
        this.prompt.value = text;
        this.prompt.focus();
      }))));
  }

  private showSlots(): void {
    this.second.hidden = !this.comparing.checked;
  }

  private showRequest(): void {
    say(this.requestButton, this.request.changed === 0 ? "Request" : `Request (${this.request.changed})`);
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send.form!.requestSubmit();
    }
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const text = this.prompt.value.trim();
    if (this.exchanges.some((exchange) => exchange.isRunning)) {
      return;
    } else if (text === "") {
      this.announce("Write a prompt first.");
      this.prompt.focus();
    } else if (this.connection.info === undefined) {
      void this.connection.connect();
    } else {
      const seed = this.request.drawSeed();
      const used = this.comparing.checked ? this.slots : this.slots.slice(0, 1);
      const turns = [...this.before(), { role: "ROLE_USER" as const, content: text }];
      const exchange = new Exchange(used.map((slot) => this.make(slot, turns, seed)));
      this.exchanges.push(exchange);
      this.select(exchange);
      this.prompt.value = "";
      this.announce(`Sent. ${exchange.runs.map((run) => run.method).join(" and ")}.`);
      this.showBusy();
      exchange.runs.forEach((run) => void this.follow(run));
    }
  }

  private make(slot: Slot, turns: readonly Turn[], seed: string): Run {
    const form = slot.form!;
    const spec: JsonSpec = {
      prompt: { chat: { messages: turns.map(({ role, content }) => ({ role, content })) } },
      ...this.request.json(),
      [form.method.name]: form.json(),
      seed,
      updates: { include_text: true, include_kl_per_token: true, include_progress: true },
    };
    return new Run(slot.label, form.text(), turns, spec);
  }

  /** The turns that go before the prompt. */
  private before(): Turn[] {
    const system = this.request.systemMessage;
    const earlier = this.request.follows ? this.exchanges.flatMap(({ runs: [run] }): Turn[] => {
      const answer = run?.view().final?.response?.text;
      return run && answer ? [{ role: "ROLE_USER", content: run.prompt }, { role: "ROLE_ASSISTANT", content: answer }] : [];
    }) : [];
    return [...(system === "" ? [] : [{ role: "ROLE_SYSTEM" as const, content: system }]), ...earlier];
  }

  /** Runs one alignment to its end. */
  private async follow(run: Run): Promise<void> {
    const abort = new AbortController();
    this.aborts.set(run, abort);
    const began = performance.now();
    const client = this.connection.client!;
    const info = this.connection.info!;
    try {
      for await (const event of client.stream(fromJson(AlignmentSpecSchema, run.spec), { signal: abort.signal })) {
        run.events.push(event);
        run.times.push(performance.now() - began);
        this.told(run);
      }

      if (!run.view().final) {
        throw new Error("The server ended the stream without an answer.");
      }

      run.comparisons = compare(run);
      run.state = "done";
    } catch (error) {
      run.state = "failed";
      run.problem = run.cancelling
        ? { title: "Cancelled", message: "It had not started, so there is no answer.", hint: "", violations: [], code: "", opens: undefined }
        : describe(error, this.connection.address);
    }

    this.aborts.delete(run);
    this.ended(run);
    if (run.state === "done") {
      try {
        await score(run, run.comparisons ?? [], client, info, new AbortController().signal);
      } catch (error) {
        run.unscored = error instanceof Error ? error.message : String(error);
      }

      this.panel.update();
    }
  }

  private told(run: Run): void {
    this.panel.update();
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.aborts.forEach((_, each) => this.showTurn(each));
    });
    if (performance.now() - this.announcedAt > announceEveryMs) {
      const view = run.view();
      this.announce(`${run.method}: ${run.status(view)}.${view.best && !view.best.unscored ? ` Energy ${figure(view.best.energy)}, reward ${figure(view.best.reward)}.` : ""}`);
    }
  }

  private ended(run: Run): void {
    const { best } = run.view();
    this.panel.update();
    this.showTurns();
    this.showBusy();
    this.announce(run.problem ? `${run.method}: ${run.problem.title}.` : `${run.method}: ${run.status(run.view())}. Reward ${figure(best?.reward)}. ${best?.text ?? ""}`);
  }

  private cancelAll(): void {
    for (const [run, abort] of this.aborts) {
      run.cancelling = true;
      const id = run.view().started?.alignmentId;
      if (id === undefined) {
        abort.abort();
      } else {
        // The run then ends with its best answer so far. If the server cannot be told, the call is given up.
        this.connection.client!.cancel({ target: { case: "alignmentId", value: id } }).catch(() => abort.abort());
      }
    }

    this.announce("Cancelling.");
  }

  private showBusy(): void {
    const isRunning = this.exchanges.some((exchange) => exchange.isRunning);
    if (isRunning === this.cancel.hidden) {
      const hadFocus = document.activeElement === this.send || document.activeElement === this.cancel;
      this.cancel.hidden = !isRunning;
      this.send.hidden = isRunning;
      if (hadFocus) {
        (isRunning ? this.cancel : this.prompt).focus();
      }
    }
  }

  private select(exchange: Exchange | undefined): void {
    this.shown = exchange;
    this.panel.show(exchange);
    this.showTurns();
  }

  private showTurns(): void {
    this.start.hidden = this.exchanges.length > 0;
    fill(this.turns, ...this.exchanges.map((exchange, index) => el("li", { class: exchange === this.shown ? "turn shown" : "turn" },
      el("p", { class: "said" }, el("span", { class: "hidden" }, "You: "), exchange.runs[0]!.prompt || "A recorded run without its prompt"),
      ...exchange.runs.map((run, at) => el("div", { class: `reply run-${at}`, "data-run": `${index}-${at}` }, ...this.reply(run, exchange.runs.length > 1))),
      exchange !== this.shown && button("Show this run", () => this.select(exchange), { class: "link" }))));
    this.turns.lastElementChild?.scrollIntoView({ block: "nearest" });
  }

  private reply(run: Run, isCompared: boolean): (Node | string)[] {
    const view = run.view();
    return [
      el("p", { class: "reply-head" }, isCompared ? el("span", { class: "dot", "aria-hidden": "true" }) : "", `${isCompared ? `${run.label} ` : ""}${run.method}`,
        el("span", { class: "faint" }, ` ${view.final && view.best ? `reward ${figure(view.best.reward)}` : run.status(view).toLowerCase()}`)),
      el("p", {}, view.best?.text ?? ""),
    ];
  }

  private showTurn(run: Run): void {
    this.exchanges.forEach((exchange, index) => {
      const at = exchange.runs.indexOf(run);
      const host = at < 0 ? null : this.turns.querySelector(`[data-run="${index}-${at}"]`);
      if (host) {
        fill(host, ...this.reply(run, exchange.runs.length > 1));
      }
    });
  }

  private clear(): void {
    if (!this.exchanges.some((exchange) => exchange.isRunning)) {
      this.exchanges.length = 0;
      this.select(undefined);
      this.showStart();
      this.prompt.focus();
    }
  }

  private openFiles(): void {
    void this.readFiles([...(this.file.files ?? [])]).then(() => {
      this.file.value = "";
    });
  }

  /** Opens one saved run, or two to compare them. */
  private async readFiles(files: readonly File[]): Promise<void> {
    fill(this.trouble);
    const runs: Run[] = [];
    for (const file of files.slice(0, this.slots.length)) {
      try {
        runs.push(read(await file.text(), this.slots[runs.length]!.label));
      } catch (error) {
        this.failed({
          title: `${file.name} is not a recorded run`, message: error instanceof Error ? error.message : String(error),
          hint: "Open a file that Save run or align --json has written.", violations: [], code: "", opens: undefined,
        });
        return;
      }
    }

    if (runs.length > 0) {
      const exchange = new Exchange(runs);
      this.exchanges.push(exchange);
      this.select(exchange);
      this.announce(`Opened ${runs.length === 1 ? "a run" : "two runs"}.`);
      if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
        this.panel.play();
      }
    }
  }

  /** What takes a person to the field that a violation names. */
  private change(run: Run, field: string, complaint: string): (() => void) | undefined {
    const slot = this.slots.find((each) => each.label === run.label);
    const parameter = slot?.form && new RegExp(`^spec\\.${slot.form.method.name}\\.(\\w+)$`).exec(field)?.[1];
    if (run.isRecording) {
      return undefined;
    } else if (slot && parameter) {
      return () => slot.open(parameter, complaint);
    } else if (this.request.inputOf(field)) {
      return () => this.request.open(field);
    }

    return field.startsWith("spec.prompt") ? () => {
      this.prompt.value = run.prompt;
      this.prompt.focus();
    } : undefined;
  }

  private announce(text: string): void {
    this.announcedAt = performance.now();
    say(this.status, text);
  }
}

new App().begin();
