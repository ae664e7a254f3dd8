import type { OpenStoreOptions, StoreUnderTest } from "@everdict/store/suite";
import { openRedisStore } from "../store/open-redis-store.ts";
import type { RedisStoreOptions } from "../store/redis-options.ts";

let prefixesMade = 0;

/** What the conformance suite compares with what the store says. */
export const redisCapabilities = {
  durability: "everysec",
  persistent: true,
  atomicUpdate: false,
  commitsAnyKeys: false,
  durableAnswers: true,
} as const;

/** An opener for the suites: every store has a prefix, and so a key space, of its own. */
export function openerOn(
  options: () => Omit<RedisStoreOptions, "clock" | "prefix" | "recordedAnswersMaxBytes">,
) {
  return async ({ clock, recordedAnswersMaxBytes }: OpenStoreOptions): Promise<StoreUnderTest> => {
    const prefix = `test-${process.pid}-${prefixesMade++}:`;
    const open = () => openRedisStore({ ...options(), prefix, clock, recordedAnswersMaxBytes });
    let store = await open();
    const opened = [store];
    return {
      store,
      reopen: async () => {
        await store.close();
        store = await open();
        opened.push(store);
        return store;
      },
      crash: async () => {
        // What was begun goes on in the abandoned store, as it would on a server that was asked already.
        store = await open();
        opened.push(store);
        return store;
      },
      destroy: async () => {
        await Promise.all(opened.map((one) => one.close()));
      },
    };
  };
}
