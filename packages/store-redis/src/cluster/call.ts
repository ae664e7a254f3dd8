import type { EverdictError } from "@everdict/protocol";
import type { Argument } from "../resp/command-writer.ts";
import type { Reply } from "../resp/reply.ts";
import type { Script } from "../scripts/script.ts";
import type { Address } from "./address.ts";

/** What is asked of the owner of a slot. The router may send it more than once, so it must be safe to repeat. */
export interface Command {
  readonly slot: number;
  /** The command, or for a script its keys and arguments behind the number of keys. */
  readonly command: readonly Argument[];
  readonly script?: Script | undefined;
  /** Whether it may write: then it travels on the lanes for writes, in the order of the calls. */
  readonly writes: boolean;
  /** Whether its answer waits until enough replicas have what it wrote. */
  readonly durable: boolean;
  /** Whether it fails where others are held and tried again, so that nothing has to wait behind it. */
  readonly optional?: boolean | undefined;
}

/** An answer, and on which connection it came: cursors of a scan are worth nothing on another one. */
export interface Answer {
  readonly reply: Reply;
  readonly connectionId: number;
}

/** A command on its way, with all that is known of its attempts. A class, since there is one for every operation. */
export class Call {
  readonly slot: number;
  readonly command: readonly Argument[];
  readonly script: Script | undefined;
  readonly writes: boolean;
  readonly durable: boolean;
  readonly optional: boolean | undefined;
  /** In which order it was made. */
  readonly number: number;
  readonly bytes: number;
  readonly deadlineAtMs: number;
  attempts = 0;
  /** Where to ask next, once, because of an ASK. */
  askAt: Address | undefined = undefined;
  /** Whether to send the text of the script next time. */
  sendText = false;
  /** What it was answered, while that may wait for replicas, and on which connection. */
  reply: Reply = null;
  connectionId = 0;
  /** What its bytes are counted by until it is settled. */
  countedBy: { pendingBytes: number } | undefined = undefined;
  /** The batch whose `WAIT` it waits for, in its latest attempt. */
  batch: object | undefined = undefined;
  /** Given the call itself when it has its answer. */
  readonly onAnswered: (call: Call) => void;
  readonly reject: (error: EverdictError) => void;

  constructor(
    { slot, command, script, writes, durable, optional }: Command,
    order: { readonly number: number; readonly deadlineAtMs: number },
    onAnswered: (call: Call) => void,
    reject: (error: EverdictError) => void,
  ) {
    this.slot = slot;
    this.command = command;
    this.script = script;
    this.writes = writes;
    this.durable = durable;
    this.optional = optional;
    this.number = order.number;
    this.deadlineAtMs = order.deadlineAtMs;
    this.bytes = commandBytes(command);
    this.onAnswered = onAnswered;
    this.reject = reject;
  }
}

const overheadBytes = 64;

function commandBytes(command: readonly Argument[]): number {
  let bytes = overheadBytes;
  for (let index = 0; index < command.length; index++) {
    const argument = command[index]!;
    bytes += typeof argument === "number" ? 8 : argument.length;
  }
  return bytes;
}

/** Calls of one slot and kind have one place: they keep their order. */
export function placeOf({ slot, writes }: Call): number {
  return 2 * slot + Number(writes);
}
