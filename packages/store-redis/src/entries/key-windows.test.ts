import { describe, expect, test } from "vitest";
import type { Command } from "../cluster/call.ts";
import type { StoreContext } from "../context/store-context.ts";
import { Keyspace } from "../keys/keyspace.ts";
import type { DictDirectory } from "../registry/dict-directory.ts";
import { OpenDict } from "../registry/open-dict.ts";
import type { PlacedField } from "./key-order.ts";
import { KeyWindows } from "./key-windows.ts";

const stored = { id: "di-1", environmentId: "en-1", name: "jobs", createdBy: "somebody", shards: 1 };
const dict = new OpenDict({ ...stored, expiry: { policy: "never" } }, new Keyspace("test:"));
const request = { dict, shard: 0, match: undefined, behind: undefined };
const stepFields = 100;

/** Windows over servers with tables of their own: `serverOf` says which one answers a step. */
function open(tables: readonly (readonly string[])[], serverOf: (step: number) => number = () => 0) {
  const counters = { scanRestarts: 0 };
  let steps = 0;
  let begun = 0;
  const ask = async ({ command }: Command) => {
    if (command[3] === "0") begun++;
    const server = serverOf(steps++);
    const table = tables[server]!;
    const start = Number(command[3]);
    const fields = table.slice(start, start + stepFields).map((text) => Buffer.from(text));
    const next = start + stepFields < table.length ? start + stepFields : 0;
    return { reply: [Buffer.from(String(next)), fields, 100 * fields.length], connectionId: server };
  };
  const context = { router: { ask }, counters, clock: () => 1 } as unknown as StoreContext;
  const windows = new KeyWindows(context, {} as DictDirectory);
  return { windows, counters, steps: () => steps, begun: () => begun };
}

const texts = Array.from({ length: 1_000 }, (_, index) => `k${index}`);
const textsOf = (fields: readonly PlacedField[]) => fields.map(({ field }) => field.toString());

describe("KeyWindows", () => {
  test("looks at all keys again if another server answers, whose table has another order", async () => {
    const { windows, counters } = open([texts, texts.toReversed()], (step) => (step < 5 ? 0 : 1));
    const { fields, isLast } = await windows.get("a", request);
    expect(new Set(textsOf(fields))).toEqual(new Set(texts));
    expect(fields).toHaveLength(texts.length);
    expect(isLast).toBe(true);
    expect(counters.scanRestarts).toBe(1);
  });

  test("keeps a window for its name until it is dropped, and gives what is behind a place", async () => {
    const { windows, steps } = open([texts]);
    const { fields } = await windows.get("a", request);
    expect(steps()).toBe(10);
    const behind = fields[399]!;
    expect((await windows.get("a", { ...request, behind })).fields).toEqual(fields.slice(400));
    expect((await windows.get("a", { ...request, behind: fields.at(-1) })).fields).toEqual([]);
    expect(steps()).toBe(10);
    expect(textsOf((await windows.get("b", { ...request, behind })).fields)).toEqual(
      textsOf(fields.slice(400)),
    );
    expect(steps()).toBe(20);
    windows.drop("a");
    await windows.get("a", request);
    expect(steps()).toBe(30);
  });

  test("looks once for all who ask for the same window at once", async () => {
    const { windows, steps } = open([texts]);
    const [one, other] = await Promise.all([windows.get("a", request), windows.get("a", request)]);
    expect(steps()).toBe(10);
    expect(other).toEqual(one);
    await Promise.all([
      windows.get("b", request),
      windows.get("b", { ...request, behind: one!.fields[0] }),
      windows.get("c", request),
    ]);
    expect(steps()).toBe(40);
  });

  test("reads no more than 16 windows at a time, and all in the end", async () => {
    const { windows, begun } = open([texts]);
    const all = Array.from({ length: 40 }, (_, index) => windows.get(`${index}`, request));
    expect(begun()).toBe(16);
    for (const { fields } of await Promise.all(all)) expect(fields).toHaveLength(texts.length);
    expect(begun()).toBe(40);
    await windows.get("again", request);
    expect(begun()).toBe(41);
  });

  test("looks again for what is before a kept window", async () => {
    const { windows, steps } = open([texts]);
    const { fields } = await windows.get("a", request);
    windows.drop("a");
    await windows.get("a", { ...request, behind: fields[500] });
    expect(textsOf((await windows.get("a", { ...request, behind: fields[499] })).fields)).toEqual(
      textsOf(fields.slice(500)),
    );
    expect(steps()).toBe(30);
  });

  test("gives a large shard in several windows, each in order behind the one before", async () => {
    const many = Array.from({ length: 70_000 }, (_, index) => `k${index}`);
    const { windows } = open([many]);
    const seen: string[] = [];
    let behind: PlacedField | undefined;
    for (let rounds = 1, isLast = false; !isLast; rounds++) {
      const window = await windows.get("a", { ...request, behind });
      expect(window.fields.length).toBeLessThanOrEqual(32_768);
      seen.push(...textsOf(window.fields));
      behind = window.fields.at(-1);
      isLast = window.isLast;
      expect(rounds).toBeLessThanOrEqual(3);
    }
    expect(seen).toHaveLength(many.length);
    expect(new Set(seen).size).toBe(many.length);
  });
});
