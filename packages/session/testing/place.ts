import { createError } from "@everdict/protocol";
import { type Carrier, SessionClient, type SessionClientOptions } from "../src/index.ts";
import { type MemoryServer, token } from "./session-setup.ts";

/** A place where a server may be, or not. */
export interface Place {
  server: MemoryServer | undefined;
  /** How often somebody tried to connect. */
  attempts: number;
  readonly connect: () => Promise<Carrier>;
}

/** A place, with a server or without. */
export function place(server?: MemoryServer): Place {
  const state: Place = {
    server,
    attempts: 0,
    connect: async () => {
      state.attempts++;
      if (state.server === undefined) throw createError("unavailable", "nobody is there");
      return state.server.connect();
    },
  };
  return state;
}

/** A client of the server there. */
export function clientOf(at: Place, options: Partial<SessionClientOptions> = {}): SessionClient {
  return new SessionClient({ ...token, connect: at.connect, ...options });
}
