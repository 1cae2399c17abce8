import { type GetServerInfoResponse, type JsonSpec, type JsonValue, ModelRole } from "./contract.js";
import { dialog, el, fill } from "./dom.js";

/** Alternatives that are told at each token. */
const alternatives = 5;

/** What a request has beside its prompt and its method: the dialog, and the spec's JSON. */
export class RequestForm {
  private readonly element: HTMLDialogElement;
  private readonly system = el("textarea", { id: "request-system", rows: 2 });
  private readonly draft = el("textarea", { id: "request-draft", rows: 4, "aria-describedby": "help-draft" });
  private readonly seed = el("input", { id: "request-seed", inputmode: "numeric", autocomplete: "off", placeholder: "a new one each time", pattern: "[0-9]*" });
  private readonly tokens = el("input", { id: "request-tokens", type: "number", min: 1, step: 1 });
  private readonly limit = el("input", { id: "request-limit", type: "number", min: 0, step: "any", placeholder: "none" });
  private readonly stops = el("textarea", { id: "request-stops", rows: 2 });
  private readonly byToken = el("input", { id: "request-by-token", type: "checkbox", checked: true });
  private readonly followUp = el("input", { id: "request-follow", type: "checkbox" });
  private readonly shares = el("div", { class: "fields" });
  private rewards: readonly string[] = [];

  constructor(changed: () => void) {
    this.element = dialog("request", "Request",
      el("div", { class: "fields" },
        field("Your draft", this.draft, "An answer that you already have. It is scored, improved, and returned if nothing better is found.", "help-draft"),
        field("System message", this.system),
        field("Seed", this.seed, "The same seed, request and models give the same answer on one CPU."),
        field("Longest answer", this.tokens, "In tokens."),
        field("Time limit", this.limit, "In seconds. The run ends with its best answer so far."),
        field("Stop strings", this.stops, "One in each line. The answer ends before the first place where one occurs."),
        el("div", { class: "field" },
          el("label", { class: "check" }, this.byToken, " Figures by token"),
          el("p", { class: "help" }, "Read the answer once more, for the log-probability, the gradient and the alternatives of each token.")),
        el("div", { class: "field" },
          el("label", { class: "check" }, this.followUp, " Follow up on the conversation"),
          el("p", { class: "help" }, "Also send the turns before. Without this, each prompt stands alone."))),
      this.shares);
    this.element.addEventListener("change", changed);
  }

  get follows(): boolean {
    return this.followUp.checked;
  }

  /** How many fields are set. */
  get changed(): number {
    return [this.system, this.draft, this.seed, this.tokens, this.limit, this.stops, ...this.shareInputs()].filter((input) => input.value.trim() !== "").length
      + (this.followUp.checked ? 1 : 0);
  }

  open(field?: string): void {
    this.element.showModal();
    const input = field === undefined ? undefined : this.inputOf(field);
    input?.focus();
  }

  /** The input of a field of the spec, or undefined. */
  inputOf(field: string): HTMLElement | undefined {
    const names: Readonly<Record<string, HTMLElement>> = {
      draft_response: this.draft, seed: this.seed, max_response_tokens: this.tokens, time_limit: this.limit, stop_strings: this.stops, token_alternatives: this.byToken, reward_shares: this.shares,
    };
    return Object.entries(names).find(([name]) => field === `spec.${name}` || field.startsWith(`spec.${name}.`) || field.startsWith(`spec.${name}[`))?.[1];
  }

  /** Takes limits and rewards of a server. */
  use(info: GetServerInfoResponse): void {
    this.tokens.max = String(info.limits?.maxResponseTokens ?? "");
    this.tokens.placeholder = String(info.limits?.defaultResponseTokens ?? "");
    // Some engines do not tell figures of given tokens.
    this.byToken.checked = info.contractRevision >= 15 && info.models.every((model) => model.role !== ModelRole.POLICY || model.address === "");
    const rewards = info.models.filter((model) => model.role === ModelRole.REWARD);
    this.rewards = rewards.length > 1 ? rewards.map((reward) => reward.name) : [];
    fill(this.shares, ...(rewards.length > 1 ? rewards : []).map((reward) =>
      field(`Weight of ${reward.name}`, el("input", { id: `share-${reward.name}`, type: "number", step: "any", placeholder: String(reward.rewardShare) }))));
  }

  get systemMessage(): string {
    return this.system.value.trim();
  }

  /** The seed in decimal; a new one if none is given, so that two methods start from the same. */
  drawSeed(): string {
    return this.seed.value.trim() || String(crypto.getRandomValues(new Uint32Array(1))[0]);
  }

  /** The fields of the spec. */
  json(): JsonSpec {
    const spec: JsonSpec = {};
    const set = (name: string, value: string, make: (text: string) => JsonValue): void => {
      if (value.trim() !== "") {
        spec[name] = make(value.trim());
      }
    };
    set("draft_response", this.draft.value, (text) => ({ text }));
    set("max_response_tokens", this.tokens.value, Number);
    set("time_limit", this.limit.value, (text) => `${Number(text)}s`);
    const stops = this.stops.value.split("\n").filter((line) => line !== "");
    if (stops.length > 0) {
      spec["stop_strings"] = stops;
    }

    if (this.byToken.checked) {
      spec["token_alternatives"] = alternatives;
    }

    const shares = this.shareInputs().map((input, index) => ({ name: this.rewards[index]!, share: Number(input.value || input.placeholder) }));
    if (this.shareInputs().some((input) => input.value !== "")) {
      spec["reward_shares"] = shares;
    }

    return spec;
  }

  private shareInputs(): HTMLInputElement[] {
    return [...this.shares.querySelectorAll("input")];
  }
}

function field(label: string, input: HTMLInputElement | HTMLTextAreaElement, help = "", id = `help-of-${input.id}`): HTMLElement {
  if (help !== "") {
    input.setAttribute("aria-describedby", id);
  }

  return el("div", { class: "field" }, el("label", { for: input.id }, label), input, help !== "" && el("p", { id, class: "help" }, help));
}
