// Keys that were read stand for the very bytes that they came in, whatever a program here could build of them.
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../testing/hex.ts";
import {
  ClassRegistry,
  decode,
  decodeKey,
  encode,
  encodeKey,
  otherKeyForms,
  PyDecimal,
  PyKey,
  PyObject,
} from "../index.ts";

/** `pickle.dumps(key, protocol=4)` of what a program here cannot build. */
const red = encode(new PyObject({ module: "paint", name: "Color", args: ["red"] }));
const point = encode(
  new PyObject({ module: "shapes", name: "Point", construction: "new", state: { x: 1, y: 2.5 } }),
);
const pair = encode(new PyObject({ module: "shapes", name: "Pair", construction: "new", args: [1, "b"] }));

const blob = encode(
  new PyObject({ module: "shapes", name: "Blob", construction: "new", args: [Uint8Array.of(97, 0, 39)] }),
);

describe("a key of a class that only Python has", () => {
  test.each<[string, Uint8Array, string, string, string]>([
    ["a member of an enum", red, "paint", "Color", "paint.Color('red')"],
    ["a dataclass", point, "shapes", "Point", "shapes.Point(x=1, y=2.5)"],
    ["a kind of bytes", blob, "shapes", "Blob", "shapes.Blob(b'a\\x00\\'')"],
    ["a named tuple", pair, "shapes", "Pair", "shapes.Pair(1, 'b')"],
  ])("%s is read as a PyKey that shows itself and keeps its bytes", (_, bytes, module, name, text) => {
    const key = decodeKey(bytes) as PyKey;
    expect(key).toBeInstanceOf(PyKey);
    expect([key.module, key.name, String(key)]).toEqual([module, name, text]);
    expect([JSON.stringify({ key }), inspect(key)]).toEqual([JSON.stringify({ key: text }), `PyKey ${text}`]);
    expect(key.value).toBeInstanceOf(PyObject);
    expect(toHex(encodeKey(key))).toBe(toHex(bytes));
  });

  test("is written as what it stands for within a value", () => {
    const key = decodeKey(red);
    expect(toHex(encode(key))).toBe(toHex(red));
    expect(decode(encode({ last: key }))).toEqual({ last: decode(red) });
    expect(decode(encode(new Map([[key, 1]])))).toEqual(new Map([[decode(red), 1]]));
  });

  test("can be made from its bytes, which nobody can change afterwards", () => {
    const bytes = Uint8Array.from(red);
    const key = new PyKey(bytes);
    bytes.fill(0);
    key.bytes.fill(0);
    encodeKey(key).fill(0);
    expect(toHex(encodeKey(key))).toBe(toHex(red));
    expect([String(key), toHex(key.bytes), key.hex]).toEqual(["paint.Color('red')", toHex(red), toHex(red)]);
    expect(() => new PyKey("paint" as never)).toThrow(TypeError);
  });

  test("is told from others by what compares objects, and by a text that no other has", () => {
    expect(decodeKey(red)).toEqual(decodeKey(red));
    expect(decodeKey(red)).not.toEqual(decodeKey(point));
    const found = new Map([red, point, pair].map((bytes) => [(decodeKey(bytes) as PyKey).hex, bytes]));
    expect(found.get((decodeKey(point) as PyKey).hex)).toBe(point);
  });

  test("whose bytes are no pickle still addresses its entry", () => {
    const key = new PyKey(Uint8Array.of(1, 2, 3));
    expect(toHex(encodeKey(key))).toBe("010203");
    expect(String(key)).toBe("<a key of 3 bytes that cannot be read>");
    expect(() => key.value).toThrow(/cannot decode/);
  });

  test("shows no more than a line, whatever is in it", () => {
    let args: readonly unknown[] = Object.freeze(["line\nbreak\u001b[31m' and a long text ".repeat(100)]);
    for (let level = 0; level < 60; level++) args = Object.freeze([args, args]);
    const text = String(decodeKey(encode(new PyObject({ module: "m", name: "C", args }))));
    expect(text.length).toBeLessThan(5_000);
    expect(text).not.toMatch(/[\p{Cc}]/u);
  });

  test("cannot be part of another key, or be built from what a value held", () => {
    expect(() => encodeKey(["user", decodeKey(red)])).toThrow(/key\[1\]: a PyKey .*whole key/);
    expect(() => encodeKey(decode(red))).toThrow(/paint.Color .*keys\(\), items\(\) and for await/);
  });
});

