import type { EverdictProcess } from "@everdict/testkit";
import { Client, type ConnectOptions } from "everdict";

/** Connects TypeScript to a server: by a session, unless the options say otherwise. */
export function connectTo(server: EverdictProcess, options: ConnectOptions = {}): Client {
  return Client.connect({ url: server.url, ...server.token, ...options });
}
