import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../testing/hex.ts";
import { decode, encode, PyFloat, PyGlobal, PyObject, PyPersistentId, SerializationError } from "../index.ts";

const self: unknown[] = [];
self.push(self);
const me: Record<string, unknown> = {};
me.me = me;
const one = [1];
const inner: unknown[] = [];
const around = Object.freeze([inner]);
inner.push(around);
const tuple = (...items: unknown[]): readonly unknown[] => Object.freeze(items);

// What CPython writes for these values: protocol section 4.5.
const vectors: [python: string, value: unknown, hex: string][] = [
  ["[]", [], "80045d942e"],
  ["[1]", [1], "80049506000000000000005d944b01612e"],
  ["[1, 2, 3]", [1, 2, 3], "8004950b000000000000005d94284b014b024b03652e"],
  ["{}", {}, "80047d942e"],
  ["{'a': 1}", { a: 1 }, "8004950a000000000000007d948c0161944b01732e"],
  ["{'a': 1, 'b': 2}", { a: 1, b: 2 }, "80049511000000000000007d94288c0161944b018c0162944b02752e"],
  [
    "{'a': [1, (2, 3)], 'b': {'c': None}}",
    { a: [1, tuple(2, 3)], b: { c: null } },
    "80049521000000000000007d94288c0161945d94284b014b024b038694658c0162947d948c0163944e73752e",
  ],
  ["set()", new Set(), "80048f942e"],
  ["{1, 2}", new Set([1, 2]), "80049509000000000000008f94284b014b02902e"],
  ["frozenset()", Object.freeze(new Set()), "80049504000000000000002891942e"],
  ["frozenset({1})", Object.freeze(new Set([1])), "8004950600000000000000284b0191942e"],
  [
    "bytearray(b'')",
    new ArrayBuffer(0),
    "8004951d000000000000008c086275696c74696e73948c096279746561727261799493942952942e",
  ],
  [
    "bytearray(b'abc')",
    Uint8Array.of(97, 98, 99).buffer,
    "80049524000000000000008c086275696c74696e73948c09627974656172726179949394430361626394859452942e",
  ],
  [
    "datetime(2024,1,2,3,4,5,678901), tz UTC",
    // The microseconds beyond Date's milliseconds are known only to a Date that was decoded.
    decode(
      fromHex(
        "80049557000000000000008c086461746574696d65948c086461746574696d65949394430a07e801020304050a5bf59468008c0874696d657a6f6e6594939468008c0974696d6564656c74619493944b004b004b008794529485945294869452942e",
      ),
    ),
    "80049557000000000000008c086461746574696d65948c086461746574696d65949394430a07e801020304050a5bf59468008c0874696d657a6f6e6594939468008c0974696d6564656c74619493944b004b004b008794529485945294869452942e",
  ],
  [
    "OrderedDict(a=1)",
    new Map([["a", 1]]),
    "80049529000000000000008c0b636f6c6c656374696f6e73948c0b4f726465726564446963749493942952948c0161944b01732e",
  ],
  ["x=[]; x.append(x)", self, "80049506000000000000005d946800612e"],
  ["d={}; d['me']=d", me, "8004950b000000000000007d948c026d65946800732e"],
  ["a=[1]; [a, a]", [one, one], "8004950c000000000000005d94285d944b01616801652e"],
  ["t=([],); t[0].append(t)", around, "8004950b000000000000005d9468008594613068012e"],
];

// Forms without a JavaScript counterpart yet: they must come through as they are.
const passedThrough: [python: string, hex: string][] = [
  [
    "datetime(2024,1,2,3,4,5,678901)",
    "8004952a000000000000008c086461746574696d65948c086461746574696d65949394430a07e801020304050a5bf594859452942e",
  ],
  [
    "datetime(2024,1,2,3,4,5), tz +02:00",
    "80049558000000000000008c086461746574696d65948c086461746574696d65949394430a07e801020304050000009468008c0874696d657a6f6e6594939468008c0974696d6564656c74619493944b004d201c4b008794529485945294869452942e",
  ],
  [
    "date(2024,1,2)",
    "80049520000000000000008c086461746574696d65948c0464617465949394430407e8010294859452942e",
  ],
  [
    "timedelta(1,2,3)",
    "80049524000000000000008c086461746574696d65948c0974696d6564656c74619493944b014b024b03879452942e",
  ],
  [
    "Decimal('1.50')",
    "80049522000000000000008c07646563696d616c948c07446563696d616c9493948c04312e353094859452942e",
  ],
  [
    "UUID('12345678-1234-5678-1234-567812345678')",
    "80049530000000000000008c0475756964948c04555549449493942981947d948c03696e74948a107856341278563412785634127856341273622e",
  ],
  ["range(3)", "80049520000000000000008c086275696c74696e73948c0572616e67659493944b004b034b01879452942e"],
  ["http.HTTPStatus.OK", "8004951d000000000000008c0468747470948c0a485454505374617475739493944bc8859452942e"],
  [
    "http.HTTPStatus.OK on 3.11.2",
    "80049537000000000000008c086275696c74696e73948c07676574617474729493948c0468747470948c0a485454505374617475739493948c024f4b94869452942e",
  ],
  [
    "frozen dataclass shapes.Point(x=1, y='a')",
    "8004952a000000000000008c06736861706573948c05506f696e749493942981947d94288c0178944b018c0179948c01619475622e",
  ],
];

