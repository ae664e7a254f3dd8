import { createMemoryStore } from "@everdict/store";
import { describe, test } from "vitest";
import { openEngine } from "./engine.ts";
import { serviceSuite } from "./suite/index.ts";

serviceSuite({
  describe,
  test,
  name: "memory store, in-process",
  async open(options) {
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
  },
});
