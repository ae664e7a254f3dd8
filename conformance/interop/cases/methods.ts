import { expect } from "vitest";
import { collect } from "../collect.ts";
import type { InteropCase } from "../interop-case.ts";

/** The methods and operators of a dict, but for what needs a certain client (see the other files). */
export const methodCases: readonly InteropCase[] = [
  {
    name: "d[k] = v stores an entry",
    python: `d["a"] = 1`,
    result: "None",
    holds: [["a", 1]],
  },
  {
    name: "d[k] reads what TypeScript put",
    given: [["a", { n: [1, null, true] }]],
    python: `d["a"]`,
    result: "{'n': [1, None, True]}",
    holds: [["a", { n: [1, null, true] }]],
  },
  {
    name: "d[k] of an absent key raises KeyError",
    python: `d["absent"]`,
    raises: "KeyError",
    message: /absent not in dict di-/,
    typescript: async ({ dict }) => expect(await dict.get("absent")).toBeUndefined(),
  },
  {
    name: "get answers the value, None or the default",
    given: [["a", 1]],
    python: `(d.get("a"), d.get("b"), d.get("b", "default"), d.get("a", "default"))`,
    result: "(1, None, 'default', 1)",
    typescript: async ({ dict }) => {
      expect([await dict.get("a"), await dict.get("b"), await dict.get("b", "default")]).toEqual([
        1,
        undefined,
        "default",
      ]);
    },
  },
  {
    name: "get tells a stored None from absence where a default says so",
    python: `
d["none"] = None
(d.get("none", "default"), d.get("absent", "default"))`,
    result: "(None, 'default')",
    holds: [["none", null]],
    typescript: async ({ dict }) => expect(await dict.get("none", "default")).toBeNull(),
  },
  {
    name: "contains and `in` agree with TypeScript's contains",
    given: [["a", 1]],
    python: `(d.contains("a"), d.contains("b"), "a" in d, "b" in d, "b" not in d)`,
    result: "(True, False, True, False, True)",
    typescript: async ({ dict }) => {
      expect([await dict.contains("a"), await dict.contains("b")]).toEqual([true, false]);
    },
  },
  {
    name: "put replaces a value of another type",
    given: [["a", "text"]],
    python: `
d.put("a", [1, 2])
d["a"]`,
    result: "[1, 2]",
    holds: [["a", [1, 2]]],
  },
  {
    name: "put answers True, also when it replaces",
    from: "v1.0",
    python: `(d.put("a", 1), d.put("a", 2))`,
    result: "(True, True)",
    holds: [["a", 2]],
    typescript: async ({ dict }) => expect(await dict.put("a", 2)).toBe(true),
  },
  {
    name: "put(skip_if_exists) writes once and says whether it wrote",
    from: "v1.0",
    given: [["taken", "typescript"]],
    python: `(d.put("free", 1, skip_if_exists=True), d.put("free", 2, skip_if_exists=True), d.put("taken", 3, skip_if_exists=True))`,
    result: "(True, False, False)",
    holds: [
      ["free", 1],
      ["taken", "typescript"],
    ],
    typescript: async ({ dict }) => {
      expect(await dict.put("free", "late", { skipIfExists: true })).toBe(false);
      expect(await dict.put("new", "first", { skipIfExists: true })).toBe(true);
    },
  },
  {
    name: "put(skip_if_exists) writes again once the entry is gone",
    from: "v1.0",
    given: [["lock", "typescript"]],
    python: `
held = d.put("lock", "python", skip_if_exists=True)
d.pop("lock")
(held, d.put("lock", "python", skip_if_exists=True))`,
    result: "(False, True)",
    holds: [["lock", "python"]],
  },
  {
    name: "update takes a mapping",
    given: [["a", 0]],
    python: `d.update({"a": 1, 2: "b", (3, "c"): None})`,
    result: "None",
    holds: [
      ["a", 1],
      [2, "b"],
      [[3, "c"], null],
    ],
  },
  {
    name: "update takes keyword arguments",
    python: `d.update(red=1, green=[2])`,
    result: "None",
    holds: [
      ["red", 1],
      ["green", [2]],
    ],
  },
  {
    name: "update takes both; keywords win",
    python: `d.update({"a": 1, "b": 1}, b=2, c=3)`,
    result: "None",
    holds: [
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ],
  },
  {
    name: "update of nothing is accepted and changes nothing",
    given: [["a", 1]],
    python: `
d.update({})
d.update()
d.len()`,
    result: "1",
    holds: [["a", 1]],
  },
  {
    name: "of equal keys in one update the last wins",
    python: `
one, other = float("nan"), float("nan")
d.update({one: "first", other: "last"})
(d.len(), d[float("nan")])`,
    result: "(1, 'last')",
    holds: [[Number.NaN, "last"]],
  },
  {
    name: "pop removes the entry and answers its value",
    given: [
      ["a", { deep: ["value"] }],
      ["b", 2],
    ],
    python: `(d.pop("a"), "a" in d)`,
    result: "({'deep': ['value']}, False)",
    holds: [["b", 2]],
  },
  {
    name: "pop of an absent key raises KeyError",
    python: `d.pop("absent")`,
    raises: "KeyError",
    message: /absent not in dict di-/,
    typescript: async ({ dict }) => {
      await expect(dict.pop("absent")).rejects.toMatchObject({ name: "KeyError", code: "key_not_found" });
    },
  },
  {
    name: "pop takes a default",
    from: "newest",
    given: [["a", 1]],
    python: `(d.pop("a", "default"), d.pop("a", "default"), d.pop("a", None))`,
    result: "(1, 'default', None)",
    holds: [],
    typescript: async ({ dict }) => expect(await dict.pop("a", "default")).toBe("default"),
  },
  {
    name: "del removes an entry",
    given: [
      ["a", 1],
      ["b", 2],
    ],
    python: `
del d["a"]
"a" in d`,
    result: "False",
    holds: [["b", 2]],
  },
  {
    name: "del of an absent key raises KeyError",
    given: [["b", 2]],
    python: `del d["absent"]`,
    raises: "KeyError",
    holds: [["b", 2]],
  },
  {
    name: "len counts what both sides wrote",
    given: [
      ["a", 1],
      ["b", 2],
    ],
    python: `
d["c"] = 3
d["a"] = 4
d.len()`,
    result: "3",
    typescript: async ({ dict }) => expect(await dict.len()).toBe(3),
  },
  {
    name: "clear removes every entry, and an empty dict may be cleared again",
    given: [
      ["a", 1],
      [2, "b"],
    ],
    python: `
d.clear()
d.clear()
(d.len(), list(d.items()))`,
    result: "(0, [])",
    holds: [],
    typescript: async ({ dict, python }) => {
      await dict.put("again", 1);
      expect(await python(`d["again"]`)).toBe("1");
      await dict.clear();
      expect(await python("d.len()")).toBe("0");
    },
  },
  {
    name: "keys, values and items list every entry once",
    given: [
      ["a", 1],
      [2, "b"],
      [["t", 3], null],
    ],
    python: `(sorted(d.keys(), key=repr), sorted(d.values(), key=repr), sorted(d.items(), key=repr))`,
    result: "(['a', ('t', 3), 2], ['b', 1, None], [('a', 1), (('t', 3), None), (2, 'b')])",
    typescript: async ({ dict }) => {
      expect(await collect(dict.keys())).toHaveLength(3);
      expect(new Set(await collect(dict.values()))).toEqual(new Set([1, "b", null]));
    },
  },
  {
    name: "keys, values and items of an empty dict are empty",
    python: `(list(d.keys()), list(d.values()), list(d.items()))`,
    result: "([], [], [])",
    holds: [],
  },
  {
    name: "an iteration that stops early leaves the connection usable",
    given: Array.from({ length: 500 }, (_, index) => [index, "x".repeat(1_000)] as const),
    python: `
for count, item in enumerate(d.items()):
    if count == 3: break
(count, d.len(), d[499] == "x" * 1000)`,
    result: "(3, 500, True)",
    typescript: async ({ dict }) => {
      for await (const [key] of dict) {
        expect(key).toBeTypeOf("number");
        break;
      }
      expect(await dict.len()).toBe(500);
    },
  },
  {
    name: "the .aio forms work, 200 at once",
    python: `
import asyncio
async def many():
    await asyncio.gather(*[d.put.aio(n, n * n) for n in range(200)])
    return sum(await asyncio.gather(*[d.get.aio(n) for n in range(200)]))
run(many())`,
    result: String((199 * 200 * 399) / 6),
    typescript: async ({ dict }) => {
      expect(await dict.len()).toBe(200);
      expect(await dict.get(14)).toBe(196);
    },
  },
  {
    name: "equal but differently typed keys are different entries",
    python: `
for key in (1, 1.0, True, "1", b"1", (1,)): d[key] = type(key).__name__
(d.len(), d[1], d[1.0], d[True], d["1"], d[b"1"], d[(1,)])`,
    result: "(6, 'int', 'float', 'bool', 'str', 'bytes', 'tuple')",
    typescript: async ({ dict }) => {
      const found = await Promise.all([1, true, "1", new Uint8Array([49]), [1]].map((key) => dict.get(key)));
      expect(found).toEqual(["int", "bool", "str", "bytes", "tuple"]);
    },
  },
  {
    name: "0.0 and -0.0 are different entries",
    python: `
d[0.0] = "zero"
d[-0.0] = "negative zero"
(d.len(), d[0.0], d[-0.0])`,
    result: "(2, 'zero', 'negative zero')",
    typescript: async ({ dict }) => expect(await dict.get(-0)).toBe("negative zero"),
  },
];
