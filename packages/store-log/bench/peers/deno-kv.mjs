import { join } from "node:path";
import { loadPeer } from "../setup-peers.mjs";

const writesPerTransaction = 500;
const namesOf = (key) => ["bench", key];

/** Deno KV on its embedded SQLite, as it runs in Node. */
export const denoKv = {
  async open({ directory }) {
    const { openKv } = await loadPeer("@deno/kv");
    const kv = await openKv(join(directory, "kv.sqlite"));
    return {
      get: async (key) => (await kv.get(namesOf(key))).value ?? undefined,
      put: (key, value) => kv.set(namesOf(key), value),
      putIfAbsent: async (key, value) => {
        const check = { key: namesOf(key), versionstamp: null };
        return (await kv.atomic().check(check).set(namesOf(key), value).commit()).ok;
      },
      async pop(key) {
        for (;;) {
          const entry = await kv.get(namesOf(key));
          if (entry.versionstamp === null) return undefined;
          if ((await kv.atomic().check(entry).delete(namesOf(key)).commit()).ok) return entry.value;
        }
      },
      // It takes no more at once, so this is not atomic.
      async update(entries) {
        for (let start = 0; start < entries.length; start += writesPerTransaction) {
          const transaction = kv.atomic();
          const part = entries.slice(start, start + writesPerTransaction);
          for (const { key, value } of part) transaction.set(namesOf(key), value);
          await transaction.commit();
        }
      },
      async scan() {
        let count = 0;
        for await (const _ of kv.list({ prefix: ["bench"] })) count++;
        return count;
      },
      close: async () => kv.close(),
    };
  },
};
