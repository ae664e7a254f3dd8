// What the change feed brings: everything, once, in order, from any place that the log still has.
import { waitUntil } from "@everdict/testkit";
import { expect, onTestFinished, test, vi } from "vitest";
import type { FileLayer, LogFile } from "../files/files.ts";
import { nodeFiles } from "../files/node-files.ts";
import type { LogStore } from "../store/log-store.ts";
import { openLogStore } from "../store/open-log-store.ts";
import { dictId, openWithDict, put, segmentPaths, temporaryDirectory } from "../testing/small-store.ts";
import type { Change } from "./change-feed.ts";

/** A change in a few words. */
function words(change: Change): string {
  switch (change.kind) {
    case "put":
      return `put ${Buffer.from(change.key)}=${Buffer.from(change.value).toString().slice(0, 8)}`;
    case "remove":
      return `remove ${Buffer.from(change.key)}`;
    case "dict":
      return `dict ${change.dict.id}`;
    default:
      return `${change.kind} ${change.dictId}`;
  }
}

/** Reads until everything that is flushed was shown, or there is a gap. */
async function readAll(store: LogStore, after: number): Promise<Change[] | "gap"> {
  const changes: Change[] = [];
  const target = store.lastSequence;
  if (after >= target) return changes;
  for await (const event of store.changes(after)) {
    if (event.kind === "gap") return "gap";
    changes.push(...event.changes);
    if (event.upToSequence >= target) break;
  }
  return changes;
}

async function wordsAfter(store: LogStore, after: number): Promise<string[] | "gap"> {
  const changes = await readAll(store, after);
  return changes === "gap" ? changes : changes.map(words);
}

/** Files of which those of segments are changed. */
function segmentFiles(change: (file: LogFile) => Partial<LogFile>): FileLayer {
  const changed = (file: LogFile): LogFile => ({
    size: () => file.size(),
    read: (target, position) => file.read(target, position),
    readSync: (target, position) => file.readSync(target, position),
    write: (parts, position) => file.write(parts, position),
    sync: () => file.sync(),
    truncate: (length) => file.truncate(length),
    close: () => file.close(),
    ...change(file),
  });
  const create = async (path: string) => {
    const file = await nodeFiles.create(path);
    return path.endsWith(".segment") ? changed(file) : file;
  };
  return { ...nodeFiles, create };
}

/** Somebody who waits at it goes on when it is let go. */
function gate(): { readonly open: Promise<void>; letGo(): void } {
  let letGo: () => void = () => {};
  const open = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return { open, letGo };
}

const bytes = (text: string) => Buffer.from(text);

test("every change is there, in the order of its sequence numbers, from any of them on", async () => {
  const store = await openWithDict(temporaryDirectory());
  await put(store, "a", "1");
  await store.update(dictId, [
    { key: bytes("b"), value: bytes("2") },
    { key: bytes("c"), value: bytes("3") },
  ]);
  await store.pop(dictId, bytes("a"), { idempotencyKey: "t" });
  await store.putIfAbsent(dictId, bytes("b"), bytes("4"));
  await store.clear(dictId);
  await put(store, "d", "5");
  const all = await readAll(store, 0);
  if (all === "gap") throw new Error("a gap in a log that is whole");
  expect(all.map(words)).toEqual([
    `dict ${dictId}`,
    "put a=1",
    "put b=2",
    "put c=3",
    "remove a",
    `clear ${dictId}`,
    "put d=5",
  ]);
  const sequences = all.map(({ sequence }) => sequence);
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  for (const [index, after] of sequences.entries())
    expect(await wordsAfter(store, after)).toEqual(all.slice(index + 1).map(words));
});

test("the deletion of a dictionary is shown, and that is the end of it", async () => {
  const store = await openWithDict(temporaryDirectory());
  const after = store.lastSequence;
  await put(store, "a", "1");
  await store.deleteDict(dictId);
  expect(await wordsAfter(store, after)).toEqual([`deleteDict ${dictId}`]);
});

