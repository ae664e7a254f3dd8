// What goes beyond Modal's calls meets what Modal's own client wrote: keys are found by how they begin, a version notices
// Python's writes, and Python sees a time to live as absence.
import { pythonIsSetUp } from "@everdict/testkit";
import { Dict, type DictKey } from "everdict";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collect } from "./collect.ts";
import { type InteropServer, startInteropServer } from "./interop-server.ts";

const writeKeys = `
d = modal.Dict.from_name("prefixes", create_if_missing=True)
shared = "ab"
keys = ["user:1", "user:2", "üser:1", "u" * 300, ("user", 1), ("user", 1, "x"), ("user", 2, 3, 4, 5), ("user", "1"),
        (shared, shared, 1), tuple("ab ab".split()) + (2,), (7, "x" * 70000), (7, 8), ((7, 8), 9)]
for key in keys:
    d[key] = 1
d.len()`;

describe.skipIf(!pythonIsSetUp(["newest"]))("what Modal's client wrote", () => {
  let all: InteropServer;
  let dict: Dict<DictKey, number>;
  beforeAll(async () => {
    all = await startInteropServer("newest");
    dict = Dict.fromName("prefixes", { client: all.client, createIfMissing: true });
  });
  afterAll(() => all[Symbol.asyncDispose]());

  const inPython = async (code: string) => (await all.python.run(code, { scope: "prefixes" })).json;

  test("is found by how its key begins, and by nothing else", async () => {
    expect(await inPython(writeKeys)).toBe(13);
    const found = async (prefix: string | readonly DictKey[]) => {
      const listed = (await collect(dict.keys({ prefix }))) as DictKey[];
      const shown = listed.map((key) => JSON.stringify(key).slice(0, 30));
      return shown.sort();
    };
    expect(await found("user")).toEqual(['"user:1"', '"user:2"']);
    expect(await found("ü")).toEqual(['"üser:1"']);
    expect(await found("u".repeat(256))).toHaveLength(1);
    expect(await found(["user"])).toEqual([
      '["user","1"]',
      '["user",1,"x"]',
      '["user",1]',
      '["user",2,3,4,5]',
    ]);
    expect(await found(["user", 1])).toEqual(['["user",1,"x"]', '["user",1]']);
    expect(await found(["ab", "ab"])).toEqual(['["ab","ab",1]', '["ab","ab",2]']);
    expect(await found([7])).toHaveLength(2);
    expect(await found([[7, 8]])).toEqual(["[[7,8],9]"]);
    expect(await dict.removeMany({ prefix: ["user"] })).toBe(4);
    expect(await inPython(`[("user", 1) in d, "user:1" in d, d.len()]`)).toEqual([false, true, 9]);
  });

  test("has another version after each of Python's writes, and ends for Python when its time is over", async () => {
    const { version } = (await dict.entry("user:1"))!;
    await inPython(`d["user:1"] = 2; None`);
    expect(await dict.put("user:1", 3, { ifVersion: version })).toBe(false);
    const seen = (await dict.entry("user:1"))!;
    expect(await dict.put("user:1", seen.value + 1, { ifVersion: seen.version, ttlMs: 1 })).toBe(true);
    const waitUntilGone = `
import time
until = time.monotonic() + 60
while "user:1" in d and time.monotonic() < until:
    pass
"user:1" in d`;
    expect(await inPython(waitUntilGone)).toBe(false);
    expect(await dict.increment("n", 41)).toBe(41);
    expect(await inPython(`d["n"] = d["n"] + 1; [d["n"], type(d["n"]).__name__]`)).toEqual([42, "int"]);
    expect(await dict.increment("n")).toBe(43);
  });
});
