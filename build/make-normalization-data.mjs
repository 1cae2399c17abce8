// Writes src/SeaGrpc.Modeling/Tokenization/Normalization/NormalizationData.txt, the data of Unicode's (de)compositions, out of the
// tables that this Node carries:   node build/make-normalization-data.mjs
import { writeFileSync } from 'node:fs';

const hex = (codePoint) => codePoint.toString(16).toUpperCase();
const hexes = (text) => [...text].map((c) => hex(c.codePointAt(0))).join(' ');
// One character of each canonical combining class; every other one is placed by how it sorts among these.
const representatives = new Map(Object.entries({
  1: 0x334, 6: 0x16ff0, 7: 0x93c, 8: 0x3099, 9: 0x94d, 10: 0x5b0, 11: 0x5b1, 12: 0x5b2, 13: 0x5b3, 14: 0x5b4, 15: 0x5b5, 16: 0x5b6, 17: 0x5b7,
  18: 0x5b8, 19: 0x5b9, 20: 0x5bb, 21: 0x5bc, 22: 0x5bd, 23: 0x5bf, 24: 0x5c1, 25: 0x5c2, 26: 0xfb1e, 27: 0x64b,
  28: 0x64c, 29: 0x64d, 30: 0x64e, 31: 0x64f, 32: 0x650, 33: 0x651, 34: 0x652, 35: 0x670, 36: 0x711, 84: 0xc55,
  91: 0xc56, 103: 0xe38, 107: 0xe48, 118: 0xeb8, 122: 0xec8, 129: 0xf71, 130: 0xf72, 132: 0xf74, 202: 0x321,
  214: 0x1dce, 216: 0x31b, 218: 0x302a, 220: 0x316, 222: 0x59a, 224: 0x302e, 226: 0x1d16d, 228: 0x5ae, 230: 0x300,
  232: 0x315, 233: 0x35c, 234: 0x35d, 240: 0x345,
}).map(([key, value]) => [Number(key), String.fromCodePoint(value)]));
const swaps = (a, b) => (a + b).normalize('NFD') === b + a && a !== b;
const lowest = representatives.get(1);
const highest = representatives.get(240);

const classes = new Map();
const decompositions = [];
const compositions = [];
const compatibility = [];
for (let codePoint = 0xa0; codePoint <= 0x10ffff; codePoint++) {
  if (codePoint >= 0xac00 && codePoint <= 0xdfff) continue; // Hangul syllables go by arithmetic; surrogates are no characters.
  const c = String.fromCodePoint(codePoint);
  const full = c.normalize('NFD');
  const compatible = c.normalize('NFKD');
  if (compatible !== full) compatibility.push(`${hex(codePoint)} ${hexes(compatible)}`);
  if (full !== c) {
    decompositions.push(`${hex(codePoint)} ${hexes(full)}`);
    if (c.normalize('NFC') === c) {
      const parts = [...full];
      const first = parts.slice(0, -1).join('').normalize('NFC');
      if ([...first].length !== 1) throw new Error(`U+${hex(codePoint)} is not a pair`);
      compositions.push(`${hexes(first)} ${hexes(parts.at(-1))} ${hex(codePoint)}`);
    }
  } else if (swaps(highest, c) || swaps(c, lowest) || c === lowest || c === highest) {
    const found = [...representatives].find(([, other]) => !swaps(c, other) && !swaps(other, c));
    if (!found) throw new Error(`no class for U+${hex(codePoint)}`);
    classes.set(found[0], [...(classes.get(found[0]) ?? []), codePoint]);
  }
}

const ranges = (points) => {
  const list = [];
  for (const point of points) {
    const last = list.at(-1);
    if (last && last[1] === point - 1) last[1] = point;
    else list.push([point, point]);
  }
  return list.map(([a, b]) => (a === b ? hex(a) : `${hex(a)}-${hex(b)}`)).join(' ');
};
const lines = [
  `# Unicode ${process.versions.unicode}; written by build/make-normalization-data.mjs with Node ${process.versions.node}.`,
  '[classes]', ...[...classes].sort((a, b) => a[0] - b[0]).map(([key, points]) => `${key} ${ranges(points)}`),
  '[decompositions]', ...decompositions,
  '[compositions]', ...compositions,
  '[compatibility]', ...compatibility,
];
const target = new URL('../src/SeaGrpc.Modeling/Tokenization/Normalization/NormalizationData.txt', import.meta.url);
writeFileSync(target, lines.join('\n') + '\n');
