// The random parts of value descriptions: one arbitrary for each kind of node. Parts that are other nodes are random
// numbers here; spec-graph.ts turns them into numbers of nodes that may stand there.

import fc from "fast-check";
import { errorRule } from "../src/types/errors.ts";

/** What a Python installation offers to the tests. */
export interface SpecFeatures {
  readonly numpy: boolean;
  readonly cloudpickle: boolean;
  readonly zoneinfo: boolean;
  /** The builtin exceptions that it has. */
  readonly exceptions: readonly string[];
}

type NodeArbitrary = fc.Arbitrary<readonly [string, ...unknown[]]>;

/** Arbitraries of nodes by how often they should occur. */
export interface NodeArbitraries {
  readonly scalars: readonly NodeArbitrary[];
  readonly containers: readonly NodeArbitrary[];
  readonly others: readonly NodeArbitrary[];
  /** Kinds that take much longer than others, or matter only at their size. */
  readonly costly: readonly NodeArbitrary[];
}

const nat = fc.nat(0xffff);
const few = fc.array(nat, { maxLength: 4 });
const pairs = fc.array(fc.tuple(nat, nat), { maxLength: 4 });
const hexFloat = (value: number): string => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
};
const interestingFloats = [0, 1, -1, 2 ** 53, Number.MAX_VALUE, 5e-324, Infinity, -Infinity];
const float = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer().map((value) => value / 4),
  fc.constantFrom(...interestingFloats),
);
const nearPower = fc
  .tuple(
    fc.constantFrom(7n, 8n, 15n, 16n, 31n, 32n, 39n, 52n, 53n, 63n, 64n, 2039n, 2040n),
    fc.constantFrom(-1n, 0n, 1n),
    fc.boolean(),
  )
  .map(([power, plus, negative]) => String((negative ? -1n : 1n) * 2n ** power + plus));
const integer = fc.oneof(
  fc.integer({ min: -300, max: 300 }).map(String),
  fc.integer({ min: -(2 ** 33), max: 2 ** 33 }).map(String),
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String),
  nearPower,
);
const names = "id name __proto__ constructor toString then length 10 2".split(" ");
// Unpaired surrogates, but no pairs written as two: JavaScript could not tell those from one character.
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.constantFrom("", "a", ...names, "\ud800", "\udfff x", "é", "日本", "😀", "\0", "a\\u0041\n"),
  fc.nat(300).map((length) => "x".repeat(length)),
  fc.nat(90).map((length) => "é".repeat(length)),
);
const hexBytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("hex"));
const small = fc.integer({ min: -100, max: 100 });
const orNone = fc.oneof(fc.constant(null), nat);

function node(kind: string, ...parts: readonly fc.Arbitrary<unknown>[]): NodeArbitrary {
  return fc.tuple(fc.constant(kind), ...parts) as NodeArbitrary;
}

function chosen(nodes: readonly (readonly [string, ...unknown[]])[]): NodeArbitrary {
  return fc.constantFrom(...nodes);
}

// --- times

const microsecond = fc.oneof(
  fc.constant(0),
  fc.nat(999).map((ms) => ms * 1000),
  fc.nat(999_999),
);
const clock = [fc.nat(23), fc.nat(59), fc.nat(59), microsecond] as const;
const fold = fc.constantFrom(0, 0, 0, 1);
const day = [
  fc.integer({ min: 1, max: 9999 }),
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 1, max: 28 }),
] as const;
const datetime = node("datetime", ...day, ...clock, fold, orNone);
const times = [
  node("date", ...day),
  node("timedelta", small, fc.nat(86_399), fc.nat(999_999)),
  node("timedelta", ...[0, 0, 0].map((part) => fc.constant(part))),
  node("timezone", nat, fc.constantFrom(null, null, "CET")),
  node("utc", ...day, ...clock),
  datetime,
  datetime,
  node("time", ...clock, fold, orNone),
];

// --- arrays

