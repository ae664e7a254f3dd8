// Answers to repeated calls end together, hundreds of thousands at once: nobody waits for them.
import { idempotencyRetentionMs } from "@everdict/protocol";
import { expect, test, vi } from "vitest";
import { dictId, openWithDict, segmentPaths, temporaryDirectory } from "../testing/small-store.ts";

const answers = 200_000;
const together = 2_000;
const mib = 1024 * 1024;
const key = Buffer.from("k");

test(`compaction is held up by no forgetting of ${answers} answers whose time is over`, async () => {
  const time = { nowMs: 1_000_000 };
  const directory = temporaryDirectory();
  const store = await openWithDict(directory, { clock: () => time.nowMs, segmentMaxBytes: 4 * mib });
  await store.createDict({
    ...{ id: "di-loose", environmentId: "en-test", name: "loose", createdBy: "test", data: [] },
    ...{ expiry: { policy: "never" }, durability: "memory" },
  });
  await store.update("di-loose", [{ key, value: key }]);
  for (let first = 0; first < answers; first += together) {
    const keys = Array.from({ length: together }, (_, index) => `t${first + index}`);
    await Promise.all(
      keys.map((idempotencyKey) => store.putIfAbsent("di-loose", key, key, { idempotencyKey })),
    );
  }
  const segmentsBefore = segmentPaths(directory);
  time.nowMs += idempotencyRetentionMs;

  let longestMs = 0;
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
  }, 1);
  try {
    // A value that is written over again and again: compaction takes the segments that hold nothing else.
    await vi.waitFor(
      async () => {
        await store.update(dictId, [{ key, value: Buffer.alloc(mib, 7) }]);
        const left = segmentPaths(directory).filter((path) => segmentsBefore.includes(path));
        const written = segmentPaths(directory).length - left.length;
        const last = Number(/(\d+)\.segment$/.exec(segmentPaths(directory).at(-1)!)![1]);
        expect(written).toBeLessThan(last - segmentsBefore.length);
      },
      { timeout: 60_000, interval: 1 },
    );
  } finally {
    clearInterval(timer);
  }
  console.log(`${answers} answers whose time is over held up others for ${longestMs.toFixed(0)} ms at most`);
  expect(longestMs).toBeLessThan(400);
}, 120_000);