describe("encode()", () => {
  test.each(vectors)("writes the bytes that CPython writes for %s", (_, value, hex) => {
    expect(toHex(encode(value))).toBe(hex);
  });

  test.each(vectors)("writes %s as it read it", (_, __, hex) => {
    expect(toHex(encode(decode(fromHex(hex))))).toBe(hex);
  });

  test.each(passedThrough)("passes %s through unchanged", (_, hex) => {
    expect(toHex(encode(decode(fromHex(hex))))).toBe(hex);
  });

  test("writes batches of 1,000 as CPython does", () => {
    const hexOf = (value: unknown): string => toHex(encode(value)).slice(22);
    expect(hexOf(new Array(1000).fill(0))).toBe(`5d9428${"4b00".repeat(1000)}652e`);
    expect(hexOf(new Array(1001).fill(0))).toBe(`5d9428${"4b00".repeat(1000)}65284b00652e`);
    const thousand = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`${index}x`, 0]));
    // A full last batch is followed by an empty one.
    expect(hexOf(thousand).endsWith("4b0075" + "28752e")).toBe(true);
    expect(hexOf(new Set(Array.from({ length: 1000 }, (_, index) => index))).endsWith("9028902e")).toBe(true);
  });

  test("leaves out undefined properties and writes None for undefined elements", () => {
    expect(toHex(encode({ a: undefined, b: 1 }))).toBe(toHex(encode({ b: 1 })));
    expect(toHex(encode({ a: undefined }))).toBe(toHex(encode({})));
    // biome-ignore lint/suspicious/noSparseArray: a hole reads as undefined
    expect(decode(encode([undefined, 1, , 2]))).toEqual([null, 1, null, 2]);
  });

  test("writes what a key or element must be in Python: hashable", () => {
    const value = new Map<unknown, unknown>([
      [["a", 1], [1]],
      [new Set([1]), 2],
    ]);
    expect(toHex(encode(value))).toContain("8c0161944b018694"); // a tuple
    const read = decode(encode(value)) as Map<unknown, unknown>;
    const [first, second] = [...read.keys()];
    expect(Object.isFrozen(first) && Object.isFrozen(second)).toBe(true);
    expect([...read.values()]).toEqual([[1], 2]);
    expect(() => encode(new Map([[{}, 1]]))).toThrow(/plain object cannot be a dict key/);
    expect(() => encode(new Set([new Map()]))).toThrow(/Map cannot be a dict key/);
    expect(() => encode(new Set([new ArrayBuffer(1)]))).toThrow(/ArrayBuffer cannot be a dict key/);
  });

  test.each<[string, unknown, string, RegExp]>([
    ["undefined", undefined, "value", /undefined has no Python counterpart/],
    ["a function in an object", { a: [1, { "b c": () => 1 }] }, 'value.a[1]["b c"]', /the function b c has/],
    ["a symbol in a Map", new Map([["k", Symbol("s")]]), 'value.get("k")', /a symbol has/],
    ["undefined in a Map", new Map([["k", undefined]]), 'value.get("k")', /undefined has/],
    ["undefined as a Map key", new Map([[undefined, 1]]), "value.keys()[0]", /undefined has/],
    ["a Promise in a Set", new Set([Promise.resolve()]), "value.values()[0]", /await/],
    ["an instance", { x: new (class Thing {})() }, "value.x", /an instance of Thing has no/],
    ["an invalid Date", [new Date(Number.NaN)], "value[0]", /this Date is invalid/],
    ["a Date beyond Python's years", [new Date(8.64e15)], "value[0]", /the years 1 to 9999/],
    [
      "a throwing getter",
      {
        get a() {
          throw new Error("no");
        },
      },
      "value.a",
      /no/,
    ],
    ["an argument of a placeholder", [new PyObject({ args: [Symbol("s")] })], "value[0].args[0]", /a symbol/],
  ])("refuses %s with the path to it, and works afterwards", (_, value, path, reason) => {
    expect(() => encode(value)).toThrow(reason);
    expect(() => encode(value)).toThrow(expect.objectContaining({ code: "serialization_failed", path }));
    expect(() => encode(value)).toThrow(SerializationError);
    expect(toHex(encode([1]))).toBe("80049506000000000000005d944b01612e");
  });

  test("nests as deep as allowed without the JavaScript stack", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 10_000; level++) deep = level % 2 === 0 ? [deep] : { deep };
    let read = decode(encode(deep));
    for (let level = 0; level < 10_000; level++)
      read = Array.isArray(read) ? read[0] : (read as { deep: unknown }).deep;
    expect(read).toBe(1);
    expect(() => encode([deep])).toThrow(/nested deeper than 10000/);
    expect(encode([deep], { depthMax: 20_000 }).length).toBeGreaterThan(10_000);
  });

  test("keeps property names that are dangerous in JavaScript as data", () => {
    const value = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2, "toString": 3}');
    const read = decode(encode(value)) as object;
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(Object.keys(read)).toEqual(["__proto__", "constructor", "toString"]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test("gives results that later calls leave alone, sharing memory or not", () => {
    const results = Array.from({ length: 3_000 }, (_, index) =>
      encode({ index, text: "x".repeat(index % 50) }),
    );
    results.forEach((bytes, index) => {
      expect(decode(bytes)).toEqual({ index, text: "x".repeat(index % 50) });
    });
    const own = encode([1], { ownBuffer: true });
    expect(own.buffer.byteLength).toBe(own.byteLength);
  });

  test("survives the transfer of a result's memory", () => {
    const bytes = encode([1, 2]);
    structuredClone(bytes, { transfer: [bytes.buffer] });
    expect(decode(encode([1, 2]))).toEqual([1, 2]);
  });

  test("lets a callback encode and decode in turn", () => {
    class Handle {
      id = 7;
    }
    const bytes = encode([new Handle(), "x"], {
      persistentId: (value) => (value instanceof Handle ? decode(encode(["handle", value.id])) : undefined),
    });
    const read = decode(bytes, { persistentLoad: (id) => decode(encode({ id })) });
    expect(read).toEqual([{ id: ["handle", 7] }, "x"]);
  });
});

