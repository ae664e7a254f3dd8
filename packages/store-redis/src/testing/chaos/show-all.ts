import { expect } from "vitest";
import type { RedisStore } from "../../store/redis-store.ts";

/**
 * Streams the keys of a dictionary to the end, and expects each of so many exactly once.
 *
 * @param afterBatch - awaited after each batch, with how many there were: what happens meanwhile
 */
export async function showAll(
  store: RedisStore,
  { dictId, count }: { readonly dictId: string; readonly count: number },
  afterBatch: (batches: number) => Promise<void>,
): Promise<void> {
  const shown = new Map<string, number>();
  let batches = 0;
  for await (const batch of store.contents(dictId, { keys: true, values: false })) {
    for (const { key } of batch) {
      const text = Buffer.from(key).toString();
      shown.set(text, (shown.get(text) ?? 0) + 1);
    }
    await afterBatch(++batches);
  }
  expect(shown.size).toBe(count);
  expect(Math.max(...shown.values())).toBe(1);
}
