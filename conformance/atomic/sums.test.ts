// What is added to a number is what CPython would have written: sums of random pairs, compared byte for byte.

import { addToNumber } from "@everdict/store";
import { pythonIsSetUp, startPython } from "@everdict/testkit";
import { expect, test } from "vitest";

const pairs = `
import pickle, random, math
random.seed(7)
def number():
    kind = random.randrange(5)
    if kind == 0: return random.randrange(-300, 300)
    if kind == 1: return random.choice([-1, 1]) * 2 ** random.randrange(0, 70) + random.randrange(-2, 3)
    if kind == 2: return random.randrange(-2 ** 2000, 2 ** 2000)
    if kind == 3: return random.uniform(-1e6, 1e6)
    return random.choice([0.0, -0.0, 1e308, 5e-324, math.inf, -math.inf, 2.0 ** 53])
def sum_of(one, other):
    try: total = one + other
    except OverflowError: return None
    return None if total != total else pickle.dumps(total, protocol=4).hex()
protocols = [2, 3, 4, 5]
rows = []
for n in range(4000):
    one, other = number(), number()
    rows.append([pickle.dumps(one, protocol=protocols[n % 4]).hex(), pickle.dumps(other, protocol=4).hex(), sum_of(one, other)])
rows
`;

test.skipIf(!pythonIsSetUp(["newest"]))("sums are what CPython writes, for 4,000 random pairs", async () => {
  await using python = startPython("newest", {});
  const rows = (await python.run(pairs)).json as [string, string, string | null][];
  expect(rows).toHaveLength(4000);
  for (const [one, other, sum] of rows) {
    const result = addToNumber(bytes(one), { kind: "add", key: bytes("00"), by: bytes(other) });
    const found = "value" in result ? Buffer.from(result.value).toString("hex") : result.refused;
    expect([one, other, found]).toEqual([one, other, sum ?? "out_of_bounds"]);
  }
});

function bytes(hex: string): Uint8Array {
  return Buffer.from(hex, "hex");
}
