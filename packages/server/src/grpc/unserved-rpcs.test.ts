import { pino } from "pino";
import { expect, test } from "vitest";
import { UnservedRpcs } from "./unserved-rpcs.ts";

function logged(use: (unserved: UnservedRpcs) => void): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  use(new UnservedRpcs(pino({}, { write: (line) => void lines.push(JSON.parse(line)) })));
  return lines;
}

test("each name is logged once, and all are counted", () => {
  const lines = logged((unserved) => {
    for (const name of ["QueueList", "AppList", "QueueList"])
      unserved.refuse(`/modal.client.ModalClient/${name}`);
    unserved.logCounts();
  });
  expect(lines).toMatchObject([
    { rpc: "QueueList" },
    { rpc: "AppList" },
    { calls: { QueueList: 2, AppList: 1 } },
  ]);
});

test("a client that makes up names fills no memory and no log", () => {
  const lines = logged((unserved) => {
    for (let index = 0; index < 10_000; index++) unserved.refuse(`/x/${"y".repeat(1000)}${index}`);
    for (let index = 0; index < 10_000; index++) unserved.refuse(`/x/${index}`);
    unserved.logCounts();
  });
  expect(lines.length).toBeLessThanOrEqual(501);
  expect(JSON.stringify(lines).length).toBeLessThan(100_000);
});

test("nothing is said where nobody asked", () => {
  expect(logged((unserved) => unserved.logCounts())).toEqual([]);
});
