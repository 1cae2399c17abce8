import { type JsonSpec, type JsonValue, type MethodInfo, type ParameterInfo, ParameterType } from "./contract.js";
import { button, dialog, el, fill, say } from "./dom.js";
import { count, shortNames } from "./figures.js";

/** The form of one method, made from what the server tells of its parameters. Only what is set is sent. */
export class MethodForm {
  private readonly values = new Map<string, string>();

  constructor(readonly method: MethodInfo) {}

  get changed(): number {
    return this.values.size;
  }

  value(name: string): string {
    return this.values.get(name) ?? "";
  }

  set(name: string, value: string): void {
    if (value === "") {
      this.values.delete(name);
    } else {
      this.values.set(name, value);
    }
  }

  clear(): void {
    this.values.clear();
  }

  /** The preset whose defaults apply. */
  get preset(): string {
    const preset = this.method.parameters.find((parameter) => parameter.name === "preset");
    const chosen = preset?.defaults.find((each) => each.value === this.value("preset"));
    return (chosen ?? preset?.defaults[0])?.preset ?? "";
  }

  /** The default of a parameter in the preset in effect; undefined if it has none. */
  standard(parameter: ParameterInfo): string | undefined {
    return (parameter.defaults.find((each) => each.preset === this.preset) ?? parameter.defaults[0])?.value;
  }

  /** The method's message in the contract's JSON. */
  json(): JsonSpec {
    return Object.fromEntries([...this.values].map(([name, value]): [string, JsonValue] => {
      switch (this.method.parameters.find((parameter) => parameter.name === name)?.type) {
        case ParameterType.INTEGER:
        case ParameterType.NUMBER: return [name, Number(value)];
        case ParameterType.BOOLEAN: return [name, value === "true"];
        default: return [name, value];
      }
    }));
  }

  /** The same for the command line's --method. */
  text(): string {
    const parts = [...this.values].map(([name, value]) => {
      const parameter = this.method.parameters.find((each) => each.name === name);
      return `${name}=${parameter?.type === ParameterType.ENUM ? shortNames(parameter.values).get(value) ?? value : value}`;
    });
    return parts.length === 0 ? this.method.name : `${this.method.name}[${parts.join(",")}]`;
  }
}

/** The dialog that edits a form. */
export class ParameterDialog {
  private readonly element: HTMLDialogElement;
  private readonly title: HTMLElement;
  private readonly filter = el("input", { id: "parameter-filter", type: "search", autocomplete: "off", oninput: () => this.applyFilter() });
  private readonly list = el("div", { class: "fields" });
  private readonly text = el("code", { class: "method-text", tabindex: 0 });
  private readonly none = el("p", { class: "faint", hidden: true }, "No parameter has this in its name or description.");
  private form: MethodForm | undefined;

  constructor(private readonly changed: () => void) {
    this.element = dialog("parameters", "Parameters",
      el("p", { class: "faint" }, "Empty fields have the server's defaults, which the fields show."),
      el("div", { class: "field-row" },
        el("label", { class: "field" }, "Find a parameter", this.filter),
        button("Reset all", () => this.reset(), { class: "quiet" })),
      this.list,
      this.none,
      el("p", { class: "faint" }, "For the command line: ", this.text));
    this.title = this.element.querySelector("h2")!;
  }

  /** Opens it; `field` gets the focus and says what is wrong with it. */
  open(form: MethodForm, field?: string, complaint?: string): void {
    this.form = form;
    say(this.title, `Parameters of ${form.method.name}`);
    this.filter.value = "";
    this.show();
    if (!this.element.open) {
      this.element.showModal();
    }

    if (field !== undefined) {
      const input = this.list.querySelector<HTMLElement>(`[name="${CSS.escape(field)}"]`);
      input?.setAttribute("aria-invalid", "true");
      const note = this.list.querySelector(`#help-${CSS.escape(field)} .complaint`);
      if (note && complaint !== undefined) {
        say(note, complaint);
      }

      input?.focus();
      input?.scrollIntoView({ block: "center" });
    }
  }

  private reset(): void {
    this.form?.clear();
    this.show();
    this.changed();
  }

  private show(): void {
    const form = this.form!;
    fill(this.list, ...form.method.parameters.map((parameter) => this.field(form, parameter)));
    this.applyFilter();
    say(this.text, form.text());
  }

  private applyFilter(): void {
    const wanted = this.filter.value.trim().toLowerCase();
    let shown = 0;
    for (const field of this.list.children) {
      const isWanted = field.textContent.toLowerCase().includes(wanted);
      (field as HTMLElement).hidden = !isWanted;
      shown += isWanted ? 1 : 0;
    }

    this.none.hidden = shown > 0;
  }

  private field(form: MethodForm, parameter: ParameterInfo): HTMLElement {
    const help = `help-${parameter.name}`;
    const input = this.input(form, parameter);
    input.id = `parameter-${parameter.name}`;
    input.setAttribute("name", parameter.name);
    input.setAttribute("aria-describedby", help);
    input.addEventListener("change", () => {
      form.set(parameter.name, input.value.trim());
      input.removeAttribute("aria-invalid");
      say(this.text, form.text());
      this.changed();
      if (parameter.name === "preset") {
        this.show();
        this.list.querySelector<HTMLElement>("[name=preset]")?.focus();
      }
    });
    return el("div", { class: "field" },
      el("label", { for: input.id }, parameter.name),
      input,
      el("p", { id: help, class: "help" }, el("strong", { class: "complaint" }), ` ${parameter.description} `, el("span", { class: "range" }, range(parameter))));
  }

  private input(form: MethodForm, parameter: ParameterInfo): HTMLInputElement | HTMLSelectElement {
    const standard = form.standard(parameter);
    if (parameter.type === ParameterType.INTEGER || parameter.type === ParameterType.NUMBER) {
      return el("input", {
        type: "number", step: parameter.type === ParameterType.INTEGER ? 1 : "any", min: parameter.minimum, max: parameter.maximum,
        placeholder: standard ?? "not set", value: form.value(parameter.name),
      });
    }

    const values = parameter.type === ParameterType.BOOLEAN ? ["true", "false"] : parameter.values;
    const names = parameter.type === ParameterType.BOOLEAN ? new Map(values.map((value) => [value, value])) : shortNames(values);
    const select = el("select", {},
      new Option(standard === undefined ? "not set" : `default (${names.get(standard) ?? standard})`, ""),
      ...values.map((value) => new Option(names.get(value) ?? value, value)));
    select.value = form.value(parameter.name);
    return select;
  }
}

/** A parameter's range and unit in words. A maximum that only the number's type sets is none. */
export function range(parameter: ParameterInfo): string {
  const number = (value: number): string => (Math.abs(value) >= 10_000 ? count(value) : String(value));
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = parameter;
  const low = exclusiveMinimum !== undefined ? `above ${number(exclusiveMinimum)}` : minimum !== undefined ? `at least ${number(minimum)}` : "";
  const high = exclusiveMaximum !== undefined ? `below ${number(exclusiveMaximum)}` : maximum !== undefined && maximum < 2 ** 31 - 1 ? `at most ${number(maximum)}` : "";
  const isPlain = minimum !== undefined && exclusiveMinimum === undefined && exclusiveMaximum === undefined && high !== "";
  const bounds = isPlain ? `${number(minimum)} to ${number(maximum!)}` : [low, high].filter((text) => text !== "").join(", ");
  return [bounds, parameter.unit].filter((text) => text !== "").join(" ");
}
