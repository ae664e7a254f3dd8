import type { ServerHttp2Stream } from "node:http2";
import { ConnectionMemory, type MemoryAccount } from "@everdict/protocol";

/** The accounts of HTTP/2 connections: one for each token that calls on it, as each call brings its own. */
export class ConnectionMemories {
  readonly #account: MemoryAccount;
  readonly #bySession = new WeakMap<object, Map<string, ConnectionMemory>>();

  constructor(account: MemoryAccount) {
    this.#account = account;
  }

  /** The account of the connection that a stream belongs to, for a caller by its id. */
  of({ session }: ServerHttp2Stream, callerId: string): ConnectionMemory {
    // A stream without a session is over already.
    if (session === undefined) return this.#make(callerId);
    let byCaller = this.#bySession.get(session);
    if (byCaller === undefined) {
      byCaller = new Map();
      this.#bySession.set(session, byCaller);
    }
    let memory = byCaller.get(callerId);
    if (memory === undefined) {
      memory = this.#make(callerId);
      byCaller.set(callerId, memory);
    }
    return memory;
  }

  #make(callerId: string): ConnectionMemory {
    return new ConnectionMemory(this.#account.token(callerId));
  }
}
