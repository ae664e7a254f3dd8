import { describe, expect, test } from "vitest";
import { orderOf } from "../keys/keyspace.ts";
import { comparePositions, inOrder, isBehind, PlacedField } from "./key-order.ts";

const fieldsOf = (texts: readonly string[]) => texts.map((text) => new PlacedField(Buffer.from(text)));
const textsOf = (fields: readonly PlacedField[]) => fields.map(({ field }) => field.toString());

/** Two texts of one hash: found by trying. */
function alike(): [string, string] {
  const byHash = new Map<number, string>();
  for (let tried = 0; ; tried++) {
    const text = `k${tried}`;
    const hash = orderOf(Buffer.from(text));
    const other = byHash.get(hash);
    if (other !== undefined) return [other, text];
    byHash.set(hash, text);
  }
}

describe("the order of keys", () => {
  test("is that of their hashes, whatever order they come in, each once", () => {
    const texts = Array.from({ length: 5_000 }, (_, index) => `k${index}`);
    const sorted = inOrder(fieldsOf(texts));
    expect(sorted.every((one, at) => at === 0 || isBehind(one, sorted[at - 1]))).toBe(true);
    expect(textsOf(inOrder(fieldsOf([...texts.toReversed(), ...texts.slice(2_000)])))).toEqual(
      textsOf(sorted),
    );
    expect(new Set(textsOf(sorted))).toEqual(new Set(texts));
  });

  test("is total: of keys with one hash too", () => {
    const pair = alike();
    const [one, other] = fieldsOf(pair) as [PlacedField, PlacedField];
    expect(one.hash).toBe(other.hash);
    expect(Math.sign(comparePositions(one, other))).toBe(-Math.sign(comparePositions(other, one)));
    expect(comparePositions(one, other)).not.toBe(0);
    expect(isBehind(one, other)).toBe(!isBehind(other, one));
    const sorted = textsOf(inOrder(fieldsOf(pair)));
    expect(new Set(sorted)).toEqual(new Set(pair));
    expect(textsOf(inOrder(fieldsOf([pair[1], pair[0], pair[1], pair[0]])))).toEqual(sorted);
  });

  test("begins before everything", () => {
    expect(isBehind(new PlacedField(Buffer.from("k")), undefined)).toBe(true);
  });

  test("never changes, since cursors live on", () => {
    expect(orderOf(Buffer.from("kjob-1"))).toBe(3_495_441_686);
    expect(new PlacedField(Buffer.from("kjob-1")).mark.toString("hex")).toBe(
      "b6d861643a5f28fd1992b57b148e1ede",
    );
  });
});
