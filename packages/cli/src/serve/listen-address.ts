import { lookup } from "node:dns/promises";
import { usageError } from "../cli-error.ts";
import type { ServeOptions } from "./serve-options.ts";

/** What was found of the address to listen on. */
export interface ListenAddress {
  /** What to say of it at the start, if there is anything. */
  readonly warning: string | undefined;
}

/**
 * Tokens and data travel in plain text without TLS: only on this machine, unless somebody says that it may be.
 *
 * @throws a usage error if others can reach the address
 */
export async function checkListenAddress(options: ServeOptions): Promise<ListenAddress> {
  const { host, insecure = false, tlsCert, tlsKey } = options;
  if (tlsCert !== undefined || tlsKey !== undefined || !(await canOthersReach(host)))
    return { warning: undefined };
  if (!insecure) {
    throw usageError(
      `others can reach '${host}', and tokens and data would travel to it in plain text`,
      "add --tls-cert and --tls-key, or --insecure if nobody can listen in on the network (a private one, or a " +
        "proxy with TLS in front)",
    );
  }
  return {
    warning:
      "tokens and data travel in plain text: anybody who listens in on the network can use them. " +
      "--tls-cert and --tls-key encrypt them",
  };
}

/** What cannot be resolved is not listened on either, which says so. */
async function canOthersReach(host: string): Promise<boolean> {
  const { isLoopback } = await import("@everdict/server");
  // Without a name the platform listens on all addresses.
  if (host === "") return true;
  const addresses = await lookup(host.replace(/^\[(.*)\]$/, "$1"), { all: true }).catch(() => []);
  return addresses.some(({ address }) => !isLoopback(address));
}
