import { type ClientOptions, SeaClient } from "./client.js";
import { WebTransport } from "./web-transport.js";

export * from "./public.js";

/** Opens a client for a browser: gRPC-Web to the server's HTTP address, which must allow the page's origin. */
export function connect(address: string, options: ClientOptions = {}): SeaClient {
  return new SeaClient(new WebTransport(address), options);
}
