/** Calls a server over TLS: node tls.js ADDRESS ROOTS.pem [CERTIFICATE.pem KEY.pem] */
import { readFileSync } from "node:fs";
import { type AlignmentSpecInit, chat, connect, type NodeOptions, SeaGrpcError } from "../src/index.js";

const [address, roots, certificate, key] = process.argv.slice(2) as [string, string, string?, string?];
const own = certificate !== undefined && key !== undefined
  ? { certificateChain: readFileSync(certificate), privateKey: readFileSync(key) }
  : {};
const token = process.env["SEAGRPC_TOKEN"];
const options: NodeOptions = {
  rootCertificates: readFileSync(roots), // Without it, those of the system.
  ...own,
  ...(token === undefined ? {} : { token }),
};
const client = connect(address, options);
const spec: AlignmentSpecInit = {
  prompt: chat("My kettle is leaking, what can you do?"),
  method: { case: "sea", value: {} },
  seed: 1n,
};
try {
  const { final } = await client.align(spec, { timeoutMs: 60_000 });
  console.log(`answer ${final?.response?.reward.toFixed(2)}  ${final?.response?.text}`);
} catch (error) {
  console.error(error instanceof SeaGrpcError ? `${error.code} ${error.reason}: ${error.message}` : String(error));
  process.exitCode = 1;
} finally {
  client.close();
}
