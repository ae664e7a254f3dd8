import type { EverdictProcess } from "@everdict/testkit";
import { Client } from "everdict";

/** Connects TypeScript to a server over gRPC. */
export function connectTo(server: EverdictProcess): Client {
  return Client.connect({ url: server.url, ...server.token });
}
