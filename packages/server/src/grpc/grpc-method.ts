import type { Caller } from "@everdict/engine";
import type { CallOptions, ConnectionMemory } from "@everdict/protocol";

/** One authenticated request: who asks, how it may end early, and the bytes of the message. */
export interface GrpcRequest {
  readonly caller: Caller;
  readonly options: CallOptions;
  readonly message: Uint8Array;
  /** What is held for the caller on its connection. */
  readonly memory: ConnectionMemory;
}

/** A message: its bytes, or pieces of them in order, of which those that are large are where they are. */
export type GrpcMessage = Uint8Array | readonly Uint8Array[];

/** Answers one message with one message. */
export interface UnaryMethod {
  readonly kind: "unary";
  readonly name: string;
  /** Whether it changes nothing, so that it can be asked again. */
  readonly isRead: boolean;
  /** May throw, and may reject. */
  readonly answer: (request: GrpcRequest) => Promise<GrpcMessage>;
}

/**
 * Answers one message with many. What it yields are pieces of the response body: one or more whole message
 * frames, or parts of one, in order. So it decides how messages are gathered, and large values need no copy.
 */
export interface ServerStreamMethod {
  readonly kind: "serverStream";
  readonly name: string;
  readonly answer: (request: GrpcRequest) => AsyncIterable<Uint8Array>;
}

/** An RPC as the transport sees it: bytes in, bytes out. */
export type GrpcMethod = UnaryMethod | ServerStreamMethod;
