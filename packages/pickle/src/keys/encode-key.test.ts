import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../testing/hex.ts";
import { decodeKey, encodeKey, PyFloat, PyObject, SerializationError } from "../index.ts";

// What CPython 3.8 to 3.13 write for these keys: protocol section 4.5.
const vectors: [python: string, key: unknown, hex: string][] = [
  ["None", null, "80044e2e"],
  ["True", true, "8004882e"],
  ["False", false, "8004892e"],
  ["0", 0, "80044b002e"],
  ["255", 255, "80044bff2e"],
  ["256", 256, "80049504000000000000004d00012e"],
  ["65535", 65535, "80049504000000000000004dffff2e"],
  ["65536", 65536, "80049506000000000000004a000001002e"],
  ["2147483647", 2147483647, "80049506000000000000004affffff7f2e"],
  ["2147483648", 2147483648, "80049508000000000000008a0500000080002e"],
  ["9007199254740993", 9007199254740993n, "8004950a000000000000008a07010000000000202e"],
  ["2**63-1", 2n ** 63n - 1n, "8004950b000000000000008a08ffffffffffffff7f2e"],
  ["2**63", 2n ** 63n, "8004950c000000000000008a090000000000000080002e"],
  ["10**20", 10n ** 20n, "8004950c000000000000008a09000010632d5ec76b052e"],
  ["-1", -1, "80049506000000000000004affffffff2e"],
  ["-128", -128, "80049506000000000000004a80ffffff2e"],
  ["-32769", -32769, "80049506000000000000004aff7fffff2e"],
  ["-2147483648", -2147483648, "80049506000000000000004a000000802e"],
  ["-2147483649", -2147483649, "80049508000000000000008a05ffffff7fff2e"],
  ["-(2**39)", -(2 ** 39), "80049508000000000000008a0500000000802e"],
  ["2**39", 2 ** 39, "80049509000000000000008a060000000080002e"],
  ["-2**63", -(2n ** 63n), "8004950b000000000000008a0800000000000000802e"],
  ["-2**63-1", -(2n ** 63n) - 1n, "8004950c000000000000008a09ffffffffffffff7fff2e"],
  ["0.0", new PyFloat(0), "8004950a000000000000004700000000000000002e"],
  ["-0.0", -0, "8004950a000000000000004780000000000000002e"],
  ["1.0", new PyFloat(1), "8004950a00000000000000473ff00000000000002e"],
  ["0.1", 0.1, "8004950a00000000000000473fb999999999999a2e"],
  ["inf", Number.POSITIVE_INFINITY, "8004950a00000000000000477ff00000000000002e"],
  ["nan", Number.NaN, "8004950a00000000000000477ff80000000000002e"],
  ["''", "", "80049504000000000000008c00942e"],
  ["'a'", "a", "80049505000000000000008c0161942e"],
  ["'key'", "key", "80049507000000000000008c036b6579942e"],
  ["'é'", "é", "80049506000000000000008c02c3a9942e"],
  ["'日本'", "日本", "8004950a000000000000008c06e697a5e69cac942e"],
  ["'😀'", "😀", "80049508000000000000008c04f09f9880942e"],
  ["'a\\0b'", "a\0b", "80049507000000000000008c03610062942e"],
  ["'\\ud800'", "\ud800", "80049507000000000000008c03eda080942e"],
  ["b''", new Uint8Array(0), "80049504000000000000004300942e"],
  ["b'a'", Uint8Array.of(97), "8004950500000000000000430161942e"],
  ["b'\\x00\\xff'", Uint8Array.of(0, 255), "8004950600000000000000430200ff942e"],
  ["()", [], "8004292e"],
  ["(1,)", [1], "80049505000000000000004b0185942e"],
  ["('a',)", ["a"], "80049507000000000000008c01619485942e"],
  ["('user', 42)", ["user", 42], "8004950c000000000000008c0475736572944b2a86942e"],
  ["('a', 'b')", ["a", "b"], "8004950b000000000000008c0161948c01629486942e"],
  ["('a', 'a')", ["a", "a"], "80049509000000000000008c016194680086942e"],
  ["(1, 2, 3)", [1, 2, 3], "80049509000000000000004b014b024b0387942e"],
  ["(1, 2, 3, 4)", [1, 2, 3, 4], "8004950c00000000000000284b014b024b034b0474942e"],
  [
    "(None, True, 1.5, b'k')",
    [null, true, 1.5, Uint8Array.of(107)],
    "8004951300000000000000284e88473ff800000000000043016b9474942e",
  ],
  ["((1, 2), 'x')", [[1, 2], "x"], "8004950d000000000000004b014b0286948c01789486942e"],
  ["((), ())", [[], []], "8004950500000000000000292986942e"],
  [
    "(('a', 1), ('a', 2))",
    [
      ["a", 1],
      ["a", 2],
    ],
    "80049511000000000000008c0161944b01869468004b02869486942e",
  ],
];

