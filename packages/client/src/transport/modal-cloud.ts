import type { ServerAddress } from "../connection/server-address.ts";

/** Whether these are servers of Modal's cloud, which speak gRPC only, and want a JWT with every call. */
export function isModalCloud(addresses: readonly ServerAddress[]): boolean {
  return addresses.some(({ host }) => /(^|\.)modal2?\.com$/i.test(host));
}
