import { slotCount } from "../keys/key-slot.ts";
import type { Reply } from "../resp/reply.ts";
import { type Address, addressOf } from "./address.ts";

/** Runs of slots with their owners and all servers that have them. */
export type SlotView = readonly {
  readonly first: number;
  readonly last: number;
  readonly owner: Address;
  readonly servers: readonly Address[];
}[];

/** Reads the reply to `CLUSTER SLOTS`. A server that does not know its own name is meant by `asked`. */
export function readClusterSlots(reply: Reply, askedHost: string): SlotView {
  if (!Array.isArray(reply)) return [];
  return reply.flatMap((row) => {
    if (!Array.isArray(row) || row.length < 3) return [];
    const [first, last, ...servers] = row as [number, number, ...Reply[]];
    const addresses = servers.flatMap((server) => serverAddress(server, askedHost));
    const owner = addresses[0];
    return owner === undefined ? [] : [{ first, last, owner, servers: addresses }];
  });
}

function serverAddress(server: Reply, askedHost: string): Address[] {
  if (!Array.isArray(server)) return [];
  const [host, port] = server;
  if (typeof port !== "number") return [];
  const name = host instanceof Buffer ? host.toString() : "";
  return [addressOf(name === "" || name === "?" ? askedHost : name, port)];
}

/** The view of a server that is no part of a cluster: it has everything. */
export function singleServer(address: Address): SlotView {
  return [{ first: 0, last: slotCount - 1, owner: address, servers: [address] }];
}
