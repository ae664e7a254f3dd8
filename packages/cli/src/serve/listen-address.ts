import { lookup } from "node:dns/promises";
import { usageError } from "../cli-error.ts";
import type { ServeOptions } from "./serve-options.ts";

/** What is known of the address to listen on. */
export interface ListenAddress {
  /** A warning to print at the start, if there is one. */
  readonly warning: string | undefined;
}

/**
 * Checks that tokens and data do not travel in plain text. Without TLS the server listens only on this machine, unless
 * an option allows more.
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

/** If a name cannot be resolved, listening on it fails too, with its own error. */
async function canOthersReach(host: string): Promise<boolean> {
  const { isLoopback } = await import("@everdict/server");
  // Without a name the platform listens on all addresses.
  if (host === "") return true;
  const addresses = await lookup(host.replace(/^\[(.*)\]$/, "$1"), { all: true }).catch(() => []);
  return addresses.some(({ address }) => !isLoopback(address));
}
