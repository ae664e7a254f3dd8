// Values that TypeScript knows nothing of pass through it unharmed: stored by Modal's Python client, moved to another
// key by `get` and `put`, and loaded by the same Python process, which compares them with what it stored; code that no
// module has is loaded by a second process, too, which never saw it.
import { pythonIsSetUp, startPython } from "@everdict/testkit";
import { Dict } from "everdict";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InteropServer, startInteropServer, uniqueName } from "./interop-server.ts";
import { movedCases } from "./moved-by-typescript.ts";

describe.skipIf(!pythonIsSetUp(["newest"]))("what TypeScript moves from one key to another", () => {
  let all: InteropServer;
  beforeAll(async () => {
    all = await startInteropServer("newest");
  });
  afterAll(() => all[Symbol.asyncDispose]());

  test.each(movedCases)("$name is equal for Python", async ({ python: statements, holds }) => {
    const { client, python } = all;
    const name = uniqueName();
    const run = async (code: string) => (await python.run(code, { scope: name, variables: { name } })).repr;
    await run(`${statements}\nd = modal.Dict.from_name(name, create_if_missing=True)\nd["from"] = v`);

    const dict = Dict.fromName(name, { client });
    await dict.put("to", await dict.get("from"));

    expect(await run(`w = d["to"]\n${holds}`)).toBe("True");
    await python.forget(name);
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
