import { fileURLToPath } from "node:url";
import { serviceSuite } from "@everdict/engine/suite";
import { rolldown } from "rolldown";
import { describe, expect, test } from "vitest";
import { openMemoryEngine } from "./index.ts";

serviceSuite({
  describe,
  test,
  name: "embedded, memory",
  async open(options) {
    let nowMs = Date.UTC(2026, 0, 1);
    const engine = await openMemoryEngine({ ...options, clock: () => nowMs, sweepIntervalMs: 0 });
    return {
      service: engine.serviceFor({ id: "one", name: "One" }),
      otherCaller: engine.serviceFor({ id: "two", name: "Two" }),
      advance: (ms) => {
        nowMs += ms;
      },
      sweep: () => engine.sweep(),
      destroy: () => engine.close(),
    };
  },
});

describe("the memory engine", () => {
  test("is another, empty one each time", async () => {
    const one = await openMemoryEngine();
    const other = await openMemoryEngine({ defaultEnvironment: "test" });
    const caller = { id: "local", name: "local" };
    const request = { mode: "createIfMissing", environment: "", name: "jobs" } as const;
    await one.serviceFor(caller).getOrCreateDict(request);
    const elsewhere = other.serviceFor(caller);
    expect(await elsewhere.listDicts({ environment: "", maxObjects: 0 })).toEqual([]);
    expect(await elsewhere.listEnvironments()).toMatchObject([{ name: "test" }]);
    await Promise.all([one.close(), other.close()]);
  });

  test("bundles for browsers without built-in modules, and the bundle works", async () => {
    const bundle = await rolldown({
      input: fileURLToPath(new URL("./index.ts", import.meta.url)),
      platform: "browser",
      resolve: { conditionNames: ["@everdict/source", "browser", "import", "default"] },
      onLog: (level, log) => {
        if (level === "warn") throw new Error(log.message);
      },
    });
    const { output } = await bundle.generate({ format: "esm" });
    await bundle.close();
    expect(output.length).toBe(1);
    const { code, imports, dynamicImports } = output[0];
    expect([...imports, ...dynamicImports]).toEqual([]);
    expect(code).not.toMatch(/\bBuffer\.|\bprocess\.[a-z]/);
    const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      openMemoryEngine: typeof openMemoryEngine;
    };
    const engine = await module.openMemoryEngine();
    expect(await engine.serviceFor({ id: "a", name: "a" }).listEnvironments()).toMatchObject([
      { name: "main" },
    ]);
    await engine.close();
  });
});
