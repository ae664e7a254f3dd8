/** What scripts on a shard answer instead of a result. */
export const shardAnswer = {
  /** The shard is not there, or its dictionary has ended. */
  noDict: -1,
  /** The shard has large values; the script needs the index of them. Nothing was done. */
  needsIndex: -2,
  /** A chunk of a new large value is not there any more. Nothing was done. */
  chunkMissing: -3,
  /** The token is new and there is no room to remember an answer. Nothing was done. */
  noRoom: -4,
  /** The call is a straggler: a later one of the same session was answered already. Nothing was done. */
  straggler: -5,
  /** The caller's token is of a call with other arguments. Nothing was done. */
  otherArguments: -6,
} as const;
