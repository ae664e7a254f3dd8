import type { ServerHttp2Stream } from "node:http2";
import type { Caller } from "@everdict/engine";
import type { GrpcMethod } from "./grpc-method.ts";

/** A call whose stream is not closed yet. */
export interface OpenCall {
  /** With one answer, or with many; undefined if there is no such method. */
  readonly kind: GrpcMethod["kind"] | undefined;
  readonly caller: Caller;
  /** Its caller may not go on: ends the call with `unauthenticated`, whatever it is doing, and sends no more data. */
  revoke(): void;
  /** A tick of the clock by which calls are given up that do not get on because of their client. */
  onTick(): void;
}

/** The calls of a server by their streams. */
export type OpenCalls = Map<ServerHttp2Stream, OpenCall>;

/**
 * Gives up calls whose request has stopped arriving, or that wait since their client takes no answers, for `stallMs`
 * or up to twice as long. One clock for all calls, since a timer for each would cost a tenth of a call, and nearly all
 * requests are there at once.
 *
 * @returns what stops it.
 */
export function watchForStalls(openCalls: OpenCalls, stallMs: number): () => void {
  const timer = setInterval(() => {
    for (const call of openCalls.values()) call.onTick();
  }, stallMs);
  timer.unref();
  return () => clearInterval(timer);
}
