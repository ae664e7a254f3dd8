// Keys that only Python can build, and tuples whose equal texts Python shared or did not share: written through Modal's
// client; listed, read, tested, copied and removed by TypeScript; then found by Python under the key that it used.
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
    await moveAndRemove(name, forms.length);
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
