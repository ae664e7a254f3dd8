/** A value as both languages write it. */
export interface ValueCase {
  /** A Python expression. */
  readonly python: string;
  /** What TypeScript reads when Python stored it. */
  readonly typescript: unknown;
  /**
   * What Python reads when TypeScript stores a value built like `typescript`. Default: `python`. Differs where a
   * Python type has no TypeScript type of its own; what TypeScript read from Python and writes back untouched is
   * `python` all the same, unless `writtenBack` says otherwise.
   */
  readonly fromTypeScript?: string;
  /** What Python reads when TypeScript writes back what it read. Default: `python`. */
  readonly writtenBack?: string;
}

const datetime = "__import__('datetime').datetime(2024, 1, 2, 3, 4, 5, 678_901";
const zone = (hours: number) =>
  `__import__('datetime').timezone(__import__('datetime').timedelta(hours=${hours}))`;

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);
const longText = "line of text\n".repeat(8_000);

/** Values of every type that crosses without loss. */
export const valueCases: readonly ValueCase[] = [
  { python: "None", typescript: null },
  { python: "True", typescript: true },
  { python: "False", typescript: false },
  { python: "0", typescript: 0 },
  { python: "-1", typescript: -1 },
  { python: "65_536", typescript: 65_536 },
  { python: "2**31", typescript: 2 ** 31 },
  { python: "2**53 - 1", typescript: Number.MAX_SAFE_INTEGER },
  { python: "-2**53 + 1", typescript: Number.MIN_SAFE_INTEGER },
  { python: "2**53", typescript: 2n ** 53n },
  { python: "-2**53", typescript: -(2n ** 53n) },
  { python: "2**63", typescript: 2n ** 63n },
  { python: "-10**30", typescript: -(10n ** 30n) },
  { python: "2**5000 + 1", typescript: 2n ** 5000n + 1n },
  { python: "1.5", typescript: 1.5 },
  { python: "-0.1", typescript: -0.1 },
  // JavaScript has one number type: an integral float becomes an int once TypeScript writes it.
  { python: "1.0", typescript: 1, fromTypeScript: "1", writtenBack: "1" },
  { python: "-0.0", typescript: -0 },
  { python: "1.7976931348623157e308", typescript: Number.MAX_VALUE },
  { python: "5e-324", typescript: Number.MIN_VALUE },
  { python: "float('nan')", typescript: Number.NaN },
  { python: "float('inf')", typescript: Number.POSITIVE_INFINITY },
  { python: "float('-inf')", typescript: Number.NEGATIVE_INFINITY },
  { python: "''", typescript: "" },
  { python: "'text'", typescript: "text" },
  { python: "'é日本😀\\0'", typescript: "é日本😀\0" },
  { python: "'\\ud800 lone \\udc00'", typescript: "\ud800 lone \udc00" },
  { python: "'line of text\\n' * 8_000", typescript: longText },
  { python: "b''", typescript: bytes() },
  { python: "b'\\x00\\x80\\xff'", typescript: bytes(0, 128, 255) },
  {
    python: "bytes(range(256)) * 400",
    typescript: Uint8Array.from({ length: 102_400 }, (_, index) => index % 256),
  },
  { python: "bytearray(b'abc')", typescript: bytes(97, 98, 99).buffer },
  { python: "bytearray()", typescript: new ArrayBuffer(0) },
  { python: "[]", typescript: [] },
  { python: "[1, 'two', [3.5, [None]]]", typescript: [1, "two", [3.5, [null]]] },
  { python: "list(range(2_500))", typescript: Array.from({ length: 2_500 }, (_, index) => index) },
  { python: "()", typescript: [], fromTypeScript: "[]" },
  { python: "(1, 'a', (2,))", typescript: [1, "a", [2]], fromTypeScript: "[1, 'a', [2]]" },
  { python: "[(1, 2), [3]]", typescript: [[1, 2], [3]], fromTypeScript: "[[1, 2], [3]]" },
  { python: "{}", typescript: {} },
  { python: "{'a': 1, 'b': {'c': [True]}}", typescript: { a: 1, b: { c: [true] } } },
  { python: "{'__proto__': 1, 'constructor': 2}", typescript: dangerousObject() },
  {
    python: "{str(n) + '!': n for n in range(2_500)}",
    typescript: Object.fromEntries(Array.from({ length: 2_500 }, (_, index) => [`${index}!`, index])),
  },
  {
    python: "{1: 'int', 2: 'two'}",
    typescript: new Map([
      [1, "int"],
      [2, "two"],
    ]),
  },
  {
    python: "{2: 'int', '1': 'str', None: 0.5, b'k': [1]}",
    typescript: new Map<unknown, unknown>([
      [2, "int"],
      ["1", "str"],
      [null, 0.5],
      [bytes(107), [1]],
    ]),
  },
  { python: "set()", typescript: new Set() },
  { python: "{1, 2, 'three'}", typescript: new Set([1, 2, "three"]) },
  { python: "frozenset()", typescript: new Set(), fromTypeScript: "set()" },
  { python: "frozenset({1, 2})", typescript: new Set([1, 2]), fromTypeScript: "{1, 2}" },
  {
    python: "__import__('collections').OrderedDict([('b', 1), ('a', 2)])",
    typescript: new Map([
      ["b", 1],
      ["a", 2],
    ]),
  },
  {
    python:
      "__import__('datetime').datetime(2024, 1, 2, 3, 4, 5, 678_000, tzinfo=__import__('datetime').timezone.utc)",
    typescript: new Date(Date.UTC(2024, 0, 2, 3, 4, 5, 678)),
  },
  {
    python: `${datetime}, tzinfo=${zone(0)})`,
    typescript: new Date(Date.UTC(2024, 0, 2, 3, 4, 5, 678)),
    // A Date has no microseconds of its own; one that was read keeps them.
    fromTypeScript: `${datetime.replace("678_901", "678_000")}, tzinfo=${zone(0)})`,
  },
  {
    python: "__import__('datetime').datetime(1969, 12, 31, tzinfo=__import__('datetime').timezone.utc)",
    typescript: new Date(Date.UTC(1969, 11, 31)),
  },
  {
    python: "{'list': [{'deep': [(1, {2}), b'x', None]}], 'when': [1.5, 2**60]}",
    typescript: { list: [{ deep: [[1, new Set([2])], bytes(120), null] }], when: [1.5, 2n ** 60n] },
    fromTypeScript: "{'list': [{'deep': [[1, {2}], b'x', None]}], 'when': [1.5, 2**60]}",
  },
];

