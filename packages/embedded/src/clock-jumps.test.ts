// What becomes of entries when somebody sets the system's clock, through the engines as they are by default.
import type { Engine } from "@everdict/engine";
import type { DictService } from "@everdict/protocol";
import { type TemporaryDirectory, temporaryDirectory } from "@everdict/testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openLogEngine } from "./log.ts";
import { openMemoryEngine } from "./open-memory-engine.ts";

const dayMs = 24 * 60 * 60 * 1000;
const key = new TextEncoder().encode("key");
const warnings: string[] = [];
const onWarning = (message: string): void => {
  warnings.push(message);
};

const engines = {
  log: (directory: string) => openLogEngine({ directory, sweepIntervalMs: 0, onWarning }),
  memory: () => openMemoryEngine({ sweepIntervalMs: 0, onWarning }),
};

describe.each(Object.entries(engines))("the %s engine", (_, open) => {
  let directory: TemporaryDirectory;
  let aheadMs: number;
  let engine: Engine;
  let service: DictService;

  beforeEach(async () => {
    directory = temporaryDirectory();
    aheadMs = 0;
    warnings.length = 0;
    const systemNow = Date.now;
    vi.spyOn(Date, "now").mockImplementation(() => systemNow() + aheadMs);
    engine = await open(directory.path);
    service = engine.serviceFor({ id: "one", name: "One" });
  });

  afterEach(async () => {
    await engine.close();
    vi.restoreAllMocks();
    directory[Symbol.dispose]();
  });

  async function entryFor(ttlMs: number): Promise<string> {
    const expiry = { policy: "afterWrite", ttlMs } as const;
    const request = { mode: "createIfMissing", environment: "", name: "jobs", expiry } as const;
    const { dictId } = await service.getOrCreateDict(request);
    await service.update(dictId, [{ key, value: key }]);
    return dictId;
  }

  test("a clock that jumps 40 days ahead removes nothing, and says so", async () => {
    const dictId = await entryFor(30 * dayMs);
    aheadMs = 40 * dayMs;
    expect(await engine.sweep()).toEqual({ removed: 0 });
    expect([...(await service.get(dictId, key))!]).toEqual([...key]);
    expect(warnings).toEqual([expect.stringContaining("jumped ahead by 3456000 s")]);
    aheadMs = 0;
    expect(await engine.sweep()).toEqual({ removed: 0 });
    expect(await service.contains(dictId, key)).toBe(true);
  });

  test("a clock that is set back brings no expired entry back", async () => {
    const dictId = await entryFor(60_000);
    aheadMs = 61_000;
    expect(await service.contains(dictId, key)).toBe(false);
    aheadMs = -dayMs;
    expect(await service.contains(dictId, key)).toBe(false);
    expect(await service.get(dictId, key)).toBe(undefined);
    expect(await engine.sweep()).toEqual({ removed: 1 });
    expect(warnings).toEqual([expect.stringContaining("was set back by")]);
  });
});