const big = (min: bigint, max: bigint) => fc.bigInt({ min, max }).map(String);
const arrayItems: Record<string, fc.Arbitrary<string>> = {
  b: fc.integer({ min: -128, max: 127 }).map(String),
  B: fc.nat(255).map(String),
  h: fc.integer({ min: -32768, max: 32767 }).map(String),
  H: fc.nat(65535).map(String),
  i: fc.integer().map(String),
  I: fc.nat().map(String),
  l: big(-(2n ** 63n), 2n ** 63n - 1n),
  L: big(0n, 2n ** 64n - 1n),
  q: big(-(2n ** 63n), 2n ** 63n - 1n),
  Q: big(0n, 2n ** 64n - 1n),
  f: fc.integer({ min: -1000, max: 1000 }).map((value) => String(value / 4)),
  d: fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value) => (Object.is(value, -0) ? "-0.0" : String(value))),
};
const array: NodeArbitrary = fc
  .constantFrom(...Object.keys(arrayItems))
  .chain((code) =>
    node("array", fc.constant(code), fc.array(arrayItems[code] as fc.Arbitrary<string>, { maxLength: 5 })),
  );

const itemBytes = {
  bool: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
  complex64: 8,
  complex128: 16,
  "datetime64[ns]": 8,
  "timedelta64[25s]": 8,
  ">i4": 4,
  ">f8": 8,
  ">M8[D]": 8,
};
type Dtype = keyof typeof itemBytes;
const dtype = fc.constantFrom(...(Object.keys(itemBytes) as Dtype[]));
/** Of texts and bytes, which are not any bytes; numpy leaves out zeros at their end. */
const textDtype = fc.constantFrom("<U3", ">U2", "|S4", "|V3");
// Bytes that are the same number after a round trip: 0 and 1 for booleans, no NaN for floats.
const elements = (type: Dtype, count: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: count * itemBytes[type], maxLength: count * itemBytes[type] }).map((bytes) => {
    const kept = bytes.map((byte, index) => {
      if (type === "bool") return byte & 1;
      const partBytes = itemBytes[type] / (type.startsWith("complex") ? 2 : 1);
      if (type === ">f8") return index % partBytes === 0 ? byte & 0xbf : byte;
      return /^(float|complex)/.test(type) && index % partBytes === partBytes - 1 ? byte & 0xbf : byte;
    });
    return Buffer.from(kept).toString("hex");
  });
const ndarray: NodeArbitrary = fc
  .tuple(dtype, fc.array(fc.nat(3), { maxLength: 3 }), fc.constantFrom("C", "F"))
  .chain(([type, shape, order]) => {
    const count = shape.reduce((product, dimension) => product * dimension, 1);
    return elements(type, count).map((data) => ["ndarray", type, shape, order, data] as const);
  });
const textBytes: Readonly<Record<string, readonly string[]>> = {
  "<U3": ["610000000000000000000000", "61000000e9000000ac200000", "00f6010000d8000001000000"],
  ">U2": ["0000006100000000", "0001f600000000e9"],
  "|S4": ["00000000", "61620000", "61006200", "ffffffff"],
  "|V3": ["000000", "616200", "ffffff"],
};
const textarray: NodeArbitrary = textDtype.chain((type) =>
  fc
    .array(fc.constantFrom(...(textBytes[type] as readonly string[])), { maxLength: 4 })
    .map((items) => ["ndarray", type, [items.length], "C", items.join("")] as const),
);
const npscalar: NodeArbitrary = dtype.chain((type) =>
  elements(type, 1).map((data) => ["npscalar", type, data] as const),
);

// --- what each language spells in its own way

