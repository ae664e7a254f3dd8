import { GroupCommit } from "../group-commit.mjs";
import { loadPeer } from "../setup-peers.mjs";

/** LevelDB with a record per entry, and group commit in front of it. */
export const level = {
  async open({ directory, durability }) {
    const { ClassicLevel } = await loadPeer("classic-level");
    const db = new ClassicLevel(directory, { keyEncoding: "buffer", valueEncoding: "buffer" });
    await db.open();
    const commit = (writes) =>
      db.batch(
        Array.from(writes, ([text, value]) => {
          const key = Buffer.from(text, "latin1");
          return value === undefined ? { type: "del", key } : { type: "put", key, value };
        }),
        { sync: durability === "sync" },
      );
    const group = new GroupCommit({ commit, getSync: (key) => db.getSync(key) });
    return {
      // Much quicker than its asynchronous get.
      get: (key) => db.getSync(key),
      put: (key, value) => group.put(key, value),
      putIfAbsent: (key, value) => group.putIfAbsent(key, value),
      pop: (key) => group.pop(key),
      update: (entries) => group.update(entries),
      async scan() {
        let count = 0;
        for await (const [, value] of db.iterator()) if (value !== undefined) count++;
        return count;
      },
      clear: () => db.clear(),
      close: () => db.close(),
    };
  },
};
