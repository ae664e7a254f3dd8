// Scripts add as `addToNumber` does: the same bytes, the same refusals.
import { addToNumber } from "@everdict/store";
import { redisIsSetUp, type SeededRandom, seededRandom } from "@everdict/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { RedisStore } from "../store/redis-store.ts";
import { onSingleServer } from "../testing/single-server.ts";
import { bytes, type StoreFixture } from "../testing/store-fixture.ts";

const seed = Date.now() % 1_000_000;
const key = bytes("n");
const rounds = 1_500;

/** A number in one of the forms that are read: in a frame or not, as short as it can be or not. */
function pickled(value: number | bigint, form: "int" | "wide" | "float", random: SeededRandom): Uint8Array {
  let body = [0x47, ...new Uint8Array(Float64Array.of(Number(value)).buffer).reverse()];
  if (form !== "float") {
    const digits = BigInt(value);
    const isPlain = form === "int" && digits >= 0n && digits < 256n && random.chance(1 / 2);
    const bytesOfIt: number[] = [];
    const count = random.chance(1 / 8) ? 255 : digits.toString(16).length / 2 + 1;
    for (let place = 0; place < Math.min(255, count); place++)
      bytesOfIt.push(Number(BigInt.asUintN(8, digits >> BigInt(8 * place))));
    const length = bytesOfIt.length;
    body = form === "wide" ? [0x8b, length, 0, 0, 0, ...bytesOfIt] : [0x8a, length, ...bytesOfIt];
    if (isPlain) body = [0x4b, Number(digits)];
  }
  body.push(0x2e);
  const frame = random.chance(1 / 2) ? [0x95, body.length % 256, body.length >> 8, 0, 0, 0, 0, 0, 0] : [];
  return Uint8Array.from([0x80, 2 + random.integer(4), ...frame, ...body]);
}

/** Numbers near those where something changes: widths, what floats hold exactly, halves between floats, what they hold. */
function numbers(random: SeededRandom): () => Uint8Array {
  const widths = [0, 7, 8, 15, 16, 31, 32, 39, 47, 52, 53, 55, 63, 70, 1023, 1024, 2030, 2039].map(
    (bits) => 2n ** BigInt(bits),
  );
  const halves = [2n ** 53n + 1n, 2n ** 53n + 3n].flatMap((half) => [
    half << 4n,
    half << 20n,
    half << 200n,
    half << 970n,
  ]);
  const floats = [
    Infinity,
    -0,
    1e308,
    5e-324,
    2 ** 53,
    2 ** 63,
    2 ** 70,
    2 ** 1000,
    0.5,
    2 ** 257 + 2 ** 205,
  ];
  return () => {
    const sign = random.chance(1 / 2) ? 1 : -1;
    if (random.chance(1 / 4)) return pickled(sign * random.pick(floats), "float", random);
    const near = random.pick(random.chance(1 / 4) ? halves : widths) + BigInt(random.integer(5) - 2);
    return pickled(near * BigInt(sign), random.chance(1 / 8) ? "wide" : "int", random);
  };
}

/** What holds no number, by a hair. */
const noNumbers = [
  [],
  [0x80],
  [0x80, 4],
  [0x80, 4, 0x2e],
  [0x80, 1, 0x4b, 1, 0x2e],
  [0x80, 6, 0x4b, 1, 0x2e],
  [0x80, 4, 0x4b, 1],
  [0x80, 4, 0x4b, 1, 2, 0x2e],
  [0x80, 4, 0x4d, 1, 0x2e],
  [0x80, 4, 0x88, 0x2e],
  [0x80, 4, 0x8a, 2, 1, 0x2e],
  [0x80, 4, 0x8b, 1, 0, 0, 0x2e],
  [0x80, 4, 0x8b, 255, 255, 255, 255, 0x2e],
  [0x80, 4, 0x95, 3, 0, 0, 0, 0, 0, 0, 0, 0x4b, 1, 0x2e, 0],
  [0x80, 4, 0x95, 3, 0, 0, 0, 1, 0, 0, 0, 0x4b, 1, 0x2e],
  [0x80, 4, 0x95, 3, 0, 0, 0, 0x2e],
  [0x80, 4, 0x47, 0x7f, 0xf8, 0, 0, 0, 0, 0, 1, 0x2e],
].map((each) => Uint8Array.from(each));

describe.skipIf(!redisIsSetUp())(`additions, seed ${seed}`, () => {
  let fixture: StoreFixture;
  let store: RedisStore;
  let dictId: string;
  onSingleServer((world) => {
    ({ fixture, store } = world);
  });
  beforeEach(async () => {
    dictId = (await fixture.createDict(store)).id;
  });

  test("write what addToNumber writes, and refuse what it refuses", async () => {
    const random = seededRandom(seed);
    const number = numbers(random);
    const maybe = (): Uint8Array | undefined => (random.chance(1 / 4) ? number() : undefined);
    for (let round = 0; round < rounds; round++) {
      const present = random.chance(1 / 4)
        ? undefined
        : random.chance(1 / 8)
          ? random.pick(noNumbers)
          : number();
      if (present === undefined) await store.remove(dictId, key);
      else await store.update(dictId, [{ key, value: present }]);
      const change = {
        kind: "add",
        key,
        by: number(),
        initial: maybe(),
        min: maybe(),
        max: maybe(),
      } as const;
      const wanted = addToNumber(present, change);
      const outcome = await store.commit(dictId, { conditions: [], changes: [change] });
      const got = outcome.committed ? { value: outcome.results[0]!.value } : { refused: outcome.reason };
      const shown = JSON.stringify({ present, change }, (_, value) =>
        value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value,
      );
      expect(hex(got), shown).toEqual(hex(wanted));
      const after = await store.get(dictId, key);
      expect(hex({ value: after }), shown).toEqual(hex("value" in wanted ? wanted : { value: present }));
    }
  });
});

function hex(result: { readonly value?: Uint8Array | undefined; readonly refused?: string }): unknown {
  return { ...result, value: result.value && Buffer.from(result.value).toString("hex") };
}