const pythonPatterns = [
  "a+b",
  "(?P<year>\\d{4})-(?P<month>\\d\\d)",
  "[^\\s/]+",
  "",
  "日本|é",
  "(a)(b)?\\2",
  "x{2,3}?$",
  "\\Ax",
  "[]a]",
];
/** What JavaScript has, and what Python makes of it: source, flags, pattern, flags. */
const javaScriptPatterns = [
  ["a+b", "", "a+b", 0],
  ["(?<year>\\d{4})-\\k<year>", "i", "(?P<year>\\d{4})-(?P=year)", 2],
  ["^[^[a]$", "ms", "^[^\\[a]$", 8 | 16],
  ["\\u{1f600}\\/", "u", "\\U0001f600\\/(?#/u)", 0],
  ["x\\cA", "gy", "x\\x01(?#/gy)", 0],
  ["(?<!ab)c(?=d)", "", "(?<!ab)c(?=d)", 0],
] as const;
const urls = [
  "https://user:pw@example.com:8080/a/b;c?d=e#f",
  "http://example.com",
  "http://example.com/",
  "mailto:a@b.c",
  "file:///etc/hosts",
  "HTTP://Example.COM/%7e?",
  "/relative?x=1",
];
const pathParts = fc.array(fc.constantFrom("/", "a", "b c", "..", "c:\\"), { maxLength: 3 });
const pathClass = fc.constantFrom("PurePath", "PurePosixPath", "PureWindowsPath", "PosixPath", "Path");

// --- exceptions

const errorClasses = [
  ["Error", "Exception"],
  ["TypeError", "TypeError"],
  ["RangeError", "ValueError"],
  ["SyntaxError", "SyntaxError"],
  ["URIError", "ValueError"],
  ["EvalError", "Exception"],
] as const;
const attributes = fc.array(fc.tuple(fc.constantFrom("note", "detail", "message", "__proto__"), nat), {
  maxLength: 2,
});
const unicodeErrors = [
  ["UnicodeDecodeError", "utf-8", "80", 0, 1, "invalid start byte"],
  ["UnicodeEncodeError", "ascii", "é", 0, 1, "ordinal not in range"],
  ["UnicodeTranslateError", "é", 0, 1, "why"],
].map((parts) => ["unicodeerror", ...parts] as const);

function exceptions(available: readonly string[]): NodeArbitrary[] {
  const known = Object.keys(errorRule.calls ?? {}).map((name) => name.replace("builtins.", ""));
  const plain = known.filter(
    (name) => available.includes(name) && !/Group$|^Unicode.+codeError$|Translate/.test(name),
  );
  // There are more than sixty classes.
  const exception = node("exception", fc.constantFrom(...plain), few, attributes);
  const found = [
    exception,
    exception,
    exception,
    exception,
    fc
      .tuple(fc.constantFrom(...errorClasses), text, orNone)
      .map(([[type, python], message, cause]) => ["jserror", type, python, message, cause] as const),
    chosen(unicodeErrors),
  ];
  if (available.includes("ExceptionGroup")) {
    const group = fc.constantFrom("ExceptionGroup", "BaseExceptionGroup");
    found.push(
      node(
        "exceptiongroup",
        group,
        fc.string({ maxLength: 5 }),
        fc.array(nat, { minLength: 1, maxLength: 3 }),
      ),
    );
  }
  return found;
}

// --- all kinds