describe("a key that Python wrote otherwise than is usual", () => {
  test.each<[string, string, unknown]>([
    ["an int of protocol 2", "80024b052e", 5],
    ["a text of protocol 3", "80035801000000617100" + "2e", "a"],
    ["a long form of a small int", "80048a01052e", 5],
    ["a text with a pair of surrogates written as two", "8004950a000000000000008c06eda0bdedb880942e", "😀"],
    ["None with something after it", "80044e2e00", null],
    ["bytes of protocol 3", "80034301617100" + "2e", Uint8Array.of(97)],
  ])("%s is a PyKey of that value", (_, hex, value) => {
    const key = decodeKey(fromHex(hex)) as PyKey;
    expect(key).toBeInstanceOf(PyKey);
    expect([key.value, key.module, toHex(encodeKey(key))]).toEqual([value, undefined, hex]);
    expect(decode(encode({ key }))).toEqual({ key: value });
  });

  test.each<[string, string]>([
    ["shared", "8004950a000000000000008c026162946800" + "86942e"],
    ["apart", "8004950d000000000000008c026162948c02616294" + "86942e"],
    ["apart, of protocol 2", "8002580200000061627100580200000061627101867102" + "2e"],
  ])("a tuple of equal texts that are %s stays an array and keeps its bytes", (_, hex) => {
    const key = decodeKey(fromHex(hex)) as readonly string[];
    expect(key).toEqual(["ab", "ab"]);
    expect(Reflect.ownKeys(key)).toEqual(["0", "1", "length"]);
    expect(toHex(encodeKey(key))).toBe(hex);
    expect(toHex(encodeKey(key, { repeats: "copy" }))).toBe(hex);
    expect(otherKeyForms(key)).toEqual([]);
    expect(toHex(encodeKey([...key]))).toBe("8004950a000000000000008c026162946800" + "86942e");
  });

  test("an object that stands for two keys stands for the first that was read", () => {
    class Color {}
    const only = new Color();
    const classes = new ClassRegistry();
    classes.register("paint.Color", Color, { toState: () => ({}), fromState: () => only });
    const [first, second] = ["red", "rouge"].map((name) =>
      encode(new PyObject({ module: "paint", name: "Color", args: [name] })),
    ) as [Uint8Array, Uint8Array];
    for (let time = 0; time < 2; time++) expect(decodeKey(first, { classes })).toBe(only);
    const other = decodeKey(second, { classes }) as PyKey;
    expect(other.value).toBe(only);
    expect([toHex(encodeKey(only)), toHex(encodeKey(other))]).toEqual([toHex(first), toHex(second)]);
  });
});

test("a tuple that refers to its parts so often that nobody could write it out is read at once", () => {
  let parts: unknown = Object.freeze(["ab", 1]);
  for (let level = 0; level < 60; level++) parts = Object.freeze([parts, parts]);
  const bytes = encode(parts);
  expect(bytes.length).toBeLessThan(400);
  expect(toHex(encodeKey(decodeKey(bytes)))).toBe(toHex(bytes));
});

describe("otherKeyForms()", () => {
  const textsOf = (count: number) => Array.from({ length: count }, () => "ab");

  test.each<[string, unknown, number]>([
    ["a text", "ab", 0],
    ["a tuple without repeats", ["ab", 1, "cd"], 0],
    ["one that repeats what is always one object", ["a", "a", "", "", 1, 1], 0],
    ["two equal texts", textsOf(2), 1],
    ["three", textsOf(3), 4],
    ["four", textsOf(4), 14],
    ["a hundred", textsOf(100), 15],
    ["two pairs, nested", ["ab", ["cd", ["ab"]], "cd"], 3],
    ["equal bytes", [Uint8Array.of(1, 2), Uint8Array.of(1, 2)], 1],
    ["a name that Python writes", ["datetime", new PyDecimal("1"), new Date(0)], 1],
  ])("of %s", (_, key, count) => {
    const forms = [encodeKey(key), ...otherKeyForms(key)].map(toHex);
    expect(new Set(forms).size).toBe(count + 1);
    for (const form of forms) expect(decodeKey(fromHex(form))).toEqual(decodeKey(encodeKey(key)));
    const copies = [encodeKey(key, { repeats: "copy" }), ...otherKeyForms(key, { repeats: "copy" })].map(
      toHex,
    );
    expect(new Set(copies)).toEqual(new Set(forms));
  });
});
