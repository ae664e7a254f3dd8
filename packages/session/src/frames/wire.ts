/**
 * The numbers of the session protocol. `docs/session-protocol.md` says what they mean; a test compares the two.
 */

import { type Method, methods, methodTable } from "@everdict/protocol";

/** The version of the protocol that this code speaks. */
export const sessionVersion = 1;

/** The first bytes of a HELLO, "EVRD" in ASCII, as a little-endian number. */
export const helloMagic = 0x44525645;

/** The `Upgrade` token for bare frames, and the WebSocket subprotocol. */
export const sessionUpgradeToken = "everdict-session";

/** The path that a session is asked for at. */
export const sessionPath = "/session";

/** What kind of frame it is: the byte after the length. */
export const FrameType = {
  hello: 0x01,
  welcome: 0x02,
  goodbye: 0x03,
  ping: 0x04,
  pong: 0x05,
  dict: 0x06,
  cancel: 0x07,
  credit: 0x08,
  firstPart: 0x09,
  part: 0x0a,

  done: 0x90,
  absent: 0x91,
  value: 0x92,
  flag: 0x93,
  count: 0x94,
  dictInfo: 0x95,
  dictInfos: 0x96,
  environmentInfo: 0x97,
  environmentInfos: 0x98,
  entries: 0x99,
  outcome: 0x9a,
  foundEntry: 0x9b,
  values: 0x9c,
  pageOfEntries: 0x9d,
  dictStats: 0x9e,
  error: 0x9f,

  settled: 0xe0,

  // The requests, as the table of methods has them.
  ...(Object.fromEntries(methods.map((method) => [method, methodTable[method].frame])) as {
    readonly [M in Method]: (typeof methodTable)[M]["frame"];
  }),
} as const;

/** The first and last type of a request. */
export const requestTypes = { first: 0x10, last: 0x7f } as const;
/** The first and last type of an answer. */
export const answerTypes = { first: 0x90, last: 0x9f } as const;
/** The first type of those that a receiver skips if it does not know them. */
export const firstSkippableType = 0xe0;

/** What else a request carries. */
export const RequestFlag = {
  /** A `u32`: milliseconds, from when the server reads the request. */
  timeout: 1,
  /** A `u32` that together with the client id of the HELLO is an idempotency key. */
  idempotencyKeyNumber: 2,
  /** A text that is the idempotency key. */
  idempotencyKeyText: 4,
  /** The dictionary is named by its id instead of the number given to it on this session. */
  dictText: 8,
} as const;

/** What the two sides tell each other in HELLO and WELCOME. */
export const Setting = {
  /** The longest frame that the sender of the setting reads, in bytes, the length field not counted. */
  frameMaxBytes: 1,
  /** The largest message in parts that it reads, in bytes. */
  messageMaxBytes: 2,
  /** How many requests, streams not counted, the server works on at once. */
  requestsMax: 3,
  /** How many streams the server keeps open at once. */
  streamsMax: 4,
  /** How many bytes of requests in parts the server holds at once. */
  partsMaxBytes: 5,
  /** How many dictionaries can have a number. */
  dictNumbersMax: 6,
  /** 1: the client would have the server wait actively for its next request. */
  lowLatency: 7,
  /** {@link serverLevel} of the server. */
  level: 8,
  /** What the token may do: 1 everything, 2 all but environments and tokens, 3 only read. */
  role: 9,
} as const;

/**
 * Which requests a server knows. 0: those of the first release. 1: also those for several entries at once, under conditions,
 * with times to live of their own, with patterns of keys and with a number of shards.
 */
export const serverLevel = 1;

/** The length field. */
export const lengthBytes = 4;
/** Type and id, which every frame has. */
export const headBytes = 5;
/** Every implementation reads frames of this many bytes. */
export const frameMinMaxBytes = 16_384;
/** How long the id of a dictionary is, in characters and bytes. */
export const dictIdLength = 25;
/** How many bytes of entries of one stream may be under way or waiting to be taken, as our client has it. */
export const streamWindowBytes = 256 * 1024;
/** How many keys a SETTLED may name. */
export const settledMaxKeys = 1024;
/** How long a HELLO may be. */
export const helloMaxBytes = 4096;
/** The largest message in parts: what a `u32` can name. */
export const transferMaxBytes = 0xffff_ffff;
/** The longest timeout that a request can carry, in milliseconds. */
export const timeoutMaxMs = 0xffff_ffff;