describe("persistent ids", () => {
  // A public Dict handle: protocol section 4.4.
  const handle =
    "8004957d000000000000008c1964692d303132333435363738396162636465666768696a6b6c948c016f948c136d6f64616c5f70726f746f2e6170695f706232948c0c446963744d6574616461746194939429" +
    "52947d948c0a73657269616c697a656494431b0a076d792d6469637412100900002040fc54d9411205616c69636594736287" +
    "94512e";
  const serialized = fromHex("0a076d792d6469637412100900002040fc54d9411205616c696365");

  class Handle {
    readonly objectId: string;
    constructor(objectId: string) {
      this.objectId = objectId;
    }
  }

  test("writes a handle as Modal's client does, byte for byte", () => {
    const metadata = new PyObject({
      module: "modal_proto.api_pb2",
      name: "DictMetadata",
      state: { serialized },
    });
    const bytes = encode(new Handle("di-0123456789abcdefghijkl"), {
      persistentId: (value) => (value instanceof Handle ? [value.objectId, "o", metadata] : undefined),
    });
    expect(bytes.length).toBe(136);
    expect(toHex(bytes)).toBe(handle);
  });

  test("hands the id to persistentLoad, once each, in order", () => {
    const ids: unknown[] = [];
    const value = decode(fromHex(handle), {
      persistentLoad: (id) => {
        ids.push(id);
        return new Handle((id as string[])[0] as string);
      },
    });
    expect(value).toEqual(new Handle("di-0123456789abcdefghijkl"));
    expect(ids).toHaveLength(1);
    const [id, flag, metadata] = ids[0] as [string, string, PyObject];
    expect([id, flag]).toEqual(["di-0123456789abcdefghijkl", "o"]);
    expect([metadata.module, metadata.name, metadata.state]).toEqual([
      "modal_proto.api_pb2",
      "DictMetadata",
      { serialized },
    ]);
  });

  test("keeps an id that nobody resolves and writes it as it came", () => {
    const value = decode(fromHex(handle));
    expect(value).toBeInstanceOf(PyPersistentId);
    expect(toHex(encode(value))).toBe(handle);
    expect(toHex(encode(decode(fromHex(handle), { persistentLoad: () => undefined })))).toBe(handle);
  });

  test("hands over the error of a callback as the cause", () => {
    const cause = new Error("gone");
    const fails = () => {
      throw cause;
    };
    expect(() => decode(fromHex(handle), { persistentLoad: fails })).toThrow(
      expect.objectContaining({ cause }),
    );
    expect(() => encode([new Handle("x")], { persistentId: fails })).toThrow(
      expect.objectContaining({ cause, path: "value[0]" }),
    );
  });
});

describe("PyFloat and PyGlobal", () => {
  test("write an integral float and a name", () => {
    expect(toHex(encode([new PyFloat(1)]))).toContain("473ff0000000000000");
    expect(decode(encode(new PyFloat(1)))).toBe(1);
    expect(decode(encode(new PyFloat(1)), { floats: "exact" })).toEqual(new PyFloat(1));
    expect(new PyFloat(2) > new PyFloat(1)).toBe(true);
    expect(`${new PyFloat(2)}`).toBe("2.0");
    const global = new PyGlobal("os.path", "join");
    expect(decode(encode([global, global]))).toEqual([global, global]);
  });
});
