import assert from "node:assert/strict";
import type { AddChange } from "@everdict/protocol";
import { addToNumber } from "../add-to-number.ts";
import { bytes, text } from "./bytes.ts";
import { add, floatNumber, longNumber, number, put, refusal, results } from "./commit-words.ts";
import type { EntryCase } from "./entry-case.ts";
import { SeededRandom } from "./model/seeded-random.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

const maxByte = 0xff;
const longest = Array<number>(254).fill(maxByte);
/** Numbers at the edges of every form. */
const numbers: readonly Uint8Array[] = [
  ...[0, 1, -1, 255, 256, 65_535, 65_536, 2 ** 31 - 1, -(2 ** 31)].map(number),
  ...[0, -0, 0.5, -1.5, 1e300, Number.MAX_VALUE, 5e-324, Infinity, -Infinity, 2 ** 53].map(floatNumber),
  longNumber("LONG1"),
  longNumber("LONG1", 0, 0, 0, 0x80, 0),
  longNumber("LONG1", 0xff, 0xff, 0xff, 0x7f, 0xff),
  longNumber("LONG1", 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f),
  longNumber("LONG1", 0, 0, 0, 0, 0, 0, 0x20),
  longNumber("LONG1", 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
  longNumber("LONG1", 0, 0, 0, 0, 0, 0, 0, 0x80),
  longNumber("LONG1", ...longest, 0x7f),
  longNumber("LONG4"),
  longNumber("LONG4", 1),
  longNumber("LONG4", 0xff),
  longNumber("LONG4", 0, 0, 0, 0, 0, 0, 0, 0, 1),
  // Protocols 2, 3 and 5, and no frame where CPython makes one.
  bytes("\x80\x02K\x05."),
  bytes("\x80\x03M\x00\x01."),
  bytes("\x80\x05J\xfe\xff\xff\xff."),
  bytes("\x80\x02G\x3f\xe0\x00\x00\x00\x00\x00\x00."),
];
/** What is not a number, although much of it nearly is. */
const noNumbers: readonly Uint8Array[] = [
  bytes(""),
  bytes("1"),
  bytes("\x80\x04"),
  bytes("\x80\x04."),
  bytes("\x80\x04K\x01"),
  bytes("\x80\x04K\x01.."),
  bytes("\x80\x04K."),
  bytes("\x80\x01K\x01."),
  bytes("\x80\x06K\x01."),
  bytes("\x80\x04N."),
  bytes("\x80\x04\x88."),
  bytes("\x80\x04\x8a\x02\x01."),
  bytes("\x80\x04\x8b\xff\xff\xff\xff."),
  bytes("\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00M\x00\x01."),
  bytes("\x80\x04\x95\x04\x00\x00\x00\x01\x00\x00\x00M\x00\x01."),
  bytes("\x80\x04I1\n."),
  floatNumber(Number.NaN),
  longNumber("LONG4", ...longest, 0xff, 0x7f),
];

/** Cases for additions of commits. */
export const counterCases: readonly EntryCase[] = [
  {
    title: "begins at 0 or where it is told to, and adds",
    run: async (dict) => {
      assert.deepEqual(results(await dict.commit([add("a", 3)]))[0]!.value, number(3));
      const [second] = results(await dict.commit([add("a", -5, { initial: number(100) })]));
      assert.deepEqual(second!.value, number(-2));
      assert.equal(second!.version, await dict.version("a"));
      assert.equal(await dict.get("a"), text(number(-2)));
      const third = results(await dict.commit([add("b", -5, { initial: number(100) })]))[0]!;
      assert.deepEqual(third.value, number(95));
    },
  },
  {
    title: "keeps within its bounds, which are allowed sums themselves",
    run: async (dict) => {
      const within = { min: number(-2), max: number(2) };
      assert.deepEqual(results(await dict.commit([add("a", 2, within)]))[0]!.value, number(2));
      assert.deepEqual(refusal(await dict.commit([add("a", 1, within)])), [
        "out_of_bounds",
        0,
        await dict.version("a"),
      ]);
      assert.deepEqual(results(await dict.commit([add("a", -4, within)]))[0]!.value, number(-2));
      assert.deepEqual(refusal(await dict.commit([add("a", -1, within)])), [
        "out_of_bounds",
        0,
        await dict.version("a"),
      ]);
      assert.deepEqual(refusal(await dict.commit([add("b", 3, within)])), ["out_of_bounds", 0, undefined]);
      assert.equal(await dict.get("a"), text(number(-2)));
      assert.equal(await dict.contains("b"), false);
    },
  },
  {
    title: "of 100 additions at once each counts once",
    run: async (dict) => {
      const outcomes = await Promise.all(Array.from({ length: 100 }, () => dict.commit([add("a", 3)])));
      const sums = outcomes.map((outcome) => text(results(outcome)[0]!.value!));
      assert.equal(new Set(sums).size, 100);
      assert.equal(await dict.get("a"), text(number(300)));
    },
  },
];

/** Additions as Python does them, on every store alike. */
export function counterSuite(suite: Suite): void {
  suite.describe("an addition", () => {
    suite.test("of every form of number to every other gives what addToNumber gives", everyForm);
    suite.test("of random numbers within random bounds gives what addToNumber gives", randomNumbers);
    suite.test("to what is not a number is refused and leaves it", notNumbers);
  });
}

async function everyForm(world: World): Promise<void> {
  const dict = await world.createDict({ shards: 1 });
  for (const present of numbers) {
    await Promise.all(
      numbers.map(async (by, index) => {
        const change: AddChange = { kind: "add", key: bytes(`k${index}`), by };
        await dict.put(change.key, present);
        await assertAdds(world, dict.id, present, change);
      }),
    );
  }
}

async function randomNumbers(world: World): Promise<void> {
  const dict = await world.createDict();
  const random = new SeededRandom(17);
  const some = () => {
    const data = Array.from({ length: random.integer(random.oneIn(3) ? 20 : 7) }, () => random.integer(256));
    if (random.oneIn(3)) return floatNumber((random.integer(2 ** 20) - 2 ** 19) / (1 + random.integer(64)));
    return random.oneIn(2)
      ? number(random.integer(1_000) - 500)
      : longNumber(random.oneIn(3) ? "LONG4" : "LONG1", ...data);
  };
  const maybe = () => (random.oneIn(2) ? undefined : some());
  for (let round = 0; round < 300; round++) {
    const present = maybe();
    const change: AddChange = {
      kind: "add",
      key: bytes(`k${round}`),
      by: some(),
      initial: maybe(),
      min: maybe(),
      max: maybe(),
    };
    if (present !== undefined) await dict.put(change.key, present);
    await assertAdds(world, dict.id, present, change);
  }
}

async function assertAdds(
  { store }: World,
  dictId: string,
  present: Uint8Array | undefined,
  change: AddChange,
): Promise<void> {
  const what = [present, change.by, change.initial, change.min, change.max].map(
    (each) => each && Buffer.from(each).toString("hex"),
  );
  const expected = addToNumber(present, change);
  const outcome = await store.commit(dictId, { conditions: [], changes: [change] });
  if ("refused" in expected) {
    assert.equal(refusal(outcome)[0], expected.refused, `${what}`);
    return;
  }
  const sum = Buffer.from(expected.value).toString("hex");
  assert.equal(Buffer.from(results(outcome)[0]!.value!).toString("hex"), sum, `${what}`);
  assert.equal(Buffer.from((await store.get(dictId, change.key))!).toString("hex"), sum, `${what}`);
}

async function notNumbers(world: World): Promise<void> {
  const dict = await world.createDict();
  for (const value of noNumbers) {
    results(await dict.commit([put("a", value)]));
    const version = await dict.version("a");
    const what = Buffer.from(value).toString("hex").slice(0, 64);
    assert.deepEqual(refusal(await dict.commit([add("a", 1)])), ["not_a_number", 0, version], what);
    assert.equal(await dict.get("a"), text(value));
    assert.equal(await dict.version("a"), version);
  }
}
