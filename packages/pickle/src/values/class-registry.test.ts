import { afterEach, describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../testing/hex.ts";
import {
  ClassRegistry,
  DeserializationError,
  decode,
  encode,
  PyGlobal,
  PyObject,
  PyZoneInfo,
  registerClass,
} from "../index.ts";

class Inner {
  x: number;
  constructor(x: number) {
    this.x = x;
  }
}

const codec = {
  toState: (inner: Inner) => ({ x: inner.x }),
  fromState: (state: unknown) => new Inner((state as { x: number }).x),
};

// shapes.Outer.Inner with x = 1, as CPython writes it.
const pickles: [protocol: number, hex: string][] = [
  [
    0,
    "63636f70795f7265670a5f7265636f6e7374727563746f720a70300a28635f5f6275696c74696e5f5f0a676574617474720a70310a28637368617065730a4f757465720a70320a56496e6e65720a70330a7470340a5270350a635f5f6275696c74696e5f5f0a6f626a6563740a70360a4e7470370a5270380a286470390a56780a7031300a49310a73622e",
  ],
  [
    1,
    "63636f70795f7265670a5f7265636f6e7374727563746f720a710028635f5f6275696c74696e5f5f0a676574617474720a710128637368617065730a4f757465720a71025805000000496e6e65727103747104527105635f5f6275696c74696e5f5f0a6f626a6563740a71064e7471075271087d7109580100000078710a4b0173622e",
  ],
  [
    2,
    "8002635f5f6275696c74696e5f5f0a676574617474720a7100637368617065730a4f757465720a71015805000000496e6e65727102867103527104298171057d710658010000007871074b0173622e",
  ],
  [4, "80049527000000000000008c06736861706573948c0b4f757465722e496e6e65729493942981947d948c0178944b0173622e"],
];
const newest = pickles[3]?.[1] as string;

let undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo) each();
  undo = [];
});

function register(...args: Parameters<typeof registerClass<Inner>>): void {
  undo.push(registerClass(...args));
}

describe("registerClass()", () => {
  test.each(pickles)("makes instances of a class inside a class arrive (protocol %i)", (_, hex) => {
    register("shapes:Outer.Inner", Inner, codec);
    expect(decode(fromHex(hex))).toEqual(new Inner(1));
    expect(toHex(encode(new Inner(1)))).toBe(newest);
  });

  test("holds until it is undone or replaced", () => {
    register("shapes:Outer.Inner", Inner, codec);
    register("shapes.Other", Inner, codec);
    expect(decode(fromHex(newest))).toBeInstanceOf(PyObject);
    expect(decode(encode(new Inner(2)))).toEqual(new Inner(2));
    undo[1]?.();
    expect(() => encode(new Inner(2))).toThrow(/instance of Inner/);
  });

  test("applies to classes that extend what is otherwise written by itself", () => {
    class Names extends Array<string> {}
    class Digest extends Uint8Array {}
    class Counts extends Map<string, number> {}
    const registry = new ClassRegistry();
    for (const type of [Names, Digest, Counts]) {
      registry.register<object>(`kinds.${type.name}`, type, {
        toState: (instance) => ({ items: [...(instance as Iterable<unknown>)] }),
        fromState: (state) => state as object,
      });
    }
    const written = decode(
      encode([Names.of("a"), Digest.of(1), new Counts([["b", 2]])], { classes: registry }),
    );
    expect((written as PyObject[]).map(String)).toEqual([
      "PyObject(kinds.Names)",
      "PyObject(kinds.Digest)",
      "PyObject(kinds.Counts)",
    ]);
    expect(decode(encode(Names.of("a")))).toEqual(["a"]);
  });

  test("takes a name only with a module", () => {
    for (const name of ["Point", ".Point", "shapes.", ""]) {
      expect(() => registerClass(name, Inner, codec)).toThrow(TypeError);
    }
  });
});

describe("a registry of one's own", () => {
  test("stands in for the classes of the program", () => {
    register("shapes:Outer.Inner", Inner, codec);
    const classes = new ClassRegistry();
    expect(decode(fromHex(newest), { classes })).toBeInstanceOf(PyObject);
    expect(() => encode(new Inner(1), { classes })).toThrow(/instance of Inner/);
    classes.register("here.Inner", Inner, codec);
    expect(String(decode(encode(new Inner(1), { classes })))).toBe("PyObject(here.Inner)");
    expect(decode(encode(new Inner(1), { classes }), { classes })).toEqual(new Inner(1));
    expect(decode(fromHex(newest))).toEqual(new Inner(1));
  });
});

describe('decode() with unknownClasses: "refuse"', () => {
  const refuse = { unknownClasses: "refuse" } as const;

  test.each(pickles)("names the class and says how to register it (protocol %i)", (_, hex) => {
    expect(() => decode(fromHex(hex), refuse)).toThrow(DeserializationError);
    expect(() => decode(fromHex(hex), refuse)).toThrow(
      'the class shapes.Outer.Inner is not known here; registerClass("shapes:Outer.Inner", …)',
    );
  });

  test("tells what cannot be registered", () => {
    const byValue = new PyObject({ module: "cloudpickle.cloudpickle", name: "_make_function", args: [1] });
    expect(() => decode(encode(byValue), refuse)).toThrow(
      /only Python can make, by cloudpickle.cloudpickle._make_function: a function, or a class/,
    );
    const called = new PyObject({
      callable: new PyObject({ module: "operator", name: "itemgetter", args: [0] }),
    });
    expect(() => decode(encode(called), refuse)).toThrow(DeserializationError);
  });

  test("lets pass what is in the table of types", () => {
    const value = [new Date(0), new PyZoneInfo("UTC"), new PyGlobal("os", "system"), /a/, new Set([1])];
    expect(decode(encode(value), refuse)).toEqual(value);
  });
});

describe("zones by name", () => {
  const berlin =
    "80049556000000000000008c086275696c74696e73948c07676574617474729493948c087a6f6e65696e666f948c085a6f6e65496e666f9493948c095f756e7069636b6c6594869452948c0d4575726f70652f4265726c696e944b01869452942e";

  test("arrive as PyZoneInfo and are written as CPython writes them", () => {
    expect(decode(fromHex(berlin))).toEqual(new PyZoneInfo("Europe/Berlin"));
    expect(toHex(encode(new PyZoneInfo("Europe/Berlin")))).toBe(berlin);
    const uncached =
      "8002635f5f6275696c74696e5f5f0a676574617474720a7100637a6f6e65696e666f0a5a6f6e65496e666f0a710158090000005f756e7069636b6c657102867103527104580300000055544371054b008671065271072e";
    const read = decode(fromHex(uncached)) as PyZoneInfo;
    expect(read).toEqual(new PyZoneInfo("UTC", false));
    expect(decode(encode(read))).toEqual(read);
  });
});
