import { Dict } from "everdict";
import { expect } from "vitest";
import { collect } from "./collect.ts";
import { type InteropServer, uniqueName } from "./interop-server.ts";
import type { KeyCase } from "./keys.ts";

/** The key that Python writes is the key that TypeScript writes: neither side makes a second entry. */
export async function runKeyCase(each: KeyCase, { client, python }: InteropServer): Promise<void> {
  const name = uniqueName();
  const dict = Dict.fromName(name, { client, createIfMissing: true });
  const run = async (code: string) => (await python.run(code, { scope: name, variables: { name } })).repr;

  await run(`
d = modal.Dict.from_name(name, create_if_missing=True)
key = ${each.python}
d[key] = "python"`);
  expect(await dict.get(each.typescript)).toBe("python");
  expect(await dict.contains(each.typescript)).toBe(true);
  expect(await collect(dict.keys())).toEqual([each.typescript]);

  await dict.put(each.typescript, "typescript");
  expect(await run(`(d.len(), d[key], key in d, [same(each, key) for each in d.keys()])`)).toBe(
    "(1, 'typescript', True, [True])",
  );
  const [read] = await collect(dict.keys());
  expect(await dict.pop(read!)).toBe("typescript");
  expect(await run(`(key in d, d.len())`)).toBe("(False, 0)");
  await python.forget(name);
}
