/**
 * Conditional changes: what {@link DictService.commit} takes and returns.
 *
 * All conditions hold and all changes are made at one instant, or nothing happens. Every other conditional operation is
 * a special case of it.
 */

/**
 * Tells one write of an entry from every other write of that key. 16 hexadecimal digits (lower case), compared for
 * equality only. Each write gives an entry a new one, which the key never had; a read, a touch and a restart keep it.
 */
export type Version = string;

/** A time to live in milliseconds from the call on, at least 1; null: for ever. */
export type TimeToLiveMs = number | null;

/** What must hold of one key. An entry that has expired is absent. */
export interface Condition {
  readonly key: Uint8Array;
  readonly expected: "absent" | "present" | Version;
}

/** A change of one key. */
export type Change = PutChange | RemoveChange | AddChange | TouchChange;

/** Writes an entry. */
export interface PutChange {
  readonly kind: "put";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** Absent: as the dictionary's policy says. */
  readonly ttlMs?: TimeToLiveMs | undefined;
}

/** Removes an entry, if a live one is there. */
export interface RemoveChange {
  readonly kind: "remove";
  readonly key: Uint8Array;
}

/** Adds to a number: an int or a float as CPython pickles them. All numbers here are such pickles. */
export interface AddChange {
  readonly kind: "add";
  readonly key: Uint8Array;
  /** What to add. */
  readonly by: Uint8Array;
  /** What an absent entry counts as. Absent: 0. */
  readonly initial?: Uint8Array | undefined;
  /** The least and the greatest sum that is allowed. Absent: any. */
  readonly min?: Uint8Array | undefined;
  readonly max?: Uint8Array | undefined;
  /** Of an entry that this creates; absent: as the policy says. The end of an entry that is there does not move. */
  readonly ttlOnCreateMs?: TimeToLiveMs | undefined;
}

/** Moves the end of a live entry. Its value and its version stay. */
export interface TouchChange {
  readonly kind: "touch";
  readonly key: Uint8Array;
  /** Absent: as the dictionary's policy says, from now on. */
  readonly ttlMs?: TimeToLiveMs | undefined;
}

/** What to check and to change. Of one key there is at most one condition and at most one change. */
export interface CommitRequest {
  readonly conditions: readonly Condition[];
  readonly changes: readonly Change[];
}

/** What became of one change. */
export interface Changed {
  /**
   * Of a put or an addition the new version, of a removal the version that was removed, of a touch the version of the
   * entry. Undefined: there was no live entry to remove or to touch.
   */
  readonly version: Version | undefined;
  /** Of an addition: the sum, as a pickle. */
  readonly value?: Uint8Array | undefined;
}

/** Everything was done. */
export interface Committed {
  readonly committed: true;
  /** As the changes. */
  readonly results: readonly Changed[];
}

/** Nothing was done. */
export interface Refused {
  readonly committed: false;
  /** What failed: the first condition that does not hold, else the first addition that is not possible. */
  readonly reason: "condition" | "not_a_number" | "out_of_bounds";
  /** Of the condition in the conditions, or of the addition in the changes. */
  readonly index: number;
  /** The version of what was found there. Undefined: no live entry. */
  readonly found: Version | undefined;
}

/** What a commit did. */
export type CommitOutcome = Committed | Refused;
