// The process whose data directory the damage matrix damages: makes the directory, says that it is ready, and then is
// killed, or closes its store in order when it is told to.

import { once } from "node:events";
import { readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { firstToken } from "@everdict/server";
import { openLogStore } from "@everdict/store-log";

const [directory, entryCount] = process.argv.slice(2);
const { tokenId, tokenSecret } = await firstToken(directory, { name: "subject" });
const store = await openLogStore({ directory, segmentMaxBytes: 16 * 1024, flushPath: "pool" });
await store.createEnvironment("en-subject", "main");
const expiry = { policy: "never" };
const id = "di-subject";
await store.createDict({ id, environmentId: "en-subject", name: "subject", createdBy: "", expiry, data: [] });
for (let index = 0; index < Number(entryCount); index++) {
  await store.update(id, [{ key: Buffer.from(`key-${index}`), value: Buffer.alloc(1000, `${index}.`) }]);
}
const count = (suffix) => readdirSync(directory).filter((name) => name.endsWith(suffix)).length;
// Hints are written in the background: all but that of the last segment.
for (let left = 1000; count(".hint") < count(".segment") - 1 && left > 0; left--) await pause(10);
process.stdout.write(`${JSON.stringify({ tokenId, tokenSecret })}\n`);
await once(process.stdin, "data");
await store.close();
process.exit(0);
