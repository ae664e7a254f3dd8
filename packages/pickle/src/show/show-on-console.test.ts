// What a person sees of Python's values: on the console one line each, and as JSON what says the same.
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  decode,
  encode,
  PyComplex,
  PyCounter,
  PyDate,
  PyDateTime,
  PyDecimal,
  PyDefaultDict,
  PyDeque,
  PyException,
  PyFloat,
  PyFraction,
  PyGlobal,
  PyObject,
  PyPath,
  PyPersistentId,
  PyRange,
  PySlice,
  PyTime,
  PyTimeDelta,
  PyTimezone,
  PyUuid,
  PyZoneInfo,
} from "../index.ts";

const instance = (name: string, parts: object) => new PyObject({ module: "app", name, ...parts });
const big = 2n ** 70n;
const digits = String(big);
const noon = { year: 2024, month: 2, day: 29, hour: 12 };
const berlin = new PyZoneInfo("Europe/Berlin");
const skeleton = (kind: string, ...args: unknown[]) =>
  new PyObject({ module: "cloudpickle.cloudpickle", name: `_make_skeleton_${kind}`, args });
const color = skeleton("enum", [], "Color", "Color", { RED: 1, GREEN: "g" }, "__main__", null, null);
const job = skeleton(
  "class",
  new PyGlobal("builtins", "type"),
  "Job",
  [],
  { __module__: "__main__" },
  null,
  null,
);

const values: readonly (readonly [value: unknown, console: string, json: unknown])[] = [
  [new PyFloat(2), "PyFloat 2.0", 2],
  [new PyDate(2024, 2, 29), "PyDate 2024-02-29", "2024-02-29"],
  [new PyDateTime(noon), "PyDateTime 2024-02-29T12:00:00 naive", "2024-02-29T12:00:00"],
  [
    new PyDateTime({ ...noon, zone: berlin }),
    "PyDateTime 2024-02-29T12:00:00+01:00[Europe/Berlin]",
    "2024-02-29T12:00:00+01:00[Europe/Berlin]",
  ],
  [new PyTime({ hour: 9 }), "PyTime 09:00:00 naive", "09:00:00"],
  [new PyTimeDelta(-1, 3), "PyTimeDelta -1 days, 00:00:03", "-1 days, 00:00:03"],
  [new PyTimezone(new PyTimeDelta(0, 3600)), "PyTimezone +01:00", "+01:00"],
  [berlin, "PyZoneInfo Europe/Berlin", "Europe/Berlin"],
  [new PyDecimal("1.50"), "PyDecimal 1.50", "1.50"],
  [new PyFraction(1, 3), "PyFraction 1/3", "1/3"],
  [new PyComplex(1, -2), "PyComplex (1-2j)", "(1-2j)"],
  [
    new PyUuid("0".repeat(32)),
    `PyUuid ${new PyUuid("0".repeat(32))}`,
    "00000000-0000-0000-0000-000000000000",
  ],
  [new PyRange(0, big), `PyRange range(0, ${digits}, 1)`, `range(0, ${digits}, 1)`],
  [new PySlice(null, big), `PySlice slice(None, ${digits}, None)`, `slice(None, ${digits}, None)`],
  [new PyPath("PurePosixPath", "/", "tmp"), "PyPath PurePosixPath /tmp", "/tmp"],
  [new PyDeque([1, big], 5), `PyDeque of at most 5 [ 1, ${digits}n ]`, [1, digits]],
  [
    new PyDefaultDict(new PyGlobal("builtins", "list"), [["a", big]]),
    `PyDefaultDict of builtins.list Map(1) { 'a' => ${digits}n }`,
    { a: digits },
  ],
  [new PyCounter([[1, 2]]), "PyCounter(1) [Map] { 1 => 2 }", [[1, 2]]],
  [new PyGlobal("builtins", "len"), "PyGlobal builtins.len", "builtins.len"],
  [new PyPersistentId(big), `PyPersistentId ${digits}n`, { id: digits }],
  [new PyException("KeyError", ["k"]), "KeyError: k", { name: "KeyError", message: "k" }],
  [
    Object.assign(new PyException("OSError", [2, "no"]), { size: big }),
    `OSError: 2, no { size: ${digits}n }`,
    { name: "OSError", message: "2, no", size: digits },
  ],
  [
    instance("Job", { construction: "new", state: { id: 1, state: "done" } }),
    "Job(id=1, state='done')",
    { id: 1, state: "done" },
  ],
  [
    instance("Slots", { construction: "new", state: Object.freeze([null, { a: big }]) }),
    `Slots(a=${digits}n)`,
    { a: digits },
  ],
  [
    instance("Outer.Pair", { construction: "new", args: [1, big] }),
    `Pair(1, ${digits}n)`,
    { class: "app.Outer.Pair", args: [1, digits] },
  ],
  [instance("Names", { items: ["a"] }), "Names([ 'a' ])", { class: "app.Names", items: ["a"] }],
  [instance("With", { state: 5 }), "With(state=5)", { class: "app.With", state: 5 }],
  [new PyObject({ callable: color, args: ["g"] }), "Color.GREEN", "GREEN"],
  [new PyObject({ callable: color, args: [7] }), "Color(7)", { class: "__main__.Color", args: [7] }],
  [
    new PyObject({ callable: job, construction: "new", state: { id: big } }),
    `Job(id=${digits}n)`,
    { id: digits },
  ],
  [job, "[class __main__.Job]", "__main__.Job"],
];

