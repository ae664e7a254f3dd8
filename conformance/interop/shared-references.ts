import { Dict } from "everdict";
import { expect } from "vitest";
import { type InteropServer, uniqueName } from "./interop-server.ts";

/** A value in which one object appears more than once, or inside itself. */
export interface SharedCase {
  readonly name: string;
  /** Statements that set `v`. */
  readonly python: string;
  /** A Python expression that is True of `v`. */
  readonly holds: string;
  /** Builds the same value in TypeScript. */
  readonly typescript: () => unknown;
  /** Checks the value that TypeScript read. */
  readonly check: (value: never) => void;
}

/**
 * Shared and circular references survive both ways.
 *
 * Python's client copies the lists, dicts and tuples among its arguments and results, level by level, which loses
 * references and never ends on a circle; an OrderedDict (a Map in TypeScript) around the value stops it.
 */
export const sharedCases: readonly SharedCase[] = [
  {
    name: "with one list twice",
    python: "x = [1]; v = [x, x]",
    holds: "v[0] == [1] and v[0] is v[1]",
    typescript: () => {
      const shared = [1];
      return [shared, shared];
    },
    check: (value: unknown[]) => {
      expect(value).toEqual([[1], [1]]);
      expect(value[0]).toBe(value[1]);
    },
  },
  {
    name: "with one dict under two keys",
    python: "x = {'n': 1}; v = {'a': x, 'b': [x]}",
    holds: "v['a'] is v['b'][0]",
    typescript: () => {
      const shared = { n: 1 };
      return { a: shared, b: [shared] };
    },
    check: (value: { a: unknown; b: unknown[] }) => {
      expect(value.a).toEqual({ n: 1 });
      expect(value.a).toBe(value.b[0]);
    },
  },
  {
    name: "of a list that holds itself",
    python: "v = []; v.append(v)",
    holds: "len(v) == 1 and v[0] is v",
    typescript: () => {
      const list: unknown[] = [];
      list.push(list);
      return list;
    },
    check: (value: unknown[]) => expect(value[0]).toBe(value),
  },
  {
    name: "of a dict that holds itself",
    python: "v = {'n': 1}; v['me'] = v",
    holds: "v['me'] is v and v['n'] == 1",
    typescript: () => {
      const object: Record<string, unknown> = { n: 1 };
      object.me = object;
      return object;
    },
    check: (value: Record<string, unknown>) => {
      expect(value.me).toBe(value);
      expect(value.n).toBe(1);
    },
  },
  {
    name: "of a dict with int keys that holds itself",
    python: "v = {1: 'one'}; v[2] = v",
    holds: "v[2] is v and v[1] == 'one'",
    typescript: () => {
      const map = new Map<number, unknown>([[1, "one"]]);
      return map.set(2, map);
    },
    check: (value: Map<number, unknown>) => {
      expect(value.get(2)).toBe(value);
      expect(value.get(1)).toBe("one");
    },
  },
  {
    name: "of two dicts that hold each other",
    python: "a, b = {}, {}; a['b'] = b; b['a'] = a; v = [a, b]",
    holds: "v[0]['b'] is v[1] and v[1]['a'] is v[0]",
    typescript: () => {
      const [a, b]: Record<string, unknown>[] = [{}, {}];
      a!.b = b;
      b!.a = a;
      return [a, b];
    },
    check: (value: Record<string, unknown>[]) => {
      expect(value[0]!.b).toBe(value[1]);
      expect(value[1]!.a).toBe(value[0]);
    },
  },
  {
    name: "of 10,000 references to one object",
    python: "x = ['shared']; v = [x] * 10_000",
    holds: "len(v) == 10_000 and all(each is v[0] for each in v)",
    typescript: () => new Array(10_000).fill(["shared"]),
    check: (value: unknown[]) => {
      expect(value).toHaveLength(10_000);
      expect(new Set(value).size).toBe(1);
    },
  },
];

/** From Python to TypeScript, from TypeScript to Python, and through TypeScript back to Python. */
export async function runSharedCase(each: SharedCase, { client, python }: InteropServer): Promise<void> {
  const name = uniqueName();
  const dict = Dict.fromName(name, { client, createIfMissing: true });
  const run = async (code: string) => (await python.run(code, { scope: name, variables: { name } })).repr;

  await run(`
d = modal.Dict.from_name(name, create_if_missing=True)
${each.python}
from collections import OrderedDict
d["python"] = OrderedDict(v=v)`);
  const read = (await dict.get("python")) as Map<string, unknown>;
  each.check(read.get("v") as never);
  await dict.put("typescript", new Map([["v", each.typescript()]]));
  expect(await run(`v = d["typescript"]["v"]\n${each.holds}`)).toBe("True");
  await dict.put("back", read);
  expect(await run(`v = d["back"]["v"]\n${each.holds}`)).toBe("True");
  await python.forget(name);
}
