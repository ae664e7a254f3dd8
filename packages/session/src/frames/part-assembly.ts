import { StallClock } from "@everdict/protocol";
import type { ByteSource } from "./byte-source.ts";
import { SessionProtocolError } from "./session-protocol-error.ts";

/** A message that arrives in parts. */
export interface Assembly {
  readonly type: number;
  readonly id: number;
  readonly bytes: Uint8Array;
  receivedBytes: number;
  /** For the owner of the assemblies, who ends those that do not get on. */
  readonly progress: StallClock;
}

/**
 * The messages of one session that arrive in parts, by id.
 *
 * Memory for the whole message is taken at the first part. The platform fills it lazily, so a sender that announces
 * much and sends little costs little. The owner decides before whether the message may be that large.
 */
export class Assemblies {
  #byId: Map<number, Assembly> | undefined;

  /** Begins one with the rest of a first part. Answers it if it is complete already. */
  begin(id: number, type: number, totalBytes: number, source: ByteSource): Assembly | undefined {
    this.#byId ??= new Map();
    if (this.#byId.has(id))
      throw new SessionProtocolError("a message in parts begins while another has its id");
    const bytes = new Uint8Array(totalBytes);
    const assembly = { type, id, bytes, receivedBytes: 0, progress: new StallClock() };
    this.#byId.set(id, assembly);
    return this.#add(assembly, source);
  }

  /** Adds a part. Answers the message if it is complete. A part of a message that was refused is skipped. */
  add(id: number, source: ByteSource): Assembly | undefined {
    const assembly = this.#byId?.get(id);
    return assembly === undefined ? undefined : this.#add(assembly, source);
  }

  /** One that is incomplete. */
  get(id: number): Assembly | undefined {
    return this.#byId?.get(id);
  }

  /** Gives one up. Answers it if it was there. */
  drop(id: number): Assembly | undefined {
    const assembly = this.#byId?.get(id);
    if (assembly !== undefined) this.#byId?.delete(id);
    return assembly;
  }

  /** All that are incomplete. */
  values(): Iterable<Assembly> {
    return this.#byId?.values() ?? [];
  }

  #add(assembly: Assembly, source: ByteSource): Assembly | undefined {
    const { bytes, receivedBytes } = assembly;
    const { left } = source;
    if (left === 0) throw new SessionProtocolError("a part is empty");
    if (left > bytes.length - receivedBytes) {
      throw new SessionProtocolError(
        `the parts of a message are more than the ${bytes.length} bytes announced`,
      );
    }
    bytes.set(source.rest(), receivedBytes);
    assembly.receivedBytes += left;
    if (assembly.receivedBytes < bytes.length) return undefined;
    this.#byId?.delete(assembly.id);
    return assembly;
  }
}
