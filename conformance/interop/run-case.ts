import { type PythonError, type PythonVersion, pythonVersions } from "@everdict/testkit";
import { Dict } from "everdict";
import { expect } from "vitest";
import { collect } from "./collect.ts";
import type { CaseContext, InteropCase, Pairs, Raises } from "./interop-case.ts";
import { type InteropServer, uniqueName } from "./interop-server.ts";

/** Whether a client offers what the case needs. */
export function applies({ from, until }: InteropCase, version: PythonVersion): boolean {
  const at = pythonVersions.indexOf(version);
  const first = from === undefined ? 0 : pythonVersions.indexOf(from);
  const last = until === undefined ? pythonVersions.length - 1 : pythonVersions.indexOf(until);
  return first <= at && at <= last;
}

/** Runs a case on a dict of its own: what TypeScript gives, what Python does and sees, what TypeScript sees. */
export async function runCase(each: InteropCase, { client, python, server }: InteropServer): Promise<void> {
  const name = uniqueName();
  const dict = Dict.fromName(name, { client, createIfMissing: true });
  await dict.hydrate();
  for (const [key, value] of each.given ?? []) await dict.put(key, value);
  const context: CaseContext = {
    client,
    dict,
    name,
    version: python.version,
    connection: { url: server.url, ...server.token },
    python: async (code) => (await python.run(code, { scope: name })).repr,
  };

  await python.run("d = modal.Dict.from_name(name, create_if_missing=True)", {
    scope: name,
    variables: { name },
  });
  if ("raises" in each) await expectRaised(each, context);
  else await expectResult(each.result, await context.python(each.python));
  if (each.holds !== undefined) await expectHeld(dict, each.holds);
  await each.typescript?.(context);
  await python.forget(name);
}

async function expectResult(expected: string | RegExp, repr: string): Promise<void> {
  if (typeof expected === "string") expect(repr).toBe(expected);
  else expect(repr).toMatch(expected);
}

async function expectRaised(
  each: { readonly python: string; readonly raises: Raises; readonly message?: RegExp },
  context: CaseContext,
): Promise<void> {
  const raised = await context.python(each.python).then(
    (repr) => expect.fail(`Python raised nothing and answered ${repr}`),
    (error: PythonError) => error,
  );
  const wanted =
    typeof each.raises === "string" ? each.raises : (each.raises[context.version] ?? each.raises.newest);
  expect(raised.classes, raised.traceback).toContain(wanted);
  if (each.message !== undefined) expect(raised.message).toMatch(each.message);
}

/** The dict holds exactly these entries: as a whole, by its length, and each under its key. */
async function expectHeld(dict: Dict, pairs: Pairs): Promise<void> {
  const held = await collect(dict.items());
  expect(held).toHaveLength(pairs.length);
  expect(held).toEqual(expect.arrayContaining<unknown>([...pairs]));
  expect(await dict.len()).toBe(pairs.length);
  for (const [key, value] of pairs) expect(await dict.get(key)).toStrictEqual(value);
}
