// Writes the tables of characters that tokenizers are read with, out of Hugging Face's tokenizers in Rust (npm's package `tokenizers`, whose
// version stands in tests/tools/package.json), which it asks about every code point:
//   npm install --prefix tests/tools && node build/make-character-data.mjs
// - src/SeaGrpc.Modeling/Tokenization/Normalization/NormalizationData.txt: (de)compositions and combining classes of its normal forms.
// - src/SeaGrpc.Modeling/Tokenization/Characters/CharacterData.txt: general categories as its regular expressions (Oniguruma) have them,
//   and the sets that its parts use. Each part has a Unicode version of its own, so none of them can be taken from Unicode's files.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const tools = new URL('../tests/tools/', import.meta.url);
const library = createRequire(new URL('package.json', tools))('tokenizers');
const { version } = JSON.parse(readFileSync(new URL('node_modules/tokenizers/package.json', tools), 'utf8'));
const hex = (codePoint) => codePoint.toString(16).toUpperCase();
const hexes = (text) => [...text].map((c) => hex(c.codePointAt(0))).join(' ');
const points = [];
for (let c = 1; c <= 0x10ffff; c++) if (c < 0xd800 || c > 0xdfff) points.push(c);

const load = (parts) => library.Tokenizer.fromString(JSON.stringify({
  version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null,
  model: { type: 'WordLevel', vocab: { a: 0 }, unk_token: 'a' }, ...parts,
}));
const normalizer = (type) => {
  const part = load({ normalizer: { type } }).getNormalizer();
  return (text) => part.normalizeString(text);
};
const preTokenizer = (part) => {
  const step = load({ pre_tokenizer: part }).getPreTokenizer();
  return (text) => step.preTokenizeString(text).map(([piece]) => piece);
};
const ranges = (list) => {
  const found = [];
  for (const point of [...list].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && last[1] === point - 1) last[1] = point;
    else found.push([point, point]);
  }
  return found.map(([a, b]) => (a === b ? hex(a) : `${hex(a)}-${hex(b)}`)).join(' ');
};
const write = (name, lines) => {
  const head = `# Hugging Face's tokenizers ${version}; written by build/make-character-data.mjs.`;
  writeFileSync(new URL(`../src/SeaGrpc.Modeling/Tokenization/${name}`, import.meta.url), [head, ...lines].join('\n') + '\n');
};

// The code points that a pattern of one character matches, asked a few thousand at a time: each is put between two characters that are no match.
function matched(pattern, between) {
  const split = preTokenizer({ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false });
  const found = new Set();
  for (let i = 0; i < points.length; i += 4096) {
    const text = points.slice(i, i + 4096).map((c) => String.fromCodePoint(c)).join(between);
    for (const piece of split(between + between + text + between + between)) {
      const code = piece.codePointAt(0);
      if (piece !== between && piece.length === (code > 0xffff ? 2 : 1)) found.add(code);
    }
  }
  return found;
}

