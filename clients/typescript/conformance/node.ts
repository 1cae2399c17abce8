/** Runs the conformance cases of a file and prints what came of each, one JSON object a line: clients/conformance/README.md. */
import { readFileSync } from "node:fs";
import { connect } from "../src/index.js";
import { type Case, observe } from "./observe.js";

for (const each of JSON.parse(readFileSync(process.argv[2]!, "utf8")) as Case[]) {
  const observed = await observe(each, ({ server, token, ca, attempts }) => connect(server, {
    ...(token === undefined ? {} : { token }),
    ...(ca === undefined ? {} : { rootCertificates: readFileSync(ca) }),
    ...(attempts === undefined ? {} : { retries: { maxAttempts: attempts } }),
  }));
  await new Promise((resolve) => process.stdout.write(`${JSON.stringify(observed)}\n`, resolve));
}
