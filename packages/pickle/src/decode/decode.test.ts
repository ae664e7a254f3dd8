import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../testing/hex.ts";
import { DeserializationError, decode, encode, PyObject } from "../index.ts";

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe("decode()", () => {
  // Written by CPython with pickle.dumps(value, protocol).
  test.each<[string, Uint8Array, unknown]>([
    ["an int", ascii("I5\n."), 5],
    ["a negative long", ascii("L-12345678901234567890L\n."), -12345678901234567890n],
    ["booleans", ascii("(lp0\nI01\naI00\na."), [true, false]],
    ["a float", ascii("F1.5\n."), 1.5],
    ["an infinite float", ascii("F-inf\n."), Number.NEGATIVE_INFINITY],
    ["a text with escapes", ascii("Va\\u000a\\u005c\\u65e5\\U0001f600\xe9\np0\n."), "a\n\\日😀é"],
    ["a dict", ascii("(dp0\nVa\np1\nI1\ns."), { a: 1 }],
    ["a tuple", ascii("(I1\nI2\ntp0\n."), [1, 2]],
    [
      "bytes of protocol 0",
      ascii("c_codecs\nencode\np0\n(V\xff\\u0000\np1\nVlatin1\np2\ntp3\nRp4\n."),
      Uint8Array.of(255, 0),
    ],
    [
      "a set of protocol 2",
      fromHex(
        "8002635f5f6275696c74696e5f5f0a7365740a71005d710128 4b014b0265857102527103 2e".replaceAll(" ", ""),
      ),
      new Set([1, 2]),
    ],
    ["a Python 2 str", ascii("S'it\\'s\\n'\np0\n."), "it's\n"],
    [
      "a bytearray of protocol 5",
      fromHex("80059600000000000000002e".replace("960000", "960000")),
      new ArrayBuffer(0),
    ],
  ])("reads %s", (_, bytes, value) => {
    expect(decode(bytes)).toEqual(value);
  });

  test("gives a Map for a dict whose keys are not all texts, also where it is referred to from within", () => {
    // d = {"self": None, 1: 2}; d["self"] = d
    const bytes = fromHex("80047d94288c0473656c6694680 04b014b02752e".replaceAll(" ", ""));
    const map = decode(bytes) as Map<unknown, unknown>;
    expect(map).toBeInstanceOf(Map);
    expect(map.get("self")).toBe(map);
    expect(map.get(1)).toBe(2);
    expect(toHex(encode(map)).slice(22)).toBe(toHex(bytes).slice(4));
  });

  test("resolves persistent ids once even if it must read twice", () => {
    let calls = 0;
    // [pid "x", {"a": 1, 2: 3}]
    const bytes = fromHex("80045d94288c0178945 17d94288c0161944b014b024b037565 2e".replaceAll(" ", ""));
    const value = decode(bytes, { persistentLoad: (id) => ({ id, call: ++calls }) });
    expect(value).toEqual([
      { id: "x", call: 1 },
      new Map<unknown, unknown>([
        ["a", 1],
        [2, 3],
      ]),
    ]);
  });

  test("shares what is shared and keeps circles", () => {
    const shared = { n: 1 };
    const circle: unknown[] = [shared, shared];
    circle.push(circle);
    const read = decode(encode(circle)) as unknown[];
    expect(read[0]).toBe(read[1]);
    expect(read[2]).toBe(read);
  });

  test("reads numbers as numbers where they are exact and as bigints where not", () => {
    const numbers = [
      0,
      -1,
      255,
      256,
      65536,
      2 ** 31,
      -(2 ** 31) - 1,
      2 ** 53 - 1,
      -(2 ** 53) + 1,
      0.5,
      -0,
      Number.NaN,
    ];
    expect(decode(encode(numbers))).toEqual(numbers);
    const integers = [0n, 1n, -1n, 255n, 256n, -256n, 2n ** 53n, -(2n ** 64n), 2n ** 2040n, -(2n ** 2040n)];
    expect(decode(encode(integers))).toEqual(integers);
  });

  test("keeps a Date's microseconds while its time is unchanged", () => {
    const bytes = fromHex(
      "80049557000000000000008c086461746574696d65948c086461746574696d65949394430a07e801020304050a5bf59468008c0874696d657a6f6e6594939468008c0974696d6564656c74619493944b004b004b008794529485945294869452942e",
    );
    const date = decode(bytes) as Date;
    expect(date.toISOString()).toBe("2024-01-02T03:04:05.678Z");
    expect(toHex(encode(date))).toBe(toHex(bytes));
    date.setTime(date.getTime() + 1);
    expect((decode(encode(date)) as Date).toISOString()).toBe("2024-01-02T03:04:05.679Z");
  });

  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(0), /cut off/],
    ["an unknown protocol", fromHex("80062e"), /protocol 6/],
    ["an unknown opcode", fromHex("8004ff2e"), /0xff is no opcode/],
    ["an empty stack", fromHex("80042e"), /stack is empty/],
    ["a missing mark", fromHex("8004752e"), /no mark/],
    ["a length beyond the end", fromHex("80048effffffffffffff7f2e"), /cut off/],
    ["a memo number not set", fromHex("800468052e"), /memo number 5 is not set/],
    ["bad UTF-8", fromHex("80048c02ff612e"), /not valid UTF-8/],
    ["an odd number of dict items", fromHex("80047d284b01752e"), /no value/],
    ["an out-of-band buffer", fromHex("8005972e"), /out-of-band/],
    ["an extension code", fromHex("800482012e"), /extension code 1/],
    ["appending to a tuple", fromHex("80044b01854b01612e"), /tuple is appended to/],
    ["calling an integer", fromHex("80044b0129522e"), /no class or function/],
    ["arguments that are a list", fromHex("80048c016d8c016e935d522e"), /no tuple/],
  ])("refuses %s and works afterwards", (_, bytes, reason) => {
    expect(() => decode(bytes)).toThrow(reason);
    expect(() => decode(bytes)).toThrow(DeserializationError);
    expect(decode(encode({ a: [1] }))).toEqual({ a: [1] });
  });

  test("refuses what is no Uint8Array", () => {
    expect(() => decode("text" as unknown as Uint8Array)).toThrow(DeserializationError);
  });

  test("holds setters of placeholders, which Python's reduce protocol may add", () => {
    // cls() with state_setter(obj, state): callable ) R memo, then setter, obj, state, TUPLE2, REDUCE, POP
    const hex =
      "80049529000000000000008c016d948c0143949394295294" +
      "68008c067365747465729493946803 7d948c01619 44b0173 865230 2e".replaceAll(" ", "");
    const object = decode(fromHex(hex)) as PyObject;
    expect(object).toBeInstanceOf(PyObject);
    expect(object.setters?.map(({ state }) => state)).toEqual([{ a: 1 }]);
    expect(decode(encode(object))).toEqual(object);
  });
});
