import { decode, encode, encodeKey, PyFloat } from "@everdict/pickle";
import { Client, Dict } from "everdict";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  editableText,
  moveEnd,
  removeIfUnchanged,
  type StoredEntry,
  writeIfUnchanged,
} from "./stored-entry.ts";

let client: Client;
let dict: Dict<string, unknown>;
const key = encodeKey("k");

beforeEach(() => {
  client = Client.connect({ url: "memory:" });
  dict = Dict.fromName<string, unknown>("values", { client, createIfMissing: true });
});

afterEach(() => client.close());

async function stored(): Promise<StoredEntry> {
  const service = await client.service();
  const info = await service.getOrCreateDict({ mode: "lookup", environment: "", name: "values" });
  return { key, opened: { service, info }, found: await service.entry(info.dictId, key) };
}

test("a value is written over the one that was read", async () => {
  await dict.put("k", 1);
  const entry = await stored();
  expect(await writeIfUnchanged(entry, encode(2), entry.found!.version)).toBe("written");
  expect(await dict.get("k")).toBe(2);
});

test("what somebody else wrote meanwhile stays, and is shown", async () => {
  await dict.put("k", 1);
  const entry = await stored();
  await dict.put("k", "theirs");
  const outcome = await writeIfUnchanged(entry, encode(2), entry.found!.version);
  if (outcome === "written" || outcome.now === undefined) throw new Error("it was overwritten, or is gone");
  expect(decode(outcome.now.value)).toBe("theirs");
  expect(await dict.get("k")).toBe("theirs");
  expect(await writeIfUnchanged(entry, encode(2), outcome.now.version)).toBe("written");
});

test("what somebody removed meanwhile is not written again unasked", async () => {
  await dict.put("k", 1);
  const entry = await stored();
  await dict.remove("k");
  expect(await writeIfUnchanged(entry, encode(2), entry.found!.version)).toEqual({ now: undefined });
  expect(await dict.contains("k")).toBe(false);
  expect(await writeIfUnchanged(entry, encode(2), "absent")).toBe("written");
});

test("only the entry that was seen is removed", async () => {
  await dict.put("k", 1);
  const entry = await stored();
  await dict.put("k", 2);
  expect(await removeIfUnchanged(entry, entry.found!.version)).not.toBe("written");
  expect(await dict.get("k")).toBe(2);
  const again = await stored();
  expect(await removeIfUnchanged(again, again.found!.version)).toBe("written");
  expect(await dict.contains("k")).toBe(false);
});

test("an end is set, taken away and given back to the policy", async () => {
  await dict.put("k", 1);
  const policy = (await stored()).found!.expiresAtMs!;
  expect(await moveEnd(await stored(), 60_000)).toBe("written");
  expect((await stored()).found!.expiresAtMs!).toBeLessThan(policy);
  expect(await moveEnd(await stored(), null)).toBe("written");
  expect((await stored()).found!.expiresAtMs).toBeUndefined();
  expect(await moveEnd(await stored(), undefined)).toBe("written");
  expect((await stored()).found!.expiresAtMs!).toBeGreaterThanOrEqual(policy);
});

test("what JSON can say is edited as JSON, and nothing else", () => {
  expect(editableText(encode({ a: [1, "x"] }))).toBe('{\n  "a": [\n    1,\n    "x"\n  ]\n}');
  expect(editableText(encode(new PyFloat(2)))).toBeUndefined();
  expect(editableText(new Uint8Array([9, 9]))).toBeUndefined();
});
