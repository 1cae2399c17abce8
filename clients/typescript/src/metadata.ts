/** What goes with a call beside its request. The value of a key that ends in -bin is bytes, of any other a string. */
export type CallMetadata = Readonly<Record<string, string | Uint8Array>>;

/** The headers of one call. An authorization among its metadata takes the token's place. */
export function headersOf(token: string | undefined, metadata: CallMetadata = {}): CallMetadata {
  const given = Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value]));
  return token === undefined ? given : { authorization: `Bearer ${token}`, ...given };
}
