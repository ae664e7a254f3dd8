import { encode, encodeKey } from "@everdict/pickle";
import { Client, Dict } from "everdict";
import { expect, test } from "vitest";
import { readRows, rowOf } from "./entry-rows.ts";

test("a row has the key and the value as the command prints them, and the size of the value", () => {
  const value = encode({ state: "done" });
  expect(rowOf({ key: encodeKey("job-1"), value })).toMatchObject({
    keyText: "job-1",
    preview: '{"state": "done"}',
    isUnreadable: false,
    valueBytes: value.length,
  });
});

test("a large value has no preview, and one that is no pickle says why", () => {
  const key = encodeKey("k");
  expect(rowOf({ key, value: encode("x".repeat(100_000)) }).preview).toBe("");
  const broken = rowOf({ key, value: new Uint8Array([1, 2, 3]) });
  expect(broken.isUnreadable).toBe(true);
  expect(broken.preview).not.toBe("");
});

test("rows come page by page, each entry once, and with a prefix only those that begin so", async () => {
  await using client = Client.connect({ url: "memory:" });
  const dict = Dict.fromName<string, number>("rows", { client, createIfMissing: true });
  await dict.update(Array.from({ length: 250 }, (_, index) => [`job-${index}`, index] as const));
  await dict.put("other", 1);
  const service = await client.service();
  const open = {
    service,
    info: await service.getOrCreateDict({ mode: "lookup", environment: "", name: "rows" }),
  };
  const read = async (prefix: string) => {
    const seen: string[] = [];
    let after: Uint8Array | undefined;
    do {
      const page = await readRows(open, prefix, after);
      seen.push(...page.rows.map((row) => row.keyText));
      after = page.next;
    } while (after !== undefined);
    return seen;
  };
  const all = await read("");
  expect([all.length, new Set(all).size]).toEqual([251, 251]);
  const jobs = await read("job-1");
  expect(jobs.length).toBe(111);
  expect(jobs.every((key) => key.startsWith("job-1"))).toBe(true);
});