/**
 * Values without a type of their own in TypeScript (yet): Python expressions. They arrive as inert placeholders, and
 * what TypeScript writes back untouched is the same value again.
 */
export const opaqueValues: readonly string[] = [
  `${datetime})`,
  `${datetime}, tzinfo=${zone(2)})`,
  `${datetime}, tzinfo=${zone(-3.5)})`,
  "__import__('datetime').date(2024, 2, 29)",
  "__import__('datetime').timedelta(days=1, microseconds=3)",
  "__import__('decimal').Decimal('1.50')",
  "__import__('uuid').UUID('12345678-1234-5678-1234-567812345678')",
  "__import__('fractions').Fraction(1, 3)",
  "__import__('pathlib').PurePosixPath('/a/b')",
  "__import__('http').HTTPStatus.OK",
  "__import__('numpy').int32(5)",
  "__import__('numpy').float64(1.5)",
  "complex(1, -2)",
  "range(3, 30, 3)",
  "__import__('collections').Counter('abca')",
  "__import__('collections').deque([1, [2]], maxlen=5)",
  "__import__('types').SimpleNamespace(a=1, b=[2])",
  "len",
  "int",
];

function dangerousObject(): object {
  const property = { enumerable: true, configurable: true, writable: true };
  return Object.defineProperties(
    {},
    { ["__proto__"]: { value: 1, ...property }, constructor: { value: 2, ...property } },
  );
}
