import { type ClientOptions, SeaClient } from "./client.js";
import { NodeTransport } from "./node-transport.js";

export * from "./public.js";

/** Opens a client for Node. The connection is made by the first call. */
export function connect(address: string, options: ClientOptions & { readonly rootCertificates?: Buffer } = {}): SeaClient {
  return new SeaClient(new NodeTransport(address, options.rootCertificates), options);
}
