import { type ConnectionMemory, createError, limitDefaults, smallRequestMaxBytes } from "@everdict/protocol";
import type { ByteSource } from "../frames/byte-source.ts";
import type { IncomingParts } from "../frames/frame-connection.ts";
import { Assemblies, type Assembly } from "../frames/part-assembly.ts";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";
import { requestTypes } from "../frames/wire.ts";
import type { Answers } from "./answers.ts";
import type { ResolvedSessionLimits } from "./server-limits.ts";
import { sessionEnds } from "./session-ends.ts";

const overloadedRetryMs = 100;
const progressMinBytes = limitDefaults.progressMinBytes;

/**
 * Requests of one session that arrive in parts.
 *
 * At its beginning a session is told how much of them may be under way at once. That limit counts announced bytes. The
 * account of memory counts only bytes that have arrived: an announcement takes no room from others.
 */
export class Uploads implements IncomingParts {
  readonly #limits: ResolvedSessionLimits;
  readonly #memory: ConnectionMemory;
  readonly #answers: Answers;
  readonly #assemblies = new Assemblies();
  #announcedBytes = 0;

  constructor(limits: ResolvedSessionLimits, memory: ConnectionMemory, answers: Answers) {
    this.#limits = limits;
    this.#memory = memory;
    this.#answers = answers;
  }

  begin(id: number, type: number, totalBytes: number, source: ByteSource): Assembly | undefined {
    const { messageMaxBytes, requestMaxBytes, partsMaxBytes } = this.#limits;
    if (type < requestTypes.first || type > requestTypes.last) {
      throw new SessionProtocolError("a message in parts that is no request");
    }
    if (totalBytes > messageMaxBytes) {
      const message = `the request takes ${totalBytes} bytes, limit is ${requestMaxBytes}`;
      this.#answers.error(id, createError("request_too_large", message));
      return undefined;
    }
    if (this.#announcedBytes + totalBytes > partsMaxBytes || !this.#take(totalBytes, source.left)) {
      this.#refuse(id, totalBytes);
      return undefined;
    }
    this.#announcedBytes += totalBytes;
    return this.#assemblies.begin(id, type, totalBytes, source);
  }

  /** A part of one that was refused is skipped. */
  add(id: number, source: ByteSource): Assembly | undefined {
    const assembly = this.#assemblies.get(id);
    if (assembly === undefined) return undefined;
    const { length } = assembly.bytes;
    if (!this.#take(length, source.left)) {
      this.#drop(assembly);
      this.#refuse(id, length);
      return undefined;
    }
    return this.#assemblies.add(id, source);
  }

  /** The client gave one up. False if it is not one that is incomplete. */
  cancel(id: number): boolean {
    const assembly = this.#assemblies.get(id);
    if (assembly === undefined) return false;
    this.#drop(assembly);
    this.#answers.error(id, createError("cancelled", "the request was cancelled before it was complete"));
    return true;
  }

  /** One that was complete has its answer. */
  done(totalBytes: number): void {
    this.#announcedBytes -= totalBytes;
    this.#memory.change(kindOf(totalBytes), -totalBytes);
  }

  /** To be called once in `clientStallMs`: ends those that do not get on. */
  checkProgress(): void {
    for (const assembly of [...this.#assemblies.values()]) {
      if (!assembly.progress.standsStill(assembly.receivedBytes, progressMinBytes)) continue;
      this.#drop(assembly);
      this.#memory.token.account.noteStalled();
      this.#answers.error(assembly.id, sessionEnds.requestStalled());
    }
  }

  /** The session is over: what is incomplete will not be completed. */
  close(): void {
    for (const assembly of [...this.#assemblies.values()]) this.#drop(assembly);
  }

  #take(totalBytes: number, bytes: number): boolean {
    return this.#memory.take(kindOf(totalBytes), bytes);
  }

  #refuse(id: number, totalBytes: number): void {
    const message = `there is no room for ${totalBytes} bytes of requests in parts at this moment`;
    this.#answers.error(id, createError("overloaded", message, { retryAfterMs: overloadedRetryMs }));
  }

  #drop({ id, bytes, receivedBytes }: Assembly): void {
    this.#assemblies.drop(id);
    this.#announcedBytes -= bytes.length;
    this.#memory.change(kindOf(bytes.length), -receivedBytes);
  }
}

function kindOf(totalBytes: number): "requests" | "smallRequests" {
  return totalBytes <= smallRequestMaxBytes ? "smallRequests" : "requests";
}
