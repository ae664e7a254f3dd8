/**
 * The answers of scripts that are no result. Scripts and their readers both take them from here, so that they cannot
 * disagree.
 */

/** The scripts on a shard. */
export const shardAnswer = {
  /** The shard is not there, or its dictionary has ended. */
  noDict: -1,
  /** The shard has large values; the script needs the index of them. Nothing was done. */
  needsIndex: -2,
  /** A chunk of a new large value is not there any more. Nothing was done. */
  chunkMissing: -3,
  /** The idempotency key is new and there is no room to remember an answer. Nothing was done. */
  noRoom: -4,
  /** The call is a straggler: its key has since been used for a later call. Nothing was done. */
  straggler: -5,
  /** The caller's idempotency key is of a call with other arguments. Nothing was done. */
  otherArguments: -6,
  /** The caller does not know how the shard is set up now. Nothing was done. */
  outdated: -7,
} as const;

/** The two steps of a creation; the first word of their answer. */
export const creationAnswer = {
  /** The shards may be made. */
  go: "go",
  /** Behind it is the answer: `1` (created) or `0`, and the record. */
  answer: "answer",
  noEnvironment: "no environment",
  /** As `shardAnswer.noRoom`. */
  noRoom: "no room",
  /** As `shardAnswer.otherArguments`. */
  otherArguments: "other call",
  /** It took so long that the shards may be gone. */
  givenUp: "given up",
} as const;

/** Looks into a registry. */
export const registryAnswer = {
  noEnvironment: -1,
} as const;

/** The change of an environment. */
export const environmentAnswer = {
  /** It changed since it was read. Nothing was done. */
  outdated: 0,
  done: 1,
  /** Another environment has the name. Nothing was done. */
  nameTaken: -1,
} as const;
