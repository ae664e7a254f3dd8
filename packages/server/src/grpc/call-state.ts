import type { GrpcMethod } from "./grpc-method.ts";
import type { MethodRun } from "./method-run.ts";
import type { UnaryRequestReader } from "./unary-request-reader.ts";

/** Where a call stands. Every state is left for "ended" by an error, the deadline, a stall, or the end of the stream. */
export type CallState = Opening | Receiving | Answering | Ended;

/** The head is being checked. Left for "receiving" when it is good. */
interface Opening {
  readonly name: "opening";
}

/** The request arrives. Left for "answering" when it has ended and is whole. */
export interface Receiving {
  readonly name: "receiving";
  readonly method: GrpcMethod;
  readonly reader: UnaryRequestReader;
  readonly idempotencyKey: string | undefined;
}

/** The method runs, or waits for its turn. Left for "ended" by its answer. */
interface Answering {
  readonly name: "answering";
  readonly run: MethodRun;
}

/**
 * The outcome is decided; what the method still does is ignored, except that an unexpected exception is always logged.
 * Until the stream closes, the answer may be on its way, and a little of a refused request is read and dropped.
 */
interface Ended {
  readonly name: "ended";
  readonly status: number;
  /** It may not have finished. Undefined if the method never began. */
  readonly run: MethodRun | undefined;
  lingeredBytes: number;
}
