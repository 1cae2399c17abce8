/** How figures and texts are written. */

/** A figure with two digits behind the point; a dash if there is none. */
export function figure(value: number | undefined): string {
  return value === undefined ? "–" : value.toFixed(2).replace(/^-0\.00$/, "0.00").replace("-", "−");
}

/** A difference, with its sign. */
export function signed(value: number): string {
  const text = figure(Math.abs(value));
  return text === "0.00" ? "0.00" : `${value < 0 ? "−" : "+"}${text}`;
}

/** A whole number with thousands apart. */
export function count(value: number | bigint): string {
  return value.toLocaleString("en");
}

/** A text in quotation marks, cut if it is long. */
export function quoted(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" ? "nothing" : `“${trimmed.length > 80 ? `${trimmed.slice(0, 80)}…` : trimmed}”`;
}

/** A name of the contract in a person's words: SEA_STEP_ADAM among the values of its enum is adam. */
export function shortNames(values: readonly string[]): ReadonlyMap<string, string> {
  const words = values.map((value) => value.split("_"));
  let common = 0;
  while (words.length > 0 && words.every((each) => each.length > common + 1 && each[common] === words[0]![common])) {
    common++;
  }

  return new Map(values.map((value, index) => [value, words[index]!.slice(values.length > 1 ? common : 0).join("_").toLowerCase()]));
}

/** A duration of the contract. */
export function seconds(duration: { readonly seconds: bigint; readonly nanos: number } | undefined): string {
  return duration ? `${(Number(duration.seconds) + duration.nanos / 1e9).toFixed(2)} s` : "–";
}
