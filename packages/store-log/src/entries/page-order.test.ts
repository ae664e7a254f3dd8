import fc from "fast-check";
import { expect, test } from "vitest";
import { KeySecret } from "../files/key-secret.ts";
import { PageOrder } from "./page-order.ts";

const order = new PageOrder(new KeySecret());

function thrownBy(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

test("a cursor is the place that it was made of", () => {
  const places = fc.record({
    hash: fc.nat(2 ** 32 - 1),
    tie: fc.maxSafeNat().map((tie) => tie % (2 ** 52 + 1)),
  });
  fc.assert(
    fc.property(places, (place) => {
      expect(order.placeOf(order.cursorOf(place))).toEqual(place);
    }),
  );
  const last = { hash: 2 ** 32 - 1, tie: 2 ** 52 };
  expect(order.placeOf(order.cursorOf(last))).toEqual(last);
});

test("the place behind a key is behind it, and in front of greater ones", () => {
  const key = Buffer.from("key");
  expect(order.behind(7, key)).toEqual({ hash: 7, tie: order.tieOf(key) + 1 });
  const ties = Array.from({ length: 1000 }, (_, index) => order.tieOf(Buffer.from(`${index}`)));
  expect(new Set(ties).size).toBe(1000);
  expect(ties.every((tie) => Number.isSafeInteger(tie) && tie < 2 ** 52)).toBe(true);
});

test("bytes that are no cursor, a changed one and one of another secret are refused", () => {
  const refusal = expect.objectContaining({ code: "invalid_argument" });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(thrownBy(() => order.placeOf(bytes))).toEqual(refusal);
    }),
  );
  const cursor = order.cursorOf({ hash: 5, tie: 6 });
  for (let at = 0; at < cursor.length; at++) {
    const changed = Buffer.from(cursor);
    changed[at]! ^= 1;
    expect(thrownBy(() => order.placeOf(changed))).toEqual(refusal);
  }
  expect(thrownBy(() => new PageOrder(new KeySecret()).placeOf(cursor))).toEqual(refusal);
});
