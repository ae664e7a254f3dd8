import { expect, test } from "vitest";
import { recordHeaderBytes } from "../record/record.ts";
import type { Segment } from "../segments/segment.ts";
import { DecidedKey } from "./decided-key.ts";
import { PendingKeys } from "./pending-keys.ts";

const key = (text: string) => Buffer.from(text);

function decide(text: string, hash: number): DecidedKey {
  const bytes = Buffer.concat([Buffer.alloc(recordHeaderBytes), key(text)]);
  const segment = {} as Segment;
  const record = { segment, offset: 0, length: bytes.length, bytes, start: 0, largeValue: undefined };
  return new DecidedKey(hash, text.length, "put", 1, Number.POSITIVE_INFINITY, 1, record);
}

// Every key here has the same hash, as strangers with the secret of the process could arrange.
const hash = 0xffff_fff0;

test("keys of one hash are told apart, whichever comes, is written over or goes first", () => {
  const names = ["a", "bb", "c"];
  for (const gone of names) {
    const pending = new PendingKeys();
    const first = new Map(names.map((name) => [name, decide(name, hash)]));
    for (const each of first.values()) pending.set(each);
    for (const name of names) expect(pending.find(hash, key(name))).toBe(first.get(name));
    const second = decide(gone, hash);
    pending.set(second);
    expect(pending.find(hash, key(gone))).toBe(second);
    // What was written over becomes durable: the later decision stays.
    pending.delete(first.get(gone)!);
    for (const name of names)
      expect(pending.find(hash, key(name))).toBe(name === gone ? second : first.get(name));
    pending.delete(second);
    for (const name of names) {
      expect(pending.find(hash, key(name))).toBe(name === gone ? undefined : first.get(name));
    }
    expect(new Set(pending.takeAll())).toEqual(
      new Set(names.filter((name) => name !== gone).map((name) => first.get(name))),
    );
    expect(names.map((name) => pending.find(hash, key(name)))).toEqual([undefined, undefined, undefined]);
  }
});

test("a decision of a time before everything was forgotten takes nothing with it", () => {
  const pending = new PendingKeys();
  const [before, after, other] = [decide("a", hash), decide("a", hash), decide("b", 7)];
  pending.set(before);
  pending.takeAll();
  pending.set(after);
  pending.set(other);
  pending.delete(before);
  expect(pending.find(hash, key("a"))).toBe(after);
  expect(pending.find(7, key("b"))).toBe(other);
  expect(pending.find(8, key("b"))).toBeUndefined();
});
