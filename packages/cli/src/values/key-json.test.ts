import { encode, encodeKey, PyDate, PyFloat, PyKey, PyObject } from "@everdict/pickle";
import { describe, expect, test } from "vitest";
import { readKey, readKeyForms } from "../input/key-and-value.ts";
import { keyJsonText } from "./key-json.ts";

const red = encode(new PyObject({ module: "paint", name: "Color", args: ["red"] }));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("a stored key as JSON", () => {
  test.each<[string, Uint8Array, string]>([
    ["a text", encodeKey("a"), '"a"'],
    ["a float", encodeKey(new PyFloat(2)), "2.0"],
    ["a tuple", encodeKey(["a", [1, "b"]]), '["a",[1,"b"]]'],
    ["a moment", encodeKey(new Date("2024-02-29T00:00:00Z")), '{"$datetime":"2024-02-29T00:00:00.000Z"}'],
    ["a tuple with a repeat that is shared", encodeKey(["ab", "ab"]), '["ab","ab"]'],
  ])("%s has the form that a value has", (_, bytes, text) => {
    expect(keyJsonText(bytes)).toBe(text);
  });

  test.each<[string, Uint8Array, string]>([
    ["a key of a class that only Python has", red, "paint.Color('red')"],
    [
      "a tuple with a repeat that is not shared",
      encodeKey(["ab", "ab"], { repeats: "copy" }),
      '("ab", "ab")',
    ],
    ["an int of another protocol", Uint8Array.of(0x80, 2, 0x4b, 5, 0x2e), "5"],
    [
      "bytes that are no pickle",
      Uint8Array.of(0xff),
      "<undecodable, 1 bytes: cannot decode: byte 0xff is no opcode, at byte 1>",
    ],
  ])("%s has a text and its bytes", (_, bytes, text) => {
    expect(JSON.parse(keyJsonText(bytes))).toEqual({ $key: { text, hex: hex(bytes) } });
  });

  test("that refers to its parts again and again is written at once", () => {
    let parts: unknown = Object.freeze(["ab", 1]);
    for (let level = 0; level < 60; level++) parts = Object.freeze([parts, parts]);
    const { $key } = JSON.parse(keyJsonText(encode(parts))) as { $key: { text: string; hex: string } };
    expect($key.hex).toBe(hex(encode(parts)));
    expect($key.text.length).toBeLessThan(2_000);
  });

  test.each<[string, Uint8Array]>([
    ["a date", encodeKey(new PyDate(2024, 2, 29))],
    ["a tuple of one", encodeKey(["user", new PyDate(2024, 2, 29)])],
    ["a member of an enum", red],
    ["a tuple of one", encode(Object.freeze(["user", new PyObject({ module: "paint", name: "Color" })]))],
    ["a frozenset", encode(Object.freeze(new Set([1, 2, 3])))],
    ["bytes that are no pickle", Uint8Array.of(0xff)],
  ])("%s is taken again by --key-json, and by --key-raw", (_, bytes) => {
    expect(hex(readKeyForms(keyJsonText(bytes), { keyJson: true })[0]!)).toBe(hex(bytes));
    expect(readKeyForms(hex(bytes), { keyRaw: true }).map(hex)).toEqual([hex(bytes)]);
  });

  test("is refused if it is malformed, with where to get it", () => {
    expect(() => readKey("paint.Color", { keyRaw: true })).toThrow("KEY is not hexadecimal");
    for (const content of ["null", '"80044b052e"', "{}", '{"hex":5}', '{"hex":"8"}', '{"hex":""}'])
      expect(() => readKey(`{"$key":${content}}`, { keyJson: true })).toThrow("KEY has a malformed '$key'");
  });

  test("looks for the other forms of a tuple in which a text repeats", () => {
    expect(readKeyForms('["ab","ab"]', { keyJson: true })).toHaveLength(2);
    expect(readKeyForms('["ab","cd"]', { keyJson: true })).toHaveLength(1);
    expect(readKey(hex(red), { keyRaw: true })).toBeInstanceOf(PyKey);
  });
});
