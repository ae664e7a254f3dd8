import type { LimitName } from "./limit-defaults.ts";

/**
 * What every limit bounds. With the figures of `limit-defaults.ts`, docs/limits.md and its test derive from this table.
 */

/** One row of {@link limitTable}. */
export interface LimitRow {
  /** What the default counts; times are in milliseconds. */
  readonly unit:
    | "bytes"
    | "milliseconds"
    | "entries"
    | "requests"
    | "streams"
    | "dictionaries"
    | "patterns"
    | "shards";
  /** What it bounds, as printed in docs/limits.md. */
  readonly bounds: string;
  /** What has such a limit of its own. */
  readonly per:
    | "key"
    | "value"
    | "request"
    | "call"
    | "session"
    | "connection"
    | "address"
    | "token"
    | "server";
  /** What happens beyond it; an error by its code. */
  readonly beyond: string;
  /** How to change it; absent for what cannot be changed. */
  readonly change?: string | undefined;
}

/** The limits by name. */
export const limitTable = {
  keyMaxBytes: {
    unit: "bytes",
    bounds: "the encoded key",
    per: "key",
    beyond: "`key_too_large`; nothing was changed",
    change: "`everdict serve --key-max-bytes`, `limits.keyMaxBytes`",
  },
  valueMaxBytes: {
    unit: "bytes",
    bounds: "the encoded value",
    per: "value",
    beyond: "`value_too_large`; nothing was changed",
    change: "`everdict serve --value-max-bytes`, `limits.valueMaxBytes`",
  },
  requestMaxEntries: {
    unit: "entries",
    bounds:
      "the entries of one `update` or page, the keys of one `getMany`, `removeMany` or transaction; our client splits those that " +
      "are not one step",
    per: "request",
    beyond: "`too_many_entries`; nothing was changed",
    change: "`everdict serve --request-max-entries`, `limits.requestMaxEntries`",
  },
  requestMaxBytes: {
    unit: "bytes",
    bounds: "the whole message of a request",
    per: "request",
    beyond: "`request_too_large`, before it is read",
    change:
      "`everdict serve --request-max-bytes`, `limits.requestMaxBytes`; follows the limits above by itself",
  },
  requestKeysMaxBytes: {
    unit: "bytes",
    bounds: "all keys of a request together, unless one key may be longer; our client splits larger ones",
    per: "request",
    beyond: "`request_too_large`; nothing was changed",
  },
  requestTextMaxBytes: {
    unit: "bytes",
    bounds: "the ids and names in it",
    per: "request",
    beyond: "`invalid_argument`, before it is decoded",
  },
  keyPatternsMax: {
    unit: "patterns",
    bounds: "the patterns of keys of one request, and the parts of each of them",
    per: "request",
    beyond: "`invalid_argument`",
  },
  keyPatternsMaxBytes: {
    unit: "bytes",
    bounds: "what the patterns of one request compare with a key, all parts together",
    per: "request",
    beyond: "`invalid_argument`",
  },
  pageCursorMaxBytes: {
    unit: "bytes",
    bounds: "the cursor of a page",
    per: "request",
    beyond: "`invalid_argument`",
  },
  dictShardsMax: {
    unit: "shards",
    bounds: "the shards that a dictionary is created with",
    per: "request",
    beyond: "`invalid_argument`; nothing is created",
  },
  clientMemoryMaxBytes: {
    unit: "bytes",
    bounds:
      "what is held for clients: requests that have arrived, large values from when they are read until they are " +
      "taken, batches of streams; small requests are not counted",
    per: "server",
    beyond: "large requests: `overloaded`; large values wait before they are read",
    change: "`everdict serve --client-memory`, `memory.clientMemoryMaxBytes`",
  },
  tokenMemoryMaxBytes: {
    unit: "bytes",
    bounds: "the same of one token: half of all, and never more than it leaves for other tokens",
    per: "token",
    beyond: "large requests of this token: `overloaded`; its large values wait before they are read",
    change: "`everdict serve --client-memory`, `memory.tokenMemoryMaxBytes`",
  },
  smallRequestMaxBytes: {
    unit: "bytes",
    bounds: "what counts as a small request, which passes whatever large ones do",
    per: "request",
    beyond: "the request counts as a large one",
  },
  tokenSmallRequestsMaxBytes: {
    unit: "bytes",
    bounds: "small requests over gRPC that wait for the store",
    per: "token",
    beyond: "`overloaded`",
    change: "`memory.tokenSmallRequestsMaxBytes`",
  },
  tokenPendingMaxBytes: {
    unit: "bytes",
    bounds: "small requests of all sessions that wait for the store",
    per: "token",
    beyond: "sessions that have more than a small request waiting are not read until some have their answers",
    change: "`memory.tokenPendingMaxBytes`",
  },
  connectionAnswersMaxBytes: {
    unit: "bytes",
    bounds:
      "answers that the client has not taken, those of streams not counted; a single value may be larger",
    per: "connection",
    beyond: "further calls, and large values, wait until the client takes some",
    change: "`memory.connectionAnswersMaxBytes`",
  },
  tokenStreamsMax: {
    unit: "streams",
    bounds: "streams of contents that are open, over all connections",
    per: "token",
    beyond: "`overloaded`",
    change: "`memory.tokenStreamsMax`",
  },
  clientStallMs: {
    unit: "milliseconds",
    bounds: "how long an upload or a download may stand still; it is looked at once in this time",
    per: "call",
    beyond:
      "after up to twice as long an upload ends with `deadline_exceeded`, a session whose client takes no answers " +
      "ends, a gRPC call whose answer is not taken is reset, one that waits behind it ends with `overloaded`",
    change: "`clientStallMs`",
  },
  progressMinBytes: {
    unit: "bytes",
    bounds: "what must arrive of an upload within `clientStallMs` for it not to stand still",
    per: "call",
    beyond: "the upload counts as standing still",
  },
  recordedAnswersMaxBytes: {
    unit: "bytes",
    bounds: "the memory for answers kept for repeated calls, which tokens share",
    per: "server",
    beyond: "`overloaded`, to calls of the token whose share is full of answers of the last 20 seconds",
    change: "`recordedAnswersMaxBytes` of a store",
  },
  strangersMaxBytes: {
    unit: "bytes",
    bounds: "connections on which no token was seen and requests without one, by estimated weights",
    per: "server",
    beyond:
      "the oldest of the address with most of them is ended, or the new one ([connections](connections.md))",
  },
  strangersOfAddressMaxBytes: {
    unit: "bytes",
    bounds: "the same of one address, which for IPv6 is its first 64 bits",
    per: "address",
    beyond: "the oldest of that address is ended, or the new one",
  },
  strangerRequestsMax: {
    unit: "requests",
    bounds: "requests without a good token that are open over HTTP/2, or sent ahead over HTTP/1.1",
    per: "connection",
    beyond: "the connection ends; on one on which a token was seen, the request is refused",
  },
  requestHeadersMaxBytes: {
    unit: "bytes",
    bounds: "the headers of a request over HTTP/2",
    per: "request",
    beyond: "the stream is reset (`ENHANCE_YOUR_CALM`)",
  },
  ignoredBodyMaxBytes: {
    unit: "bytes",
    bounds: "what is read of a body that means nothing: to a page, or of a call that was refused",
    per: "request",
    beyond: "the stream, or the connection of HTTP/1.1, is ended",
  },
  strangerAnswerTimeoutMs: {
    unit: "milliseconds",
    bounds: "the time in which a client must take a page or a refusal",
    per: "request",
    beyond: "it is cancelled, and 5 seconds later its connection ended",
  },
  arrivedTimeoutMs: {
    unit: "milliseconds",
    bounds: "the time until a new connection has sent its first bytes, or ended its TLS handshake",
    per: "connection",
    beyond: "the connection ends",
  },
  idleStrangerTimeoutMs: {
    unit: "milliseconds",
    bounds: "the time for which an HTTP/2 connection on which no token was seen may have no open request",
    per: "connection",
    beyond: "it is told to go away, and a second later ended",
  },
  failedLoginDelayMaxMs: {
    unit: "milliseconds",
    bounds: "the wait before a bad token is refused, after many failures of its address or of its id",
    per: "request",
    beyond: "no refusal waits for longer, and a good token never waits",
  },
  sessionRequestsMax: {
    unit: "requests",
    bounds: "requests that wait for the store",
    per: "session",
    beyond: "`overloaded`; our client waits instead",
    change: "`sessionLimits.requestsMax`",
  },
  sessionStreamsMax: {
    unit: "streams",
    bounds: "streams of contents that are open",
    per: "session",
    beyond: "`overloaded`; our client waits instead",
    change: "`sessionLimits.streamsMax`",
  },
  sessionPendingMaxBytes: {
    unit: "bytes",
    bounds: "small requests that wait for the store",
    per: "session",
    beyond: "the session is not read until some have their answers",
    change: "`sessionLimits.pendingMaxBytes`",
  },
  sessionDictNumbersMax: {
    unit: "dictionaries",
    bounds: "dictionaries that have a number",
    per: "session",
    beyond: "the session ends; our client gives a number a new meaning",
    change: "`sessionLimits.dictNumbersMax`",
  },
  sessionHelloTimeoutMs: {
    unit: "milliseconds",
    bounds: "the time until a client has said HELLO",
    per: "session",
    beyond: "the session ends with `deadline_exceeded`",
    change: "`sessionLimits.helloTimeoutMs`",
  },
  sessionPingIntervalMs: {
    unit: "milliseconds",
    bounds: "the silence after which a client is asked for a sign of life",
    per: "session",
    beyond: "the session ends with `deadline_exceeded` after three times as long",
    change: "`sessionLimits.pingIntervalMs`",
  },
} as const satisfies Record<LimitName, LimitRow>;
