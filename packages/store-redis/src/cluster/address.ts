/** Where a server listens, as `host:port`; an IPv6 address stands in brackets. */
export type Address = string;

/** Makes an address of its parts. */
export function addressOf(host: string, port: number): Address {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The parts of an address. The port is behind the last colon, since Redis writes IPv6 without brackets. */
export function addressParts(address: Address): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon);
  return { host: host.startsWith("[") ? host.slice(1, -1) : host, port: Number(address.slice(colon + 1)) };
}
