import { expect, test } from "vitest";
import { entries, type ValueSize, valueSizes, workload } from "./workload.ts";

test.each(Object.keys(valueSizes) as ValueSize[])(
  "values of %s are about that long as JSON, and differ",
  (size) => {
    const { value } = workload(16, size);
    const length = JSON.stringify(value(0)).length;
    expect(Math.abs(length - valueSizes[size]) / valueSizes[size]).toBeLessThan(0.05);
    expect(value(0)).not.toEqual(value(1));
  },
);

test("a key gets another value when its turn comes again", () => {
  const { key, value } = workload(8192, "100 B");
  expect(key(5)).toBe(key(5 + 8192));
  expect(value(5)).not.toEqual(value(5 + 8192));
});

test("every key is filled, and has 20 characters", () => {
  const { fill, key } = workload(1000, "100 B");
  const filled = new Set([...fill(300)].flatMap((batch) => batch.map(([each]) => each)));
  const read = new Set(Array.from({ length: 1000 }, (_, sequence) => key(sequence)));
  expect(filled).toEqual(read);
  for (const each of filled) expect(each).toHaveLength(20);
});

test("entries come in batches, the last one as short as it must be", () => {
  expect([...entries("100 B", 25, 10)].map((batch) => batch.length)).toEqual([10, 10, 5]);
});