describe("encodeKey()", () => {
  test.each(vectors)("writes the bytes that CPython writes for %s", (_, key, hex) => {
    expect(toHex(encodeKey(key))).toBe(hex);
  });

  test.each(vectors)("has its bytes for %s read and written again unchanged", (_, __, hex) => {
    expect(toHex(encodeKey(decodeKey(fromHex(hex))))).toBe(hex);
  });

  test.each([
    [255, "80049503010000000000008cff6161", 270],
    [256, "80049507010000000000005800010000", 274],
    [65535, "8004950600010000000000" + "58ffff0000", 65553],
    [65536, "80045800000100", 65545],
  ])("writes a text of %i characters with the right header and frame", (length, start, total) => {
    const bytes = encodeKey("a".repeat(length));
    expect(bytes.length).toBe(total);
    expect(toHex(bytes).startsWith(start)).toBe(true);
    expect(toHex(bytes).endsWith("61942e")).toBe(true);
    expect(decodeKey(bytes)).toBe("a".repeat(length));
  });

  test.each([
    [255, "800495030100000000000043ff6161", 270],
    [256, "80049507010000000000004200010000", 274],
    [65535, "800495060001000000000042ffff0000", 65553],
    [65536, "80044200000100", 65545],
  ])("writes %i bytes with the right header and frame", (length, start, total) => {
    const key = new Uint8Array(length).fill(97);
    const bytes = encodeKey(key);
    expect(bytes.length).toBe(total);
    expect(toHex(bytes).startsWith(start)).toBe(true);
    expect(decodeKey(bytes)).toEqual(key);
  });

  test("writes integers of up to 255 bytes in the short form and longer ones in the long form", () => {
    const short = encodeKey(2n ** 2039n - 1n);
    const long = encodeKey(2n ** 2039n);
    expect([short.length, toHex(short.subarray(11, 13))]).toEqual([269, "8aff"]);
    expect([long.length, toHex(long.subarray(11, 16))]).toEqual([273, "8b00010000"]);
    expect(decodeKey(short)).toBe(2n ** 2039n - 1n);
    expect(decodeKey(long)).toBe(2n ** 2039n);
  });

  test("writes data of 64 KiB outside any frame, and small frames bare", () => {
    const data = new Uint8Array(65536).fill(120);
    const body = "78".repeat(65536);
    expect(toHex(encodeKey(data))).toBe(`80044200000100${body}942e`);
    expect(toHex(encodeKey(["k", data]))).toBe(
      `80049504000000000000008c016b944200000100${body}9504000000000000009486942e`,
    );
    expect(toHex(encodeKey(["k", data, "zz"]))).toBe(
      `80049504000000000000008c016b944200000100${body}950900000000000000948c027a7a9487942e`,
    );
  });

  test("ends a frame before the item that finds it full", () => {
    const half = "a".repeat(40_000);
    const bytes = encodeKey([half, `${half}b`, "c"]);
    // Both texts fit into the first frame, which is then over 64 KiB; the next item opens another.
    const firstFrame = new DataView(bytes.buffer, bytes.byteOffset).getUint32(3, true);
    expect(firstFrame).toBe(40_006 + 40_007);
    expect(toHex(bytes.subarray(11 + firstFrame))).toBe("9507000000000000008c01639487942e");
  });

  test("refers back to equal texts and bytes as a Python literal does", () => {
    expect(toHex(encodeKey(["ab", "ab"]))).toBe("8004950a000000000000008c026162946800" + "86942e");
    expect(toHex(encodeKey([Uint8Array.of(1, 2), Uint8Array.of(1, 2)]))).toContain("430201029468008694");
    expect(toHex(encodeKey([[1], [true], [new PyFloat(1)], [-0]]))).not.toContain("68");
  });

  test("writes equal tuples out, as Modal's client does, which rebuilds the tuples of its arguments", () => {
    const pair = [1, 2];
    const written = "8004950f000000000000004b014b0286944b014b02869486942e";
    expect(toHex(encodeKey([pair, pair]))).toBe(written);
    expect(toHex(encodeKey([pair, [1, 2]]))).toBe(written);
    expect(
      toHex(
        encodeKey([
          ["ab", 1],
          ["ab", 1],
        ]),
      ),
    ).toBe("80049512000000000000008c026162944b01869468004b01869486942e");
  });

  test("writes repeats out with `copy`, but for what is one object in any Python", () => {
    const copy = { repeats: "copy" } as const;
    expect(toHex(encodeKey(["ab", "ab"], copy))).toBe(
      "8004950d000000000000008c026162948c02616294" + "86942e",
    );
    expect(toHex(encodeKey(["a", "a"], copy))).toBe(toHex(encodeKey(["a", "a"])));
    expect(toHex(encodeKey(["", "", "ÿ", "ÿ"], copy))).toBe(toHex(encodeKey(["", "", "ÿ", "ÿ"])));
    expect(toHex(encodeKey(["Ā", "Ā"], copy))).not.toBe(toHex(encodeKey(["Ā", "Ā"])));
    const byte = Uint8Array.of(7);
    expect(toHex(encodeKey([byte, byte], copy))).toBe(toHex(encodeKey([byte, byte])));
    const pair = [1, 2];
    expect(toHex(encodeKey([pair, pair], copy))).toBe("8004950f000000000000004b014b0286944b014b02869486942e");
  });

  test("a negative zero comes back as the number that it was, other integral floats as PyFloat", () => {
    expect(decodeKey(encodeKey(-0))).toBe(-0);
    expect(decodeKey(encodeKey([-0, new PyFloat(1)]))).toEqual([-0, new PyFloat(1)]);
  });

  test("gives one key the same bytes whatever was encoded before", () => {
    const first = toHex(encodeKey(["ab", ["ab", 1n]]));
    for (let count = 0; count < 2_000; count++) encodeKey(`filler ${count}`);
    expect(toHex(encodeKey(["ab", ["ab", 1n]]))).toBe(first);
  });

  test("nests as deep as allowed without the JavaScript stack, and says where it stops", () => {
    let key: unknown = 1;
    for (let level = 0; level < 9_999; level++) key = [key, 1];
    expect(encodeKey([key]).length).toBeGreaterThan(30_000);
    expect(() => encodeKey([[key]])).toThrow(/nested deeper than 10000 levels/);
    const circular: unknown[] = [];
    circular.push(circular);
    expect(() => encodeKey(circular)).toThrow(SerializationError);
  });

  test.each<[string, unknown, string, RegExp]>([
    ["undefined", undefined, "key", /undefined cannot be a key/],
    ["a plain object", { a: 1 }, "key", /would be a dict/],
    ["a Map in a tuple", ["a", new Map()], "key[1]", /would be a dict/],
    ["a Set of several", [[new Set([1, 2])]], "key[0][0]", /would be a frozenset/],
    ["an ArrayBuffer", new ArrayBuffer(1), "key", /use a Uint8Array/],
    ["an Error", new Error("x"), "key", /may differ between versions; keys\(\)/],
    ["a function", () => 1, "key", /a function cannot be a key/],
    ["a symbol", [Symbol("x")], "key[0]", /a symbol cannot be a key/],
    ["a placeholder", new PyObject({ module: "m", name: "C" }), "key", /depend on the Python version/],
    ["an instance", [1, 2, new URL("http://x")], "key[2]", /an instance of URL cannot be a key/],
  ])("refuses %s with the reason and the path", (_, key, path, reason) => {
    expect(() => encodeKey(key)).toThrow(reason);
    expect(() => encodeKey(key)).toThrow(expect.objectContaining({ code: "serialization_failed", path }));
    expect(toHex(encodeKey("after"))).toBe("80049509000000000000008c056166746572942e");
  });
});