const scalars = [
  node("none"),
  node("bool", fc.boolean()),
  node("int", integer),
  node("float", float.map(hexFloat)),
  node("str", text),
  node("bytes", hexBytes),
];
const containers = [node("list", few), node("tuple", few), node("dict", pairs), node("map", pairs)];
const decimals = fc.oneof(float.map(String), fc.constantFrom("1.50", "-0", "NaN", "1E+400", "0.000"));
const builtins = [
  node("float", fc.constantFrom(-0, Number.NaN, 1).map(hexFloat)),
  node("bigint", integer),
  node("buffer", hexBytes),
  node("bytearray", hexBytes),
  node("holes", fc.nat(3)),
  node("keyed", fc.nat(9), fc.constantFrom("a", "key")),
  node("decimal", decimals),
  node("fraction", small.map(String), fc.integer({ min: 1, max: 50 }).map(String)),
  node("complex", float.map(hexFloat), float.map(hexFloat)),
  node("uuid", fc.uuid()),
  ...times,
  node("range", small.map(String), integer, fc.integer({ min: 1, max: 9 }).map(String)),
  node("slice", nat, nat, nat),
  fc.tuple(pathClass, pathParts).map(([name, parts]) => ["path", name, ...parts] as const),
  node("url", fc.constantFrom(...urls)),
  node("regexp", fc.constantFrom(...pythonPatterns), fc.constantFrom(0, 2, 8, 16, 2 | 8 | 16, 256)),
  chosen(javaScriptPatterns.map((parts) => ["jsregexp", ...parts] as const)),
  array,
  node("ellipsis"),
  node("notimplemented"),
  node("deque", few, fc.constantFrom(null, null, 2, 10)),
  node("defaultdict", fc.constantFrom("list", "int", ""), pairs),
  node("counter", fc.array(fc.tuple(nat, fc.integer()), { maxLength: 3 })),
  node("odict", pairs),
  node("set", few),
  node("frozenset", few),
];
const slots = fc.array(fc.tuple(fc.constantFrom("a", "b"), nat), { maxLength: 2 });
const classes = [
  node("point", nat, nat),
  node("handle", fc.constantFrom("di-1", "di-2")),
  node("enum", fc.constant("Color"), fc.constantFrom("RED", "GREEN")),
  node("enum", fc.constant("Level"), fc.constantFrom("LOW", "HIGH")),
  node("namedtuple", nat, nat),
  node("box", nat, fc.constantFrom("", "label")),
  node("plain", fc.array(fc.tuple(fc.constantFrom("a", "b", "__proto__", "then"), nat), { maxLength: 3 })),
  node("inner", fc.array(fc.tuple(fc.constantFrom("a", "b"), nat), { minLength: 1, maxLength: 2 })),
  node("slotted", slots),
  node("slottedmore", fc.array(fc.tuple(fc.constantFrom("a", "c"), nat), { maxLength: 2 })),
  node("stack", few, orNone),
  node("registry", pairs, orNone),
  node("withstate", nat),
  node("keyworded", nat, nat),
  node("jobfailed", nat, nat),
  node("global", fc.constantFrom("len", "OrderedDict", "Plain")),
];
// Sizes around CPython's batches of 1,000 and the memo numbers of one byte.
const size = fc.constantFrom(255, 256, 257, 999, 1000, 1001, 2000, 2001);
const sizes = [
  ...["biglist", "bigtuple", "bigset", "bigdict", "bigmap", "bigtexts"].map((kind) => node(kind, size)),
  node("longstr", fc.constantFrom("x", "é", "\ud800"), fc.constantFrom(255, 256, 65_535, 65_536, 70_000)),
  node("longbytes", fc.constantFrom(255, 256, 65_535, 65_536, 70_000)),
  node("deep", fc.nat(400)),
];
const byValue = [
  node("lambda", nat),
  node("function", nat, nat),
  node("class", nat),
  node("instance", nat),
  node("dynamic", fc.constantFrom("enum", "namedtuple", "dataclass", "exception")),
];

const ips = [
  ["IPv4Address", "192.168.0.1"],
  ["IPv4Network", "10.0.0.0/8"],
  ["IPv4Interface", "10.0.0.1/8"],
  ["IPv6Address", "2001:db8::1"],
  ["IPv6Network", "2001:db8::/32"],
  ["IPv6Interface", "::1/128"],
] as const;
const ip: NodeArbitrary = fc.constantFrom(...ips).map(([name, text]) => ["ip", name, text] as const);

/** The arbitraries for one Python installation. */
export function nodeArbitraries(features: SpecFeatures): NodeArbitraries {
  return {
    scalars,
    containers,
    others: [
      ...builtins,
      ...exceptions(features.exceptions),
      ...classes,
      ip,
      ...(features.numpy ? [ndarray, textarray, npscalar] : []),
      ...(features.zoneinfo ? [node("zoneinfo", fc.constantFrom("Europe/Berlin", "UTC"))] : []),
    ],
    costly: [
      ...sizes,
      ...(features.numpy ? [node("npother", fc.nat(20))] : []),
      ...(features.cloudpickle ? byValue : []),
    ],
  };
}
