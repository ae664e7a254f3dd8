import { createError } from "@everdict/protocol";
import type { DictRecord, Store } from "@everdict/store";

/**
 * A page of a listing, bounded by creation time (protocol section 2.8).
 *
 * The official client begins with its own idea of now and goes on with the `createdAtSeconds` of the last item it
 * received. The first must not hide what was created a moment ago when the client's clock is a little behind ours; the
 * second must be obeyed exactly, or a page repeats. Both are just numbers, and right after many creations both lie
 * close to now. They differ in one thing: the second is, to the last bit, the creation time of a dictionary in the
 * list. (One deleted between two pages in these few seconds is taken for a clock, and the next page begins anew: items
 * may repeat, none is missing.)
 */

/** How far a client's clock may be behind ours, in seconds. */
export const clockSkewSeconds = 5;

/** How many records are looked at first when a page is searched for its bound. */
const firstSearchObjects = 100;

/** The request for a page. */
export interface PageRequest {
  readonly environmentId: string;
  /** 0: no limit. */
  readonly maxObjects: number;
  readonly createdBeforeSeconds?: number | undefined;
  readonly nowMs: number;
}

/** The named dictionaries of a page, newest first. @throws `invalid_argument` */
export async function listPage(store: Store, request: PageRequest): Promise<readonly DictRecord[]> {
  const { environmentId, createdBeforeSeconds: bound, nowMs } = request;
  const maxObjects = checkedMaxObjects(request.maxObjects);
  if (bound === undefined) return store.listDicts({ environmentId, maxObjects });
  if (Number.isNaN(bound)) throw createError("invalid_argument", "createdBeforeSeconds is not a number");
  if (bound <= nowMs / 1000 - clockSkewSeconds || (await isCreationTime(store, environmentId, bound))) {
    return store.listDicts({ environmentId, maxObjects, createdBeforeSeconds: bound });
  }
  return store.listDicts({ environmentId, maxObjects });
}

function checkedMaxObjects(maxObjects: number): number | undefined {
  if (!Number.isSafeInteger(maxObjects) || maxObjects < 0) {
    throw createError(
      "invalid_argument",
      `maxObjects is ${maxObjects}, it must be 0 or a positive whole number`,
    );
  }
  return maxObjects === 0 ? undefined : maxObjects;
}

/** Whether a dictionary was created exactly then. Looks only at the newest ones, down to that time. */
async function isCreationTime(store: Store, environmentId: string, seconds: number): Promise<boolean> {
  for (let maxObjects = firstSearchObjects; ; maxObjects *= 4) {
    const newest = await store.listDicts({ environmentId, maxObjects });
    const reached = newest.find((dict) => dict.createdAtSeconds <= seconds);
    if (reached !== undefined) return reached.createdAtSeconds === seconds;
    if (newest.length < maxObjects) return false;
  }
}
