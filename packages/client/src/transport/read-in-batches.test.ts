import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { readInBatches } from "./read-in-batches.ts";

const one = () => 1;

test("gives everything, in order, several at a time", async () => {
  const numbers = Array.from({ length: 5000 }, (_, index) => index);
  const batches: (readonly number[])[] = [];
  for await (const batch of readInBatches<number>(Readable.from(numbers), one)) batches.push(batch);
  expect(batches.flat()).toEqual(numbers);
  expect(batches.length).toBeLessThan(1000);
  expect(Math.max(...batches.map((each) => each.length))).toBeLessThanOrEqual(1000);
});

test("an empty stream ends at once", async () => {
  const batches = [];
  for await (const batch of readInBatches(Readable.from([]), one)) batches.push(batch);
  expect(batches).toEqual([]);
});

test("the source is not read far ahead of the consumer", async () => {
  let produced = 0;
  const source = Readable.from(
    (function* () {
      for (;;) yield produced++;
    })(),
  );
  const reader = readInBatches<number>(source, () => 64 * 1024);
  let taken = 0;
  for (let step = 0; step < 5; step += 1) {
    taken += ((await reader.next()).value as number[]).length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  // Two batches of 16 objects of 64 KiB, and what the stream itself holds.
  expect(produced - taken).toBeLessThan(100);
  await reader.return();
  source.destroy();
});

test("an error comes after everything that arrived before it", async () => {
  const stream = new Readable({ objectMode: true, read() {} });
  const seen: number[] = [];
  const reading = (async () => {
    for await (const batch of readInBatches<number>(stream, one)) seen.push(...batch);
  })();
  stream.push(1);
  stream.push(2);
  // As gRPC libraries report a failed call: the end, and an error event.
  stream.push(null);
  stream.emit("error", new Error("broken"));
  await expect(reading).rejects.toThrow("broken");
  expect(seen).toEqual([1, 2]);
});

test("a stream that is cut off is an error, not an end", async () => {
  const stream = new Readable({ objectMode: true, read() {} });
  const reading = (async () => {
    for await (const _batch of readInBatches(stream, one));
  })();
  stream.push(1);
  stream.destroy();
  await expect(reading).rejects.toThrow("closed before its end");
});
