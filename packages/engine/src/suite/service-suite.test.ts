import { createMemoryStore } from "@everdict/store";
import { describe, expect, test } from "vitest";
import { openEngine } from "../engine.ts";
import { type ServiceSuiteOptions, type ServiceUnderTest, serviceSuite } from "./index.ts";

const open: ServiceSuiteOptions["open"] = async (options) => {
  let nowMs = Date.UTC(2026, 0, 1);
  const clock = () => nowMs;
  const store = createMemoryStore({ clock });
  const engine = await openEngine({ ...options, store, clock, sweepIntervalMs: 0 });
  return {
    service: engine.serviceFor({ id: "one", name: "One" }),
    otherCaller: engine.serviceFor({ id: "two", name: "Two" }),
    advance: (ms) => {
      nowMs += ms;
    },
    sweep: () => engine.sweep(),
    destroy: () => engine.close(),
  };
};

serviceSuite({ describe, test, name: "memory store, in-process", open });

/** What a run of the suite would be: its tests by title. */
function collectTests(
  options: Pick<ServiceSuiteOptions, "open" | "without">,
): Map<string, () => Promise<void>> {
  const tests = new Map<string, () => Promise<void>>();
  serviceSuite({
    name: "collected",
    describe: (_, define) => define(),
    test: (title, run) => tests.set(title, run),
    ...options,
  });
  return tests;
}

/** The service without some of what it can do. */
async function openOnly(...kept: readonly (keyof ServiceUnderTest)[]): Promise<ServiceUnderTest> {
  const all = await open({ limits: {}, ephemeralGraceMs: 1 });
  const { service } = all;
  const some = Object.fromEntries(kept.map((key) => [key, all[key]]));
  return { service, destroy: () => all.destroy(), ...some };
}

describe("the service suite itself", () => {
  const needsSweep = "putting an entry again renews it";

  test("has no two cases of one title", () => {
    const titles: string[] = [];
    serviceSuite({
      name: "collected",
      describe: (_, define) => define(),
      test: (title) => titles.push(title),
      open,
    });
    expect(new Set(titles).size).toBe(titles.length);
    expect(titles).toContain(needsSweep);
  });

  test("lists what does not apply instead of dropping it, and checks that it does not", async () => {
    const all = collectTests({ open });
    const without = ["sweep"] as const;
    const tests = collectTests({ open: () => openOnly("advance", "otherCaller"), without });
    expect(tests.has(needsSweep)).toBe(false);
    const [listTitle] = [...tests.keys()].filter((title) =>
      title.startsWith("not applicable without 'sweep'"),
    );
    const dropped = [...all.keys()].filter((title) => !tests.has(title));
    expect(dropped.length).toBeGreaterThan(5);
    for (const title of dropped) expect(listTitle).toContain(title);
    await tests.get(listTitle!)!();
  });

  test("fails if what does not apply would apply after all", async () => {
    const tests = collectTests({ open, without: ["advance"] });
    const [listTitle] = [...tests.keys()].filter((title) => title.startsWith("not applicable"));
    await expect(tests.get(listTitle!)!()).rejects.toThrow("remove it from without");
  });

  test("fails the cases of a capability that is missing without notice", async () => {
    const tests = collectTests({ open: () => openOnly("advance") });
    await expect(tests.get(needsSweep)!()).rejects.toThrow("needs 'sweep'");
  });
});
