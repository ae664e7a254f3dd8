import { limitDefaults } from "@everdict/protocol";

/**
 * Limits for connections, above all before a token was seen on them. `docs/connections.md` explains the figures.
 *
 * A client that has shown no token yet is a *stranger*. The server estimates what strangers hold by weights. We
 * measured these on a server that held a thousand of each, and rounded up.
 */

const KIB = 1024;

/** What one of each holds while it belongs to a stranger, in bytes. */
export const strangerWeightBytes = {
  /** A connection that is not told apart yet. */
  arrived: 8 * KIB,
  /** A connection that is in its TLS handshake or has had it, in addition. */
  tls: 48 * KIB,
  /** A connection that speaks HTTP/1.1, or has begun a session and not said HELLO. */
  http1: 24 * KIB,
  /** A connection that speaks HTTP/2. */
  http2: 40 * KIB,
  /** A request that has no answer yet, or whose answer the client has not taken; its headers come in addition. */
  request: 24 * KIB,
  /** A character of its headers. */
  headerCharacter: 3,
} as const;

/** What all strangers may hold at once, by these weights, in bytes. */
export const strangersMaxBytes = limitDefaults.strangersMaxBytes;

/** What the strangers of one address may hold, in bytes, so that none takes the room of all others. */
export const strangersOfAddressMaxBytes = limitDefaults.strangersOfAddressMaxBytes;

/**
 * How many requests without a valid token one HTTP/2 connection may have open. One more ends a connection on which no
 * token was seen; on other connections the request is refused.
 */
export const strangerStreamsMax = limitDefaults.strangerRequestsMax;

/** How many requests of HTTP/1.1 may be sent on one connection before the first has its answer. */
export const pipelinedRequestsMax = limitDefaults.strangerRequestsMax;

/** How many bytes of a body without meaning are read and dropped before its request is ended. */
export const ignoredBodyMaxBytes = limitDefaults.ignoredBodyMaxBytes;

/** A stranger's connection is not ended in favour of another one before it had this time to show a token, in milliseconds. */
export const strangerGraceMs = 250;

/** How long a stranger's connection may have no open request, by what it speaks, in seconds. */
export const strangerPatienceSeconds = {
  arrived: limitDefaults.arrivedTimeoutMs / 1000,
  http1: 15,
  http2: limitDefaults.idleStrangerTimeoutMs / 1000,
} as const;

/** How long a client may take to read a page or a refusal, in seconds. Then the request is ended. */
export const answerPatienceSeconds = limitDefaults.strangerAnswerTimeoutMs / 1000;

/** How long after that the connection is ended if the request is still not gone, in seconds. */
export const resetPatienceSeconds = 5;

/** Descriptors that connections leave to the store and to everything else: a quarter of the limit within bounds. */
export const keptDescriptors = { part: 1 / 4, min: 32, max: 512 } as const;