function writeNormalization() {
  const [nfd, nfc, nfkd] = ['NFD', 'NFC', 'NFKD'].map(normalizer);
  // One character of each canonical combining class; every other one is placed by how it sorts among these.
  const swaps = (a, b) => a !== b && nfd(a + b) === b + a;
  const [lowest, highest] = ['\u0334', '\u0345'];
  const isMark = (c) => swaps(highest, c) || swaps(c, lowest) || c === lowest || c === highest;
  const representatives = Object.entries({
    1: 0x334, 6: 0x16ff0, 7: 0x93c, 8: 0x3099, 9: 0x94d, 10: 0x5b0, 11: 0x5b1, 12: 0x5b2, 13: 0x5b3, 14: 0x5b4, 15: 0x5b5, 16: 0x5b6, 17: 0x5b7,
    18: 0x5b8, 19: 0x5b9, 20: 0x5bb, 21: 0x5bc, 22: 0x5bd, 23: 0x5bf, 24: 0x5c1, 25: 0x5c2, 26: 0xfb1e, 27: 0x64b,
    28: 0x64c, 29: 0x64d, 30: 0x64e, 31: 0x64f, 32: 0x650, 33: 0x651, 34: 0x652, 35: 0x670, 36: 0x711, 84: 0xc55,
    91: 0xc56, 103: 0xe38, 107: 0xe48, 118: 0xeb8, 122: 0xec8, 129: 0xf71, 130: 0xf72, 132: 0xf74, 202: 0x321,
    214: 0x1dce, 216: 0x31b, 218: 0x302a, 220: 0x316, 222: 0x59a, 224: 0x302e, 226: 0x1d16d, 228: 0x5ae, 230: 0x300,
    232: 0x315, 233: 0x35c, 234: 0x35d, 240: 0x345,
  }).map(([key, value]) => [Number(key), String.fromCodePoint(value)]).filter(([, c]) => isMark(c));
  const classes = new Map();
  const decompositions = [];
  const compositions = [];
  const compatibility = [];
  for (const codePoint of points) {
    if (codePoint < 0xa0 || (codePoint >= 0xac00 && codePoint <= 0xd7a3)) continue; // Hangul syllables go by arithmetic.
    const c = String.fromCodePoint(codePoint);
    const full = nfd(c);
    const compatible = nfkd(c);
    if (compatible !== full) compatibility.push(`${hex(codePoint)} ${hexes(compatible)}`);
    if (full !== c) {
      decompositions.push(`${hex(codePoint)} ${hexes(full)}`);
      if (nfc(c) === c) {
        const parts = [...full];
        const first = nfc(parts.slice(0, -1).join(''));
        if ([...first].length !== 1) throw new Error(`U+${hex(codePoint)} is not a pair`);
        compositions.push(`${hexes(first)} ${hexes(parts.at(-1))} ${hex(codePoint)}`);
      }
    } else if (isMark(c)) {
      const found = representatives.find(([, other]) => !swaps(c, other) && !swaps(other, c));
      if (!found) throw new Error(`no class for U+${hex(codePoint)}`);
      classes.set(found[0], [...(classes.get(found[0]) ?? []), codePoint]);
    }
  }
  write('Normalization/NormalizationData.txt', [
    '[classes]', ...[...classes].sort((a, b) => a[0] - b[0]).map(([key, list]) => `${key} ${ranges(list)}`),
    '[decompositions]', ...decompositions,
    '[compositions]', ...compositions,
    '[compatibility]', ...compatibility,
  ]);
}

function writeCharacters() {
  const names = ['Lu', 'Ll', 'Lt', 'Lm', 'Lo', 'Mn', 'Mc', 'Me', 'Nd', 'Nl', 'No', 'Pc', 'Pd', 'Ps', 'Pe', 'Pi', 'Pf', 'Po', 'Sm', 'Sc', 'Sk', 'So',
    'Zs', 'Zl', 'Zp', 'Cc', 'Cf', 'Co'];
  const categories = new Map(names.map((name) => [name, matched(`\\p{${name}}`, name === 'Cc' ? 'a' : '\0')]));
  categories.get('Ll').add(0x61);

  // A set as categories, what it has besides, and what of them it lacks.
  const describe = (name, set) => {
    const whole = names.filter((category) => [...categories.get(category)].filter((c) => set.has(c)).length * 2 > categories.get(category).size);
    const covered = new Set(whole.flatMap((category) => [...categories.get(category)]));
    return [`[${name}]`, `of ${whole.join(' ')}`, `with ${ranges([...set].filter((c) => !covered.has(c)))}`,
      `without ${ranges([...covered].filter((c) => !set.has(c)))}`].map((line) => line.trimEnd());
  };
  const isIn = (test) => new Set(points.filter((c) => test(String.fromCodePoint(c))));
  const [strip, lower] = [normalizer('StripAccents'), normalizer('Lowercase')];
  const isolate = (part, around) => {
    const split = preTokenizer(part);
    return (c) => split(around + c + around).length === 3;
  };
  const whitespace = preTokenizer({ type: 'Whitespace' });
  write('Characters/CharacterData.txt', [
    ...names.flatMap((name) => [`[category ${name}]`, ranges(categories.get(name))]),
    ...describe('word of Oniguruma', new Set([...matched('\\w', '\0'), 0x61])),
    ...describe('word', isIn((c) => whitespace(`a${c}a`).length === 1)),
    ...describe('mark', isIn((c) => strip(c) === '')),
    ...describe('punctuation', isIn(isolate({ type: 'Punctuation', behavior: 'Isolated' }, 'a'))),
    ...describe('numeric', isIn(isolate({ type: 'Digits', individual_digits: true }, 'a'))),
    '[lower]', ...points.map((c) => String.fromCodePoint(c)).filter((c) => lower(c) !== c).map((c) => hexes(c + lower(c))),
  ]);
}

writeNormalization();
writeCharacters();
