// Values that TypeScript knows nothing of pass through it unharmed: stored by Modal's Python client, moved to another
// key by `get` and `put`, and loaded by Python, which compares them with what was stored: by the process that stored them, and
// by a second one that makes the same value anew. Code that no module has works in a process that never saw it.
import { type Python, pythonIsSetUp, startPython } from "@everdict/testkit";
import { Dict } from "everdict";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InteropServer, startInteropServer, uniqueName } from "./interop-server.ts";
import { movedCases } from "./moved-by-typescript.ts";

describe.skipIf(!pythonIsSetUp(["newest"]))("what TypeScript moves from one key to another", () => {
  let all: InteropServer;
  let second: Python;
  beforeAll(async () => {
    all = await startInteropServer("newest");
    second = startPython("newest", all.server.env);
  });
  afterAll(async () => {
    await second[Symbol.asyncDispose]();
    await all[Symbol.asyncDispose]();
  });

  test.each(movedCases)("$name is equal for Python", async ({ python: statements, holds }) => {
    const { client, python } = all;
    const name = uniqueName();
    const run = async (process: Python, code: string) =>
      (await process.run(code, { scope: name, variables: { name } })).repr;
    const setUp = `${statements}\nd = modal.Dict.from_name(name, create_if_missing=True)`;
    await run(python, `${setUp}\nd["from"] = v`);

    const dict = Dict.fromName(name, { client });
    await dict.put("to", await dict.get("from"));

    expect(await run(python, `w = d["to"]\n${holds}`)).toBe("True");
    expect(await run(second, `${setUp}\nw = d["to"]\n${holds}`)).toBe("True");
    await python.forget(name);
    await second.forget(name);
  });

  test("a class and a function that only the first Python program has work in another", async () => {
    const { client, python, server } = all;
    await python.run(`
class Counter:
    def __init__(self, start):
        self.count = start
    def add(self, n):
        self.count += n
        return self.count
d = modal.Dict.from_name("moved-code", create_if_missing=True)
d["from"] = {"counter": Counter(40), "double": lambda n: n * 2}`);
    const dict = Dict.fromName("moved-code", { client });
    await dict.put("to", await dict.get("from"));

    await using other = startPython("newest", server.env);
    const { repr } = await other.run(`
w = modal.Dict.from_name("moved-code")["to"]
(w["counter"].add(2), w["double"](21), type(w["counter"]).__name__)`);
    expect(repr).toBe("(42, 42, 'Counter')");
  });
});
