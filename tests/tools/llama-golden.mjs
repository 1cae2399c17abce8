// Makes the golden files of tests/SeaGrpc.Modeling.Tests/Families/Golden: llama.cpp's log-probabilities for the tiny checkpoints.
// Not one of the tests' own tools, because of its size:
//   npm install --no-save --ignore-scripts --omit=optional node-llama-cpp@3.22.1 @node-llama-cpp/linux-x64@3.22.1
//   SEAGRPC_GGUF=/tmp/gguf tests/SeaGrpc.Modeling.Tests/bin/Release/net10.0/linux-x64/SeaGrpc.Modeling.Tests --filter-class "*LlamaCppTests"
//   node tests/tools/llama-golden.mjs /tmp/gguf tests/SeaGrpc.Modeling.Tests/Families/Golden
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { getLlama } from 'node-llama-cpp';

const [source, target] = process.argv.slice(2);
const positions = [0, 7, 22];
const ids = Array.from({ length: 23 }, (_, at) => (at * 37) % 256);
const llama = await getLlama({ gpu: false, build: 'never' });
mkdirSync(target, { recursive: true });
for (const file of readdirSync(source).filter((name) => name.endsWith('.gguf')).sort()) {
  const model = await llama.loadModel({ modelPath: `${source}/${file}` });
  const context = await model.createContext({
    contextSize: 64, sequences: 1, flashAttention: false, experimentalKvCacheKeyType: 'F32', experimentalKvCacheValueType: 'F32',
  });
  const read = await context.getSequence().controlledEvaluate(
    ids.map((id, at) => (positions.includes(at) ? [id, { generateNext: { probabilities: true } }] : id)));
  const logProbabilities = positions.map((at) => {
    const row = Array(264).fill(null);
    for (const [id, value] of read[at].next.probabilities) row[id] = Math.log(value);
    return row.map((value) => (Number.isFinite(value) ? Number(value.toFixed(6)) : null));
  });
  const sha256 = createHash('sha256').update(readFileSync(`${source}/${file}`)).digest('hex');
  const golden = { made_with: 'node-llama-cpp 3.22.1', llama_cpp: String(llama.llamaCppRelease?.release ?? ''), sha256, ids, positions, log_probabilities: logProbabilities };
  writeFileSync(`${target}/${file.replace('.gguf', '.json')}`, `${JSON.stringify(golden)}\n`);
  console.log(file, logProbabilities[2].slice(0, 3), row0(logProbabilities));
  await context.dispose();
  await model.dispose();
}

function row0(rows) {
  return rows.map((row) => row.filter((value) => value === null).length);
}
