import { expect, test } from "vitest";
import { addToNumber, isNumber } from "./add-to-number.ts";

// The pickles are what CPython 3.11 writes at protocol 4: `pickle.dumps(…, protocol=4).hex()`.
const zero = "80044b002e";
const one = "80044b012e";
const two55 = "80044bff2e";
const two56 = "80049504000000000000004d00012e";
const minusOne = "80049506000000000000004affffffff2e";
const maxInt4 = "80049506000000000000004affffff7f2e";
const twoTo31 = "80049508000000000000008a0500000080002e";
const maxSafe = "8004950a000000000000008a07ffffffffffff1f2e";
const twoTo53 = "8004950a000000000000008a07000000000000202e";
const oneAndHalf = "8004950a00000000000000473ff80000000000002e";
const half = "8004950a00000000000000473fe00000000000002e";
const infinity = "8004950a00000000000000477ff00000000000002e";
const minusInfinity = "8004950a0000000000000047fff00000000000002e";
const nan = "8004950a00000000000000477ff80000000000002e";

/** As our client writes a bigint. */
const wideOne = "80049507000000000000008b01000000012e";
const wideTwo = "80049507000000000000008b01000000022e";

function bytes(hex: string): Uint8Array {
  return Buffer.from(hex, "hex");
}

interface Numbers {
  readonly initial?: string;
  readonly min?: string;
  readonly max?: string;
}

/** The sum in hexadecimal, or why there is none. */
function sum(present: string | undefined, by: string, { initial, min, max }: Numbers = {}): string {
  const result = addToNumber(present === undefined ? undefined : bytes(present), {
    kind: "add",
    key: bytes("00"),
    by: bytes(by),
    initial: initial === undefined ? undefined : bytes(initial),
    min: min === undefined ? undefined : bytes(min),
    max: max === undefined ? undefined : bytes(max),
  });
  return "value" in result ? Buffer.from(result.value).toString("hex") : result.refused;
}

test.each([
  ["0 + 1", zero, one, one],
  ["255 + 1", two55, one, two56],
  ["256 - 1", two56, minusOne, two55],
  ["0 - 1", zero, minusOne, minusOne],
  ["2^31 - 1 + 1", maxInt4, one, twoTo31],
  ["2^31 - 1", twoTo31, minusOne, maxInt4],
  ["2^53 - 1 + 1", maxSafe, one, twoTo53],
  ["2^53 - 1", twoTo53, minusOne, maxSafe],
  ["1 + 0.5", one, half, oneAndHalf],
  ["0.5 + 1", half, one, oneAndHalf],
  ["infinity + 1", infinity, one, infinity],
])("%s is what Python writes", (_, present, by, expected) => {
  expect(sum(present, by)).toBe(expected);
});

test("an absent entry counts as 0, or as the initial number", () => {
  expect(sum(undefined, one)).toBe(one);
  expect(sum(undefined, one, { initial: two55 })).toBe(two56);
  expect(sum(two56, minusOne, { initial: zero })).toBe(two55);
});

test("a number in the form of a bigint keeps it, and a new one takes it from what is added", () => {
  expect(sum(wideOne, one)).toBe(wideTwo);
  expect(sum(undefined, wideOne)).toBe(wideOne);
  expect(sum(zero, wideOne)).toBe(one);
  expect(sum(undefined, wideOne, { initial: zero })).toBe(one);
});

test("a sum out of bounds is refused, one on a bound is not", () => {
  expect(sum(two55, one, { max: two55 })).toBe("out_of_bounds");
  expect(sum(two55, zero, { max: two55 })).toBe(two55);
  expect(sum(zero, minusOne, { min: zero })).toBe("out_of_bounds");
  expect(sum(one, minusOne, { min: zero })).toBe(zero);
  expect(sum(one, half, { max: oneAndHalf })).toBe(oneAndHalf);
  expect(sum(twoTo53, one, { max: twoTo53 })).toBe("out_of_bounds");
});

test("what is no number at all, or too large, is out of bounds", () => {
  expect(sum(infinity, minusInfinity)).toBe("out_of_bounds");
  // 2 to the power of 2039 has no place in 255 bytes, and an int of 1,200 bits none in a float.
  const largest = pickled((1n << 2039n) - 1n);
  expect(sum(largest, one)).toBe("out_of_bounds");
  expect(sum(largest, minusOne)).toBe(pickled((1n << 2039n) - 2n));
  expect(sum(pickled(1n << 1200n), half)).toBe("out_of_bounds");
});

test.each([
  ["a str", "8004950500000000000000 8c0161942e"],
  ["True", "8004882e"],
  ["None", "80044e2e"],
  ["an int in text (protocol 0)", "49310a2e"],
  ["protocol 6", "80064b012e"],
  ["no end", "80044b01"],
  ["bytes behind the end", "80044b012e2e"],
  ["two ints", "80044b014b012e"],
  ["a frame of another length", "80049505000000000000004d00012e"],
  ["an int of 256 bytes", `80048b00010000${"01".repeat(256)}2e`],
  ["a long whose length is negative", "80048bffffffff012e"],
  ["NaN", nan],
  ["nothing", ""],
  ["a single byte", "80"],
  ["a cut frame", "80049504000000"],
])("%s is not a number", (_, hex) => {
  const text = hex.replaceAll(" ", "");
  expect(isNumber(bytes(text))).toBe(false);
  expect(sum(text, one)).toBe("not_a_number");
});

test("numbers of protocols 2 to 5 are read, with and without a frame", () => {
  for (const present of ["80024b012e", "80034b012e", "80054b012e", "80024d01002e", "80028a01012e"]) {
    expect(sum(present, two55)).toBe(two56);
  }
});

/** An int as CPython pickles it; of more than 32 bits. */
function pickled(value: bigint): string {
  const digits = value.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const little = even.match(/../g)!.reverse();
  if (Number.parseInt(little.at(-1)!, 16) > 0x7f) little.push("00");
  const length = Buffer.alloc(8);
  length.writeUInt32LE(little.length + 3);
  return `800495${length.toString("hex")}8a${little.length.toString(16).padStart(2, "0")}${little.join("")}2e`;
}