test("a feed waits for what comes, whatever its durability, and goes from segment to segment", async () => {
  const store = await openWithDict(temporaryDirectory(), { segmentMaxBytes: 4096 });
  const expiry = { policy: "never" } as const;
  const relaxed = { id: "di-relaxed", environmentId: "en-test", name: "relaxed", createdBy: "", expiry };
  await store.createDict({ ...relaxed, durability: "memory", data: [] });
  const seen: string[] = [];
  const end = new AbortController();
  const reading = (async () => {
    for await (const event of store.changes(store.lastSequence, end.signal)) {
      if (event.kind === "gap") throw new Error("a gap");
      seen.push(...event.changes.map(words));
      if (seen.length === 31) return;
    }
  })();
  for (let count = 0; count < 30; count++) await put(store, `k${count}`, `${count}`.padEnd(500, "."));
  // Nobody asks for a flush of this one but the feed.
  await store.update("di-relaxed", [{ key: bytes("r"), value: bytes("1") }]);
  await reading;
  expect(seen.map((text) => text.split("=")[0])).toEqual([
    ...Array.from({ length: 30 }, (_, count) => `put k${count}`),
    "put r",
  ]);
  end.abort();
});

test("what compaction copies is no change; what it removed is a gap", async () => {
  const directory = temporaryDirectory();
  const compaction = gate();
  let isHeld = false;
  const files = segmentFiles((file) => ({
    read: async (target, position) => {
      if (isHeld) await compaction.open;
      return file.read(target, position);
    },
  }));
  const store = await openWithDict(directory, { segmentMaxBytes: 4096, files });
  await put(store, "first", "1");
  const early = store.lastSequence;
  const slow = store.changes(0);
  expect((await slow.next()).value).toMatchObject({ kind: "changes" });
  isHeld = true;
  // A few small entries stay in each segment, so that it is not just dropped.
  for (let count = 0; count < 200; count++) {
    if (count % 4 === 0) await put(store, `kept-${count}`, "1");
    await put(store, "a", `${count}`.padEnd(500, "."));
  }
  const written = store.lastSequence;
  const segmentCount = segmentPaths(directory).length;
  expect(segmentCount).toBeGreaterThan(20);
  compaction.letGo();
  await waitUntil(
    "most segments are compacted away",
    () => segmentPaths(directory).length < segmentCount / 2,
  );
  expect(await wordsAfter(store, early)).toBe("gap");
  expect(await wordsAfter(store, 0)).toBe("gap");
  let last: unknown;
  for await (const event of slow) last = event;
  expect(last).toEqual({ kind: "gap" });
  await put(store, "b", "1");
  expect(await wordsAfter(store, written)).toEqual(["put b=1"]);
});

test("a segment that compaction is just taking away is a gap, for one who reads it and for one who begins", async () => {
  const directory = temporaryDirectory();
  let isClosing = false;
  const closing = gate();
  const files = segmentFiles((file) => ({
    close: async () => {
      await file.close();
      isClosing = true;
      await closing.open;
    },
  }));
  const store = await openWithDict(directory, { segmentMaxBytes: 4096, files });
  onTestFinished(() => closing.letGo());
  const early = store.lastSequence;
  const slow = store.changes(0);
  expect((await slow.next()).value).toMatchObject({ kind: "changes" });
  for (let count = 0; count < 200; count++) await put(store, "a", `${count}`.padEnd(500, "."));
  await vi.waitUntil(() => isClosing, { timeout: 60_000 });
  expect(segmentPaths(directory)[0]).toMatch(/0000000001\.segment$/);
  expect(await wordsAfter(store, early)).toBe("gap");
  for await (const event of slow) if (event.kind === "gap") return;
  expect.unreachable("the feed ended without a gap");
});

test("a number goes on meaning the same after the store was opened again; one from the future is a gap", async () => {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory);
  await put(store, "a", "1");
  const after = store.lastSequence;
  await put(store, "b", "2");
  await store.close();
  const again = await openLogStore({ directory });
  onTestFinished(() => again.close());
  expect(await wordsAfter(again, after)).toEqual(["put b=2"]);
  expect((await again.changes(again.lastSequence + 1).next()).value).toEqual({ kind: "gap" });
});

test("a feed of a store that is closed ends with store_closed, also one that waits", async () => {
  const store = await openWithDict(temporaryDirectory());
  const feed = store.changes(store.lastSequence);
  const waiting = expect(feed.next()).rejects.toMatchObject({ code: "store_closed" });
  await new Promise((resolve) => setImmediate(resolve));
  await store.close();
  await waiting;
});
