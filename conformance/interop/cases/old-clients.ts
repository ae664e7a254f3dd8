import { Dict } from "everdict";
import { expect } from "vitest";
import type { InteropCase } from "../interop-case.ts";

/** What only the clients of earlier days offer. */
export const oldClientCases: readonly InteropCase[] = [
  {
    name: "Dict.lookup finds a dict eagerly, and sends a namespace that the server ignores",
    until: "v1.0",
    given: [["a", 1]],
    python: `
found = modal.Dict.lookup(name)
(found.object_id == d.hydrate().object_id, found["a"])`,
    result: "(True, 1)",
    holds: [["a", 1]],
  },
  {
    name: "Dict.lookup of an absent dict raises NotFoundError",
    until: "v1.0",
    python: `modal.Dict.lookup(name + "-absent")`,
    raises: "NotFoundError",
    typescript: async ({ client, name }) => {
      await expect(Dict.lookup(`${name}-absent`, { client })).rejects.toMatchObject({
        code: "dict_not_found",
      });
    },
  },
  {
    name: "Dict.lookup(create_if_missing=True) creates the dict",
    until: "v1.0",
    python: `
created = modal.Dict.lookup(name + "-new", create_if_missing=True)
created["a"] = 1
created.len()`,
    result: "1",
    typescript: async ({ client, name }) => {
      expect(await Dict.fromName(`${name}-new`, { client }).get("a")).toBe(1);
    },
  },
  {
    name: "from_name(data=) is initial content of a dict that it creates",
    until: "v1.0",
    python: `
new = modal.Dict.from_name(name + "-data", {"a": 1, (2, "b"): [3]}, create_if_missing=True)
(new["a"], new[(2, "b")], new.len())`,
    result: "(1, [3], 2)",
    typescript: async ({ client, name }) => {
      const dict = Dict.fromName(`${name}-data`, { client });
      expect([await dict.get("a"), await dict.get([2, "b"])]).toEqual([1, [3]]);
    },
  },
  {
    name: "from_name(data=) leaves an existing dict as it is",
    until: "v1.0",
    given: [["a", "typescript"]],
    python: `
again = modal.Dict.from_name(name, {"a": "python", "b": 2}, create_if_missing=True)
(again["a"], again.get("b"))`,
    result: "('typescript', None)",
    holds: [["a", "typescript"]],
  },
  {
    name: "ephemeral(data=) starts with its content",
    until: "v1.0",
    python: `
with modal.Dict.ephemeral({"a": 1}) as e:
    outcome = (e["a"], e.len())
    kept = e.object_id
outcome`,
    result: "(1, 1)",
    typescript: async ({ client, python }) => {
      const id = (await python("kept")).slice(1, -1);
      expect(await Dict.fromId(id, { client }).get("a")).toBe(1);
    },
  },
  {
    name: "initial content of TypeScript's client is there for Python",
    python: `"begin"`,
    result: "'begin'",
    typescript: async ({ client, name, python }) => {
      const made = Dict.fromName(`${name}-made`, { client, createIfMissing: true, data: [["a", 1]] });
      expect(await made.len()).toBe(1);
      expect(await python(`modal.Dict.from_name(name + "-made")["a"]`)).toBe("1");
    },
  },
];
