// Scripts and `addToNumber` write the same bytes: it must not matter which of them adds.
import { addToNumber } from "@everdict/store";
import { redisIsSetUp, seededRandom } from "@everdict/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { RedisStore } from "../store/redis-store.ts";
import { onSingleServer } from "../testing/single-server.ts";
import { bytes, type StoreFixture } from "../testing/store-fixture.ts";

const seed = Date.now() % 1_000_000;
const key = bytes("n");
const rounds = 1_500;

/** Numbers as CPython pickles them at protocol 4, made by adding to nothing. */
function pickled(value: number | bigint, form: "int" | "wide" | "float" = "int"): Uint8Array {
  const float = new Uint8Array([0x80, 4, 0x47, 0, 0, 0, 0, 0, 0, 0, 0, 0x2e]);
  if (form === "float") {
    new DataView(float.buffer).setFloat64(3, Number(value));
    return float;
  }
  const digits = BigInt(value);
  const bytesOfIt = Array.from({ length: 40 }, (_, place) =>
    Number(BigInt.asUintN(8, digits >> BigInt(8 * place))),
  );
  const head = form === "wide" ? [0x8b, 40, 0, 0, 0] : [0x8a, 40];
  const long = Uint8Array.from([0x80, 2, ...head, ...bytesOfIt, 0x2e]);
  const sum = addToNumber(undefined, { kind: "add", key, by: long });
  if ("refused" in sum) throw new Error(sum.refused);
  return sum.value;
}

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
    const interesting = [
      0,
      1,
      127,
      128,
      255,
      256,
      32_767,
      32_768,
      65_535,
      65_536,
      2 ** 31,
      2 ** 32,
      2 ** 39,
      2 ** 47,
    ];
    const more = [...interesting, 2 ** 52, 2 ** 53 - 1, 2 ** 53, 2n ** 63n, 2n ** 70n];
    const number = (): Uint8Array => {
      const isFloat = random.chance(1 / 4);
      if (isFloat && random.chance(1 / 8))
        return pickled(random.pick([Infinity, -Infinity, -0, 1e308, 5e-324]), "float");
      const near = BigInt(random.pick(more)) + BigInt(random.integer(5) - 2);
      const value = random.chance(1 / 2) ? near : -near;
      if (isFloat) return pickled(Number(value) / 3, "float");
      return pickled(value, random.chance(1 / 16) ? "wide" : "int");
    };
    const maybe = (): Uint8Array | undefined => (random.chance(1 / 4) ? number() : undefined);
    for (let round = 0; round < rounds; round++) {
      const present = random.chance(1 / 4) ? undefined : random.chance(1 / 20) ? bytes("text") : number();
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
    // Both the scripts and the node have added.
    const { nodeAdditions } = store.counters();
    expect(nodeAdditions).toBeGreaterThan(rounds / 10);
    expect(nodeAdditions).toBeLessThan((rounds * 9) / 10);
  });
});

function hex(result: { readonly value?: Uint8Array | undefined; readonly refused?: string }): unknown {
  return { ...result, value: result.value && Buffer.from(result.value).toString("hex") };
}
