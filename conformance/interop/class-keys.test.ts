// Keys that only Python can build, and tuples whose equal texts Python shared or did not share: written through Modal's
// client; listed, read, tested, copied and removed by TypeScript; then found by Python under the key that it used.
import { Readable, Writable } from "node:stream";
import { runCli } from "@everdict/cli";
import { pythonIsSetUp } from "@everdict/testkit";
import { Dict, type DictKey } from "everdict";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { classesOfKeys, classKeys } from "./class-keys.ts";
import { collect } from "./collect.ts";
import { type InteropServer, startInteropServer } from "./interop-server.ts";
import { repeatedKeys } from "./repeated-keys.ts";

/** Puts the number of each under it. */
const writeKeys = `
d = modal.Dict.from_name(name, create_if_missing=True)
for number, key in enumerate(keys):
    d[key] = number
d.len()`;
/** Python's own view of a dict: the numbers that it finds under its keys. */
const readKeys = `
e = modal.Dict.from_name(other)
[e.get(key, None) for key in keys]`;

describe.skipIf(!pythonIsSetUp(["newest"]))("keys that Python wrote", () => {
  let all: InteropServer;
  beforeAll(async () => {
    all = await startInteropServer("newest");
  });
  afterAll(() => all[Symbol.asyncDispose]());

  const run = async (scope: string, code: string, variables: Record<string, unknown> = {}) =>
    (await all.python.run(code, { scope, variables })).json;

  /** Runs the command in this process, against the server. */
  async function everdict(words: readonly string[], input = ""): Promise<[status: number, output: string]> {
    const { server } = all;
    const where = ["--url", server.serverUrl, "--token-id", server.token.tokenId, "--token-secret"];
    const argv = ["dict", ...words, ...where, server.token.tokenSecret];
    const output: string[] = [];
    const stdout = () =>
      new Writable({
        write(chunk, _, done) {
          output.push(String(chunk));
          done();
        },
      });
    const stdin = Readable.from([Buffer.from(input)]);
    const json = words.includes("--json");
    const streams = { stdin, stdout: stdout(), stderr: stdout() };
    const status = await runCli(argv, { ...streams, variables: {}, json, debug: false, outcome: "ok" });
    return [status, output.join("")];
  }

  /** What holds of every dictionary of keys; `keys` are in the scope of Python that has the name. */
  async function moveAndRemove(name: string, count: number): Promise<void> {
    const { client } = all;
    const dict = Dict.fromName(name, { client });
    const listed = (await collect(dict)) as [DictKey, number][];
    expect(listed.map(([, number]) => number).sort((a, b) => a - b)).toEqual(range(count));
    const found = listed.map(async ([key]) => [await dict.get(key), await dict.contains(key)]);
    expect(await Promise.all(found)).toEqual(listed.map(([, number]) => [number, true]));

    const copy = Dict.fromName(`${name}-copy`, { client, createIfMissing: true });
    await copy.update(dict);
    expect(await run(name, readKeys, { other: `${name}-copy` })).toEqual(range(count));

    await Promise.all(listed.map(([key, number]) => dict.put(key, number + 1_000)));
    const moved = range(count).map((number) => number + 1_000);
    expect(await run(name, readKeys, { other: name })).toEqual(moved);
    const popped = await Promise.all(listed.map(([key]) => dict.pop(key)));
    expect((popped as number[]).sort((a, b) => a - b)).toEqual(moved);
    expect(await dict.len()).toBe(0);
    expect(await run(name, readKeys, { other: name })).toEqual(range(count).map(() => null));
  }

  test(`${classKeys.length} kinds of instances address their entries and are the same keys in a copy`, async () => {
    const name = "class-keys";
    expect(
      await run(name, `${classesOfKeys}\nkeys = [${classKeys.join(", ")}]\n${writeKeys}`, { name }),
    ).toBe(classKeys.length);
    await moveAndRemove(name, classKeys.length);
  });

  test(`${repeatedKeys.length} tuples with repeated texts address their entries in all forms`, async () => {
    const name = "repeated-keys";
    const forms = repeatedKeys.flatMap((each) => each.forms);
    const made = await run(name, `${makeKeys}\n${writeKeys}`, { name, forms });
    expect(made).toBe(forms.length);
    const [, items] = await everdict(["items", name, "--json"]);
    expect((await everdict(["update", "moved-keys", "--create", "--file", "-"], items))[0]).toBe(0);
    expect(await run(name, readKeys, { other: "moved-keys" })).toEqual(range(forms.length));
    await moveAndRemove(name, forms.length);
  });

  test("the command prints every key and takes it again, as JSON and as bytes", async () => {
    const name = "command-keys";
    await run(name, `${classesOfKeys}\nkeys = [${classKeys.join(", ")}]\n${writeKeys}`, { name });
    const lines = async (...words: string[]) =>
      (await everdict(words))[1].split("\n").filter((line) => line !== "" && !/^[[\]]$/.test(line));
    const raw = await lines("keys", name, "--raw");
    const json = (await lines("keys", name, "--json")).map((line) => line.replace(/,$/, ""));
    expect([raw.length, json.length]).toEqual([classKeys.length, classKeys.length]);

    for (const key of json) {
      expect(await everdict(["contains", name, key, "--key-json"]), key).toEqual([0, "true\n"]);
      const [status, value] = await everdict(["get", name, key, "--key-json"]);
      expect(
        await everdict(["put", name, key, String(Number(value) + 1_000), "--value-json", "--key-json"]),
      ).toEqual([0, "Written.\n"]);
      expect(status).toBe(0);
    }
    const moved = range(classKeys.length).map((number) => number + 1_000);
    expect(await run(name, readKeys, { other: name })).toEqual(moved);

    const [, items] = await everdict(["items", name, "--json"]);
    expect((await everdict(["update", `${name}-copy`, "--create", "--file", "-"], items))[0]).toBe(0);
    expect(await run(name, readKeys, { other: `${name}-copy` })).toEqual(moved);

    const popped: number[] = [];
    for (const key of raw) {
      const [status, value] = await everdict(["pop", name, key, "--key-raw"]);
      expect(status).toBe(0);
      popped.push(Number(value));
    }
    expect(popped.sort((a, b) => a - b)).toEqual(moved);
    expect(await everdict(["len", name])).toEqual([0, "0\n"]);
  });

  test("a tuple that TypeScript builds is found in whichever form Python wrote it", async () => {
    const name = "built-keys";
    const forms = repeatedKeys.map(({ forms }, index) => forms[index % forms.length]);
    expect(await run(name, `${makeKeys}\n${writeKeys}`, { name, forms })).toBe(forms.length);
    const dict = Dict.fromName(name, { client: all.client });
    for (const [number, { key }] of repeatedKeys.entries()) {
      expect([await dict.get(key), await dict.contains(key)]).toEqual([number, true]);
      expect(await dict.pop(key)).toBe(number);
      expect(await dict.contains(key)).toBe(false);
    }
    expect(await dict.len()).toBe(0);
  });
});

/** Builds each key from its texts and groups: those of one group are one object. */
const makeKeys = `
def make(parts, made):
    return tuple([
        make(part, made) if isinstance(part, list)
        else part if isinstance(part, int)
        else made.setdefault((part["text"], part["group"]), ("#" + part["text"])[1:])
        for part in parts
    ])
keys = [make(parts, {}) for parts in forms]`;

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
