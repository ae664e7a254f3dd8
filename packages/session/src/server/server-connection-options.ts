import type { EverdictError, Timers, TokenMemory } from "@everdict/protocol";
import type { Carrier } from "../carriers/carrier.ts";
import type { AtEndOfTurn } from "../time/turns.ts";
import type { FetchTurns } from "./fetch-turns.ts";
import type { RequestSpin } from "./request-spin.ts";
import type { ResolvedSessionLimits } from "./server-limits.ts";
import type { SessionCaller, SessionRefusal } from "./session-caller.ts";

/** What a connection is made of. */
export interface ServerConnectionOptions<Connection> {
  readonly carrier: Carrier;
  readonly timers: Timers;
  readonly atEndOfTurn: AtEndOfTurn;
  readonly limits: ResolvedSessionLimits;
  /** What the server calls itself. */
  readonly agent: string;
  /** Whom the connection was authenticated for already, by its carrier. */
  readonly caller: SessionCaller | undefined;
  /** Whom a token belongs to; undefined, as a refusal without a delay, for nobody. */
  readonly authorize: (tokenId: string, tokenSecret: string) => SessionCaller | SessionRefusal | undefined;
  /** For callers that bring no account of their own. */
  readonly memory: TokenMemory;
  readonly fetchTurns: FetchTurns;
  readonly spin: RequestSpin | undefined;
  /** Told of what is no error of the table. */
  readonly onDefect: (caught: unknown) => void;
  /** The session is over; `error` says why if it was not the client who ended it. Called once. */
  readonly onEnd: (connection: Connection, error: EverdictError | undefined) => void;
}
