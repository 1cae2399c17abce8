import { parseAddress } from "./address.js";
import { type ClientOptions, SeaClient } from "./client.js";
import { NodeTransport } from "./node-transport.js";

export * from "./public.js";

/** How a client for Node connects and calls. */
export interface NodeOptions extends ClientOptions {
  /** Certificates in PEM that are trusted instead of the system's. */
  readonly rootCertificates?: Uint8Array | string;
  /** The client's certificate in PEM, then those that signed it, for a server that asks callers for one. Needs `privateKey`. */
  readonly certificateChain?: Uint8Array | string;
  /** The private key of the client's certificate in PEM. */
  readonly privateKey?: Uint8Array | string;
}

/**
 * Opens a client for Node of `http://HOST:PORT`, `https://HOST:PORT` (TLS), `HOST:PORT` (as http://) or `unix:PATH`. The connection is
 * made by the first call.
 */
export function connect(address: string, options: NodeOptions = {}): SeaClient {
  return new SeaClient(new NodeTransport(parseAddress(address), options), options);
}
