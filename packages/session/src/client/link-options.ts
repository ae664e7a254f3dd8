import type { EverdictError, Timers } from "@everdict/protocol";
import type { Carrier } from "../carriers/carrier.ts";
import type { Hello } from "../messages/handshake.ts";
import type { SpinPlatform } from "../time/bounded-spin.ts";
import type { AtEndOfTurn } from "../time/turns.ts";
import type { Operation } from "./operation.ts";
import type { WindowLimits } from "./sent-operations.ts";

/** What the owner of a link is told. */
export interface LinkEvents<Link> {
  /** The server accepted; operations can be sent. */
  onReady(link: Link): void;
  /** Answers have made room. */
  onRoom(link: Link): void;
  /** The server is stopping: what is sent is still answered, new operations must go elsewhere. */
  onDraining(link: Link): void;
  /** The server answered an operation with an error. */
  onFailure(operation: Operation, error: EverdictError): void;
  /** The connection is over. These have no answer, in the order of the calls. Called once, at the end. */
  onLost(link: Link, error: EverdictError, unanswered: readonly Operation[]): void;
}

/** What a link is made of. */
export interface LinkOptions<Link> {
  readonly carrier: Carrier;
  readonly timers: Timers;
  readonly atEndOfTurn: AtEndOfTurn;
  readonly events: LinkEvents<Link>;
  readonly hello: Hello;
  readonly window: WindowLimits;
  /** How long the server may take to accept, in milliseconds. */
  readonly openTimeoutMs: number;
  /** How long the server may be silent while answers are due before it is asked for a sign of life. */
  readonly pingIntervalMs: number;
  /** Where to spin with; undefined for no spin. */
  readonly spin: SpinPlatform | undefined;
}

/** What the client reads at most; a server sends no longer frames anyway. */
export const clientFrameMaxBytes = 131_072;
/** The largest answer the client takes: a list or a value larger than any that a server accepts. */
export const clientMessageMaxBytes = 1024 * 1024 * 1024;
