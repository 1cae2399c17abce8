/** Shows a stream with a progress bar, then the answer: node progress.js ADDRESS [PROMPT] */
import { type AlignmentSpecInit, chat, connect, InvalidRequestError, SeaGrpcError } from "../src/index.js";

const [address = "http://127.0.0.1:50051", question = "My kettle is leaking, what can you do?"] = process.argv.slice(2);
const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort());

const client = connect(address);
const spec: AlignmentSpecInit = {
  prompt: chat(question),
  method: { case: "sea", value: {} },
  seed: 1n,
};
try {
  for await (const { event } of client.stream(spec, { timeoutMs: 60_000, signal: interrupted.signal })) {
    if (event.case === "draft") {
      console.log(`draft  ${event.value.best?.reward.toFixed(2)}  ${event.value.best?.text}`);
    } else if (event.case === "iteration") {
      const { index, total, best } = event.value;
      const done = Math.floor((30 * index) / total);
      process.stderr.write(`\r[${"#".repeat(done)}${".".repeat(30 - done)}] ${index}/${total} reward ${best?.reward.toFixed(2)}`);
    } else if (event.case === "final") {
      process.stderr.write("\n");
      console.log(`answer ${event.value.response?.reward.toFixed(2)}  ${event.value.response?.text}`);
    }
  }
} catch (error) {
  if (error instanceof InvalidRequestError) {
    error.violations.forEach(({ field, description }) => console.error(`${field}: ${description}`));
  } else if (error instanceof SeaGrpcError) {
    console.error(`${error.code} ${error.reason}: ${error.message}`);
  } else {
    console.error(String(error));
  }

  process.exitCode = 1;
} finally {
  client.close();
}
