/** Where a server listens, as @grpc/grpc-js wants it. */
export interface ServerAddress {
  readonly target: string;
  readonly tls: boolean;
}

const socket = /^unix:(?:(?=\/\/\/)\/\/)?(?!\/\/)(?=.*[^/]).+$/s;
const tcp = /^(?:(https?):\/\/)?([^\s/?#@[\]:]+|\[[^\s/?#@[\]]+\])(?::([0-9]{1,5}))?\/?$/i;
const forms = "http://HOST:PORT, https://HOST:PORT, HOST:PORT (as http://)";

/** Reads `http://HOST:PORT`, `https://HOST:PORT`, `HOST:PORT` or `unix:PATH`. The port is optional behind a scheme, which has its own. */
export function parseAddress(address: string): ServerAddress {
  if (socket.test(address)) {
    return { target: address, tls: false };
  }

  const [, scheme, host, port] = tcp.exec(address) ?? [];
  if (host === undefined || (scheme === undefined && port === undefined) || !isPort(port)) {
    throw new TypeError(`'${address}' is not an address: write ${forms} or unix:PATH.`);
  }

  const tls = scheme?.toLowerCase() === "https";
  return { target: `${host}:${port ?? (tls ? 443 : 80)}`, tls };
}

/** Reads what a page can call: the same without Unix sockets, and any URL of HTTP, from the page's own too. */
export function parseWebAddress(address: string): string {
  const [, scheme, , port] = tcp.exec(address) ?? [];
  if (scheme === undefined && port !== undefined && isPort(port)) {
    return `http://${address}`;
  }

  const url = resolve(address);
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.port === "0") {
    throw new TypeError(`'${address}' is not an address that a page can call: write ${forms}, or a URL from the page's own.`);
  }

  return address;
}

function isPort(port: string | undefined): boolean {
  return port === undefined || (Number(port) > 0 && Number(port) < 65536);
}

function resolve(address: string): URL | undefined {
  try {
    return /^(?:$|[./])/.test(address) ? new URL(address, globalThis.location?.href) : new URL(address);
  } catch {
    return undefined;
  }
}
