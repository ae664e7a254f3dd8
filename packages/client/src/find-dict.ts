/** How the handles that a program makes find or create their dictionary. */

import type { Entry } from "@everdict/protocol";
import { copiedPairs } from "./dict-entries.ts";
import type { FindDict } from "./dict-handle.ts";
import type { FromNameOptions, NewDictOptions } from "./dict-options.ts";
import type { ShareTime } from "./request-options.ts";

/** Encodes initial content. */
export type EncodePairs = (pairs: Iterable<readonly [unknown, unknown]>, call: ShareTime) => Promise<Entry[]>;

/** Finds a named dictionary, or creates it. The initial content is copied now, and encoded at the first use. */
export function findNamed<K, V>(
  name: string,
  options: FromNameOptions<K, V>,
  encodePairs: EncodePairs,
): FindDict {
  const mode = options.createIfMissing ? "createIfMissing" : "lookup";
  const pairs = mode === "lookup" ? [] : copiedPairs(options.data);
  const { expiry, durability, shards } = options;
  return async ({ service, environment }, call) => {
    const data = await encodePairs(pairs, call);
    const where = { environment: options.environment ?? environment, name };
    return service.getOrCreateDict({ mode, ...where, data, expiry, durability, shards }, call());
  };
}

/** Creates an ephemeral dictionary. */
export function createEphemeral<K, V>(options: NewDictOptions<K, V>, encodePairs: EncodePairs): FindDict {
  const pairs = copiedPairs(options.data);
  const { expiry, durability, shards } = options;
  return async (session, call) => {
    const data = await encodePairs(pairs, call);
    const environment = options.environment ?? session.environment;
    return session.service.getOrCreateDict(
      { mode: "ephemeral", environment, data, expiry, durability, shards },
      call(),
    );
  };
}
