/** What of one text stands in another, word by word, as the server compares them. */

/** Above this number of comparisons, everything between the common start and end is one change. */
const maxCells = 1_000_000;

/** A stretch of words of a text that replaces words of a draft. Half-open; either may be empty. */
export interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly was: string;
}

/** Runs of letters and digits, and every other character for itself. */
export function words(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+|[^\p{L}\p{N}]/gu) ?? [];
}

/** For every word of `after`, its index in `before` if both have it in common, or -1: a longest common subsequence. */
export function common(before: readonly string[], after: readonly string[]): Int32Array {
  const kept = new Int32Array(after.length).fill(-1);
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) {
    kept[head] = head++;
  }

  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) {
    tail++;
    kept[after.length - tail] = before.length - tail;
  }

  const rows = before.length - head - tail;
  const columns = after.length - head - tail;
  if (rows === 0 || columns === 0 || rows * columns > maxCells) {
    return kept;
  }

  const lengths = new Int32Array((rows + 1) * (columns + 1));
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const at = row * (columns + 1) + column;
      lengths[at] = before[head + row] === after[head + column]
        ? lengths[at + columns + 2]! + 1
        : Math.max(lengths[at + 1]!, lengths[at + columns + 1]!);
    }
  }

  for (let row = 0, column = 0; row < rows && column < columns;) {
    const at = row * (columns + 1) + column;
    if (before[head + row] === after[head + column]) {
      kept[head + column++] = head + row++;
    } else if (lengths[at + 1]! >= lengths[at + columns + 1]!) {
      column++;
    } else {
      row++;
    }
  }

  return kept;
}

/** The changes from a draft to a text. What is parted by nothing but blanks is one change. */
export function changes(draft: string, text: string): Change[] {
  const before = words(draft);
  const after = words(text);
  const kept = common(before, after);
  const found: { start: number; end: number; from: number; to: number }[] = [];
  let from = 0;
  for (let at = 0; at <= after.length;) {
    let end = at;
    while (end < after.length && kept[end] === -1) {
      end++;
    }

    const to = end < after.length ? kept[end]! : before.length;
    if (end > at || to > from) {
      const last = found.at(-1);
      const between = last === undefined ? [""] : after.slice(last.end, at);
      if (last !== undefined && between.every((word) => /^\s+$/.test(word))) {
        last.end = end;
        last.to = to;
      } else {
        found.push({ start: at, end, from, to });
      }
    }

    from = to + 1;
    at = end + 1;
  }

  return found.map(({ start, end, from: first, to }) => ({ start, end, text: after.slice(start, end).join(""), was: before.slice(first, to).join("") }));
}

/** Another text, word by word aligned with a text. */
export interface Aligned {
  readonly words: readonly string[];
  /** For every word of the text, its index among `words`, or -1. */
  readonly kept: Int32Array;
}

/** Aligns another text with a text. */
export function align(text: readonly string[], other: string): Aligned {
  const found = words(other);
  return { words: found, kept: common(found, text) };
}

/** What another text has in the place of words `start` to `end` of a text; undefined where the words around them differ. */
export function inPlace({ words: other, kept }: Aligned, start: number, end: number): string | undefined {
  const first = start === 0 ? 0 : kept[start - 1]! + 1;
  const last = end === kept.length ? other.length : kept[end]!;
  return (start > 0 && first === 0) || last < first ? undefined : other.slice(first, last).join("");
}
