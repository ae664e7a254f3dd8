// Nothing holds the server's event loop, whatever its size: every operation at its largest allowed input.
import { defaultLimits } from "@everdict/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parameters } from "../parameters.ts";
import { type MeasuredServer, startMeasuredServer } from "./measured-server.ts";
import { createDicts, fill, operations, upkeep } from "./operations.ts";
import { key, type Row, type Setting, type Sizes } from "./setting.ts";

/** What the server may be held by one operation, in milliseconds: the best of a few rounds. */
const holdMaxMs = 50;
const roundsMax = 8;

const sizes: Sizes = {
  valueBytes: defaultLimits.valueMaxBytes,
  keyBytes: defaultLimits.keyMaxBytes,
  entries: parameters.loopEntries,
  requestEntries: defaultLimits.requestMaxEntries,
  dicts: parameters.loopDicts,
  durableDicts: parameters.loopDurableDicts,
  valuesAtOnce: parameters.loopValuesAtOnce,
};
const timeoutMs = 600_000;

let server: MeasuredServer;
let crowded: MeasuredServer;
beforeAll(async () => {
  server = await startMeasuredServer("log");
  // In memory, where dictionaries are made a hundred times as fast; how they are kept and listed is the same.
  crowded = await startMeasuredServer("memory");
  await createDicts(crowded.services.session, "", sizes.dicts);
}, timeoutMs);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await crowded[Symbol.asyncDispose]();
}, timeoutMs);

const largeValue = new Uint8Array(sizes.valueBytes);
for (let at = 0; at < largeValue.length; at += 4096) largeValue[at] = at >> 12;

let made = 0;
function settingOf(transport: keyof MeasuredServer["services"]): Setting {
  const service = server.services[transport];
  const { session } = server.services;
  const dict = () =>
    service.getOrCreateDict({ mode: "createIfMissing", environment: "", name: `dict-${++made}` });
  const filled = async (entries: number) => {
    const info = await dict();
    await fill(session, info.dictId, entries, sizes.requestEntries);
    return info;
  };
  const withLargeValue = async () => {
    const info = await dict();
    await session.update(info.dictId, [{ key: key("large"), value: largeValue }]);
    return info;
  };
  const many = { ...crowded, service: crowded.services[transport] };
  return { server, service, sizes, dict, filled, withLargeValue, largeValue, crowded: many };
}

async function measure(name: string, row: Row, setting: Setting): Promise<void> {
  let bestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < roundsMax && bestMs >= holdMaxMs; round++) {
    const act = await row(setting);
    let crowdedMs = 0;
    const serverMs = await server.holdMs(async () => {
      crowdedMs = await crowded.holdMs(act);
    });
    bestMs = Math.min(bestMs, Math.max(serverMs, crowdedMs));
  }
  console.log(`${bestMs.toFixed(1).padStart(8)} ms  ${name}`);
  expect(bestMs, `ms for which ${name} held the event loop`).toBeLessThan(holdMaxMs);
}

for (const transport of ["session", "gRPC"] as const) {
  describe(`over ${transport} the event loop goes on during`, () => {
    for (const [method, rows] of Object.entries(operations)) {
      for (const [input, row] of Object.entries(rows)) {
        const name = `${method}: ${input}`;
        test(name, () => measure(`${transport}, ${name}`, row, settingOf(transport)), timeoutMs);
      }
    }
  });
}

describe("the event loop goes on during", () => {
  test.each(Object.entries(upkeep))("%s", (name, row) => measure(name, row, settingOf("session")), timeoutMs);
});
