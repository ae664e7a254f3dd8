/**
 * The address by which a peer is counted: an IPv4 address, also where it is written as IPv6, or the first 64 bits of
 * an IPv6 address, since the holder of one has all that begin with them.
 *
 * @returns `unknown` for a peer that has no address any more.
 */
export function peerAddress(remoteAddress: string | undefined): string {
  if (remoteAddress === undefined) return "unknown";
  const [address = ""] = remoteAddress.split("%", 1);
  if (!address.includes(":")) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1]!;
  const [head = "", tail] = address.split("::", 2);
  const groups = head === "" ? [] : head.split(":");
  const tailGroups = tail === undefined || tail === "" ? [] : tail.split(":");
  while (tail !== undefined && groups.length + tailGroups.length < 8) groups.push("0");
  return `${[...groups, ...tailGroups].slice(0, 4).join(":")}::/64`;
}
