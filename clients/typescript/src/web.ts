import { parseWebAddress } from "./address.js";
import { type ClientOptions, SeaClient } from "./client.js";
import { WebTransport } from "./web-transport.js";

export * from "./public.js";

/**
 * Opens a client for a browser: gRPC-Web to the server's HTTP address, `http://HOST:PORT`, `https://HOST:PORT`, `HOST:PORT` or a URL from
 * the page's own. The server must allow the page's origin.
 */
export function connect(address: string, options: ClientOptions = {}): SeaClient {
  return new SeaClient(new WebTransport(parseWebAddress(address)), options);
}
