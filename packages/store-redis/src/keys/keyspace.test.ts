import { describe, expect, test } from "vitest";
import { slotCount, tagSlot } from "./key-slot.ts";
import { Keyspace, shardOf } from "./keyspace.ts";
import { slotTag } from "./slot-tags.ts";

const keys = new Keyspace("p:");

function slotOf(key: string): number {
  return tagSlot(/\{([^}]*)\}/.exec(key)![1]!);
}

describe("the format, which must never change", () => {
  test("slots are those of the Cluster specification", () => {
    expect([tagSlot("123456789"), tagSlot("foo"), tagSlot("")]).toEqual([12_739, 12_182, 0]);
  });

  test("names and places of keys", () => {
    const shard = keys.shard("di-0123456789abcdefghijkl", 3, 16);
    expect(shard).toMatchInlineSnapshot(`
      {
        "indexKey": "p:x:{hgw}:di-0123456789abcdefghijkl:3",
        "key": "p:d:{hgw}:di-0123456789abcdefghijkl:3",
        "slot": 11783,
      }
    `);
    expect(keys.registry("en-0000000000000000000000")).toMatchInlineSnapshot(`
      {
        "creations": "p:c:{3m7}:en-0000000000000000000000",
        "registry": "p:r:{3m7}:en-0000000000000000000000",
        "schedule": "p:a:{3m7}:en-0000000000000000000000",
        "slot": 10039,
      }
    `);
    expect([keys.environments(), keys.record("di-0123456789abcdefghijkl")]).toMatchInlineSnapshot(`
      [
        {
          "key": "p:E:{7jt}",
          "slot": 6855,
        },
        {
          "key": "p:M:{1lr}:di-0123456789abcdefghijkl",
          "slot": 8711,
        },
      ]
    `);
    expect(
      ["", "a", "key-1", "x".repeat(300)].map((key) => shardOf(Buffer.from(key), 16)),
    ).toMatchInlineSnapshot(`
      [
        0,
        11,
        12,
        0,
      ]
    `);
  });
});

describe("places", () => {
  test("every slot has a tag that hashes to it", () => {
    for (let slot = 0; slot < slotCount; slot++) expect(tagSlot(slotTag(slot))).toBe(slot);
  });

  test("every key is where its slot says, and what one script touches is in one slot", () => {
    const shard = keys.shard("di-x", 5, 16);
    const chunk = keys.chunk(shard, Buffer.alloc(16), 3);
    const answers = [keys.callerAnswer(shard, "di-x", "pop", "i"), keys.nodeAnswer(shard, "di-x", "s.1")];
    for (const key of [shard.key, shard.indexKey, chunk, ...answers]) expect(slotOf(key)).toBe(shard.slot);
    const { slot, ...registry } = keys.registry("en-x");
    for (const key of Object.values(registry)) expect(slotOf(key)).toBe(slot);
    expect(slotOf(keys.callerAnswer({ slot }, "en-x", "createDict", "i"))).toBe(slot);
  });

  test("shards of a dictionary spread evenly over 12 masters", () => {
    for (const shards of [16, 64, 256]) {
      const perMaster = new Array<number>(12).fill(0);
      for (let shard = 0; shard < shards; shard++) {
        perMaster[Math.floor((keys.shard("di-any", shard, shards).slot * 12) / slotCount)]!++;
      }
      expect(Math.max(...perMaster) - Math.min(...perMaster)).toBeLessThanOrEqual(1);
    }
  });

  test("keys of a dictionary spread evenly over its shards", () => {
    const perShard = new Array<number>(16).fill(0);
    for (let index = 0; index < 32_000; index++) perShard[shardOf(Buffer.from(`user:${index}`), 16)]!++;
    expect(Math.max(...perShard)).toBeLessThan(2_300);
    expect(Math.min(...perShard)).toBeGreaterThan(1_700);
  });
});
