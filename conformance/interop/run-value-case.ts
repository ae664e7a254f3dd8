import { Dict } from "everdict";
import { expect } from "vitest";
import { type InteropServer, uniqueName } from "./interop-server.ts";
import type { ValueCase } from "./values.ts";

/** A value crosses from Python to TypeScript, from TypeScript to Python, and through TypeScript back to Python. */
export async function runValueCase(each: ValueCase, { client, python }: InteropServer): Promise<void> {
  const name = uniqueName();
  const dict = Dict.fromName(name, { client, createIfMissing: true });
  const run = async (code: string) => (await python.run(code, { scope: name, variables: { name } })).repr;
  const check = (key: string, wanted: string) => run(`v = d["${key}"]\n"same" if same(v, ${wanted}) else v`);

  await run(`
d = modal.Dict.from_name(name, create_if_missing=True)
d["python"] = ${each.python}`);
  const read = await dict.get("python");
  expect(read).toEqual(each.typescript);
  expect(Object.prototype.toString.call(read)).toBe(Object.prototype.toString.call(each.typescript));

  await dict.put("typescript", each.typescript);
  expect(await check("typescript", each.fromTypeScript ?? each.python)).toBe("'same'");
  expect(await dict.get("typescript")).toEqual(each.typescript);

  await dict.put("back", read);
  expect(await check("back", each.writtenBack ?? each.python)).toBe("'same'");
  await python.forget(name);
}

/** A value that TypeScript cannot hold as its own crosses to it and back, unread and unchanged, also inside others. */
export async function runOpaqueValue(expression: string, { client, python }: InteropServer): Promise<void> {
  const name = uniqueName();
  const dict = Dict.fromName(name, { client, createIfMissing: true });
  const run = async (code: string) => (await python.run(code, { scope: name, variables: { name } })).repr;

  await run(`
d = modal.Dict.from_name(name, create_if_missing=True)
d["python"] = ${expression}
d["inside"] = {"list": [${expression}, None]}`);
  const read = await dict.get("python");
  expect(["object", "function"]).toContain(typeof read);
  await dict.put("back", read);
  await dict.put("inside", await dict.get("inside"));
  expect(await run(`same([d["back"], d["inside"]], [${expression}, {"list": [${expression}, None]}])`)).toBe(
    "True",
  );
  await python.forget(name);
}
