// The process that crash.mjs kills: opens the store of a directory and works on it until it dies.
//
// Sequential clients, each with keys of its own in a shared dictionary and with a dictionary of its own that it
// also clears, deletes and makes again. What a client is about to do and what it was answered goes to a journal:
// a line is in the kernel's hands when `writeSync` returns, so a killed process loses none of them.
import { randomBytes } from "node:crypto";
import { openSync, writeSync } from "node:fs";
import { openLogStore } from "../dist/index.js";
import {
  accountCount,
  clientCount,
  durabilityOf,
  entryValue,
  environmentId,
  keyOf,
  ownDictName,
  random,
  sharedDictId,
  storeOptions,
  transferAnswer,
  transferRequest,
  updateValue,
  valueText,
} from "./crash-model.mjs";

const [directory, journalPath, seed, durability] = process.argv.slice(2);
const journal = openSync(journalPath, "a");
const record = (line) => writeSync(journal, `${JSON.stringify(line)}\n`);
const store = await openLogStore({ directory, ...storeOptions });

if (store.findEnvironment("main") === undefined) await store.createEnvironment(environmentId, "main");
if (store.getDict(sharedDictId) === undefined) {
  await store.createDict(newDict(sharedDictId, "shared", durabilityOf(durability, { shared: true })));
}
record({ open: true });
setInterval(() => store.sweep(1000).catch(() => {}), 20);
await Promise.all(Array.from({ length: clientCount }, (_, client) => run(client)));

async function run(client) {
  const next = random(`${seed}/${client}`);
  for (let sequence = 0; ; sequence++) {
    for (const operation of choose(client, next, sequence)) {
      record({ client, begin: operation });
      const answer = await perform(client, operation);
      record({ client, end: answer });
    }
    // Some clients are quick and some are slow, so that groups of all sizes are in flight.
    if (next() < 0.05) await new Promise((resolve) => setTimeout(resolve, next() * 5));
    // What need not wait for a disk would leave nobody a turn.
    else if (next() < 0.3) await new Promise((resolve) => setImmediate(resolve));
  }
}

function choose(client, next, sequence) {
  const shared = next() < 0.6;
  const place = { shared, index: Math.floor(next() * 12) };
  const stamp = `${randomBytes(4).toString("hex")}-${client}-${sequence}`;
  const isLarge = next() < 0.02;
  const value = {
    stamp,
    length: isLarge ? 100_000 + Math.floor(next() * 400_000) : Math.floor(next() * 300),
  };
  const idempotencyKey = next() < 0.5 ? `key-${stamp}` : undefined;
  if (next() < 0.15) {
    const from = Math.floor(next() * accountCount);
    const to = (from + 1 + Math.floor(next() * (accountCount - 1))) % accountCount;
    return [{ do: "transfer", shared, from, to, amount: 1 + Math.floor(next() * 1000), idempotencyKey }];
  }
  const roll = next();
  if (roll < 0.35) return [{ do: "put", ...place, value }];
  if (roll < 0.55) return [{ do: "putIfAbsent", ...place, value, idempotencyKey }];
  if (roll < 0.8) return [{ do: "pop", ...place, idempotencyKey }];
  if (roll < 0.92) {
    const count = !shared && next() < 0.1 ? 1000 : 1 + Math.floor(next() * 12);
    return [{ do: "update", shared, from: shared ? 0 : place.index, count, value }];
  }
  if (roll < 0.97) return [{ do: "clear", shared: false }];
  return [{ do: "delete" }, { do: "create", id: `di-${stamp}` }];
}

async function perform(client, operation) {
  const { shared, index, idempotencyKey } = operation;
  if (operation.do === "create") {
    const mode = durabilityOf(durability, { shared: false, client });
    return (await store.createDict(newDict(operation.id, ownDictName(client), mode))).created;
  }
  const dictId = shared ? sharedDictId : store.findDict(environmentId, ownDictName(client))?.id;
  if (operation.do === "delete") {
    if (dictId !== undefined) await store.deleteDict(dictId);
    return undefined;
  }
  if (dictId === undefined) return "none";
  const key = keyOf(client, index);
  switch (operation.do) {
    case "put":
      return await store.update(dictId, [{ key, value: entryValue(operation.value, index) }]);
    case "putIfAbsent":
      return await store.putIfAbsent(dictId, key, entryValue(operation.value, index), { idempotencyKey });
    case "pop":
      return valueText(await store.pop(dictId, key, { idempotencyKey }));
    case "update": {
      const { from, count, value } = operation;
      const entries = Array.from({ length: count }, (_, each) => ({
        key: keyOf(client, from + each),
        value: entryValue(updateValue(value), from + each),
      }));
      return await store.update(dictId, entries);
    }
    case "transfer":
      return transferAnswer(
        await store.commit(dictId, transferRequest(client, operation), { idempotencyKey }),
      );
    case "clear":
      return await store.clear(dictId);
  }
}

function newDict(id, name, mode) {
  const expiry = { policy: "afterWrite", ttlMs: 30 * 24 * 3600 * 1000 };
  return { id, environmentId, name, createdBy: "crash", expiry, durability: mode, data: [] };
}
