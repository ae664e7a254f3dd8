import { loadPeer } from "../setup-peers.mjs";

/** LMDB: transactions of its own making for whatever is called while the one before is flushed. */
export const lmdb = {
  async open({ directory, durability }) {
    const { open } = await loadPeer("lmdb");
    // Resolves with its own flush; with the default a promise waits for the next one too.
    const options = { encoding: "binary", keyEncoding: "binary", overlappingSync: false };
    const db = open({ path: directory, ...options, noSync: durability !== "sync" });
    return {
      get: (key) => db.get(key),
      put: (key, value) => db.put(key, value),
      putIfAbsent: (key, value) => db.ifNoExists(key, () => db.put(key, value)),
      pop: (key) =>
        db.transaction(() => {
          const value = db.get(key);
          if (value !== undefined) db.remove(key);
          return value;
        }),
      update: (entries) =>
        db.transaction(() => {
          for (const { key, value } of entries) db.put(key, value);
        }),
      async scan() {
        let count = 0;
        for (const { value } of db.getRange({})) if (value !== undefined) count++;
        return count;
      },
      clear: () => db.clearAsync(),
      close: () => db.close(),
    };
  },
};
