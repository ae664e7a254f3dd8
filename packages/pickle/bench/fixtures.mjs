// The values of the benchmark, each in several variants that differ in content and not in shape.

const VARIANTS = 64;
const words =
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma".split(" ");

/** A word that depends on a number, the same in every run. */
function word(number) {
  return `${words[number % words.length]}-${(number * 7919) % 1_000}`;
}

function smallObject(number) {
  return {
    id: 100 + number,
    name: `some ${word(number)}`,
    tags: [words[number % 7], words[number % 11]],
    score: number + 0.5,
  };
}

/** About 10 KiB of JSON: orders with lines, as an application might keep. */
function nestedObject(number) {
  const line = (index) => ({
    sku: `sku-${number}-${index}`,
    quantity: (index * 13 + number) % 40,
    price: ((index * 977 + number) % 10_000) / 100 + 0.005,
    title: `${word(index + number)} ${word(index * 3)}`,
    attributes: { color: words[index % 9], size: index % 12, inStock: index % 3 === 0, note: null },
  });
  const order = (index) => ({
    id: number * 1_000 + index,
    customer: {
      name: word(index),
      email: `${word(index)}@example.com`,
      address: { city: word(number), zip: 10_000 + index },
    },
    lines: Array.from({ length: 8 }, (_, at) => line(index * 8 + at)),
  });
  return {
    version: 3,
    updatedAt: 1_700_000_000_000 + number,
    orders: Array.from({ length: 8 }, (_, index) => order(index)),
  };
}

function byteArray(number) {
  return Uint8Array.from({ length: 1_048_576 }, (_, index) => (index * 31 + number) & 0xff);
}

function row(batch, variants, make) {
  return { batch, values: Array.from({ length: variants }, (_, number) => make(number)) };
}

/** By name: the values, and how many round trips to make between two looks at the clock. */
export const fixtures = {
  "small-object": row(1_000, VARIANTS, smallObject),
  "short-string": row(1_000, VARIANTS, (number) => `user:${word(number)}`.padEnd(20, "x")),
  int: row(1_000, VARIANTS, (number) => number * number * 31),
  "nested-10k": row(10, VARIANTS, nestedObject),
  "bytes-1m": row(2, 4, byteArray),
};