describe("a value of Python's", () => {
  test.each(values)("%s shows itself in one line", (value, console, json) => {
    expect(inspect(value)).toBe(console);
    expect(JSON.parse(JSON.stringify(value))).toEqual(json);
    // Likewise what was read.
    expect(inspect(decode(encode([value])))).toContain(console.replace(/^PyFloat 2.0$/, "2"));
  });

  test("breaks into lines where one would be long, and stops at the depth of the console", () => {
    const inner = instance("Inner", { state: { deep: { deeper: { deepest: {} } } } });
    const outer = instance("Outer", { state: { text: "x".repeat(70), inner } });
    expect(inspect(outer)).toBe(
      `Outer(\n  text='${"x".repeat(70)}',\n  inner=Inner(deep={ deeper: [Object] })\n)`,
    );
    expect(inspect([[[outer]]])).toContain("[Outer]");
  });

  test("is shown once where it refers to itself", () => {
    const node = instance("Node", { construction: "new", state: { name: "a", next: undefined } });
    (node.state as { next: unknown }).next = [node];
    expect(inspect(node, { depth: null })).toBe("Node(name='a', next=[ [Circular] ])");
    expect(JSON.parse(JSON.stringify(node))).toEqual({ name: "a", next: ["[circular]"] });
  });

  test("does not drive the terminal, whatever its texts hold", () => {
    const evil = "\u001b[31m\u202e\u0007\n\u2028";
    const zone = new PyZoneInfo(evil);
    const all = [
      ...[new PyDecimal(evil), new PyGlobal(evil, evil), new PyPath("PurePosixPath", evil), zone],
      ...[new PyTime({ zone }), new PyDateTime({ ...noon, zone }), new PyException(evil, [evil])],
      new PyObject({ module: evil, name: evil, state: { [evil]: 1 } }),
      new PyObject({ callable: skeleton("enum", [], evil, evil, { [evil]: 1 }, evil), args: [1] }),
      skeleton("class", null, evil, [], { __module__: evil }),
    ];
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    for (const each of all) expect(inspect(each)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e\u2028]/);
  });

  test("nests as deep as it likes", () => {
    let value: unknown = 1;
    for (let level = 0; level < 5_000; level++) value = instance("Level", { state: { value } });
    expect(JSON.stringify(value).length).toBeGreaterThan(1_000);
    expect(inspect(value, { depth: null }).length).toBeGreaterThan(1_000);
  });
});
