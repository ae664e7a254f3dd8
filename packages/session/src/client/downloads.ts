import type { ByteSource } from "../frames/byte-source.ts";
import type { IncomingParts } from "../frames/frame-connection.ts";
import { Assemblies, type Assembly } from "../frames/part-assembly.ts";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";
import { answerTypes } from "../frames/wire.ts";
import { clientMessageMaxBytes } from "./link-options.ts";
import type { SentOperations } from "./sent-operations.ts";

/** Answers of one connection that arrive in parts. */
export class Downloads implements IncomingParts {
  readonly #sent: SentOperations;
  readonly #assemblies = new Assemblies();

  constructor(sent: SentOperations) {
    this.#sent = sent;
  }

  begin(id: number, type: number, totalBytes: number, source: ByteSource): Assembly | undefined {
    if (this.#sent.get(id) === undefined || type < answerTypes.first || type > answerTypes.last) {
      throw new SessionProtocolError("a message in parts that is no answer");
    }
    if (totalBytes > clientMessageMaxBytes) {
      throw new SessionProtocolError(`an answer of ${totalBytes} bytes, over ${clientMessageMaxBytes}`);
    }
    return this.#progress(id, this.#assemblies.begin(id, type, totalBytes, source));
  }

  add(id: number, source: ByteSource): Assembly | undefined {
    return this.#progress(id, this.#assemblies.add(id, source));
  }

  /** Gives one up. */
  drop(id: number): void {
    this.#assemblies.drop(id);
  }

  #progress(id: number, complete: Assembly | undefined): Assembly | undefined {
    if (complete !== undefined) return complete;
    const operation = this.#sent.get(id);
    operation?.movedTo(operation.bytes + (this.#assemblies.get(id)?.receivedBytes ?? 0));
    return undefined;
  }
}
