import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "@everdict/engine";
import { expect, onTestFinished, test } from "vitest";
import { openLogEngine } from "./open-log-engine.ts";
import { openMemoryEngine } from "./open-memory-engine.ts";

type Open = (clock: () => number) => Promise<Engine>;

const openOnDirectory: Open = (clock) => {
  const directory = mkdtempSync(join(tmpdir(), "everdict-clock-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return openLogEngine({ directory, clock, sweepIntervalMs: 0 });
};

test.each([
  ["on a directory", openOnDirectory],
  ["in memory", ((clock) => openMemoryEngine({ clock, sweepIntervalMs: 0 })) as Open],
])("an expired entry does not come back when the clock is set back a little, %s", async (_, open) => {
  let nowMs = 1_000_000;
  const engine = await open(() => nowMs);
  onTestFinished(() => engine.close());
  const service = engine.serviceFor({ id: "t", name: "t" });
  const dict = {
    mode: "createIfMissing",
    environment: "",
    name: "d",
    expiry: { policy: "afterWrite", ttlMs: 10_000 },
  } as const;
  const { dictId } = await service.getOrCreateDict(dict);
  const key = Buffer.from("k");
  await service.update(dictId, [{ key, value: Buffer.from("v") }], false);
  nowMs += 10_001;
  expect(await service.get(dictId, key)).toBeUndefined();
  nowMs -= 10_000;
  expect(await service.get(dictId, key)).toBeUndefined();
  expect(await service.contains(dictId, key)).toBe(false);
  // A clock that was wrong by more is followed once it is right: nothing that is written now lives for longer.
  nowMs -= 60_001;
  await service.update(dictId, [{ key, value: Buffer.from("w") }], false);
  nowMs += 10_001;
  expect(await service.get(dictId, key)).toBeUndefined();
});
