// A cache in front of a slow function, shared by every process that uses the same dict, whatever its language.
//
// Run it twice, against a server (`npm start`), after pasting the lines that the server prints. The first run is slow,
// the second one is not:
//
//     node examples/run.mjs cache
//
// Without a server: EVERDICT_URL=file:./data node examples/run.mjs cache
//
// Two callers that miss at the same moment both compute; the later result stays. For a function whose result only depends
// on its argument that costs time, not correctness.

import { setTimeout as sleep } from "node:timers/promises";
import { Dict, type DictKey } from "everdict";

const hourMs = 60 * 60 * 1000;

/** `slow`, with its results remembered in the dict `name` for an hour after they were computed. */
function cached<Argument extends DictKey, Result>(
  name: string,
  slow: (argument: Argument) => Promise<Result>,
): (argument: Argument) => Promise<Result> {
  // The policy is applied when the dict is created; from then on the server removes what is due.
  const expiry = { policy: "afterWrite", ttlMs: hourMs } as const;
  const results = Dict.fromName<Argument, Result>(name, { createIfMissing: true, expiry });
  const missing = Symbol("missing"); // Not undefined or null: those could be results.

  return async (argument) => {
    const known = await results.get(argument, missing);
    if (known !== missing) return known as Result;
    const result = await slow(argument);
    await results.put(argument, result);
    return result;
  };
}

interface Factors {
  readonly n: number;
  readonly factors: readonly number[];
}

let computed = 0;

/** Something slow: the prime factors of a number, found the hard way, and a pause. */
async function factorize(n: number): Promise<Factors> {
  computed += 1;
  await sleep(200);
  const factors: number[] = [];
  let rest = n;
  for (let divisor = 2; rest > 1; divisor += 1) {
    for (; rest % divisor === 0; rest /= divisor) factors.push(divisor);
  }
  return { n, factors };
}

const cachedFactorize = cached("factors", factorize);

for (const n of [360, 97, 1001]) {
  const startedAtMs = performance.now();
  const { factors } = await cachedFactorize(n);
  console.log(`${n} = ${factors.join(" x ")}  (${(performance.now() - startedAtMs).toFixed(0)} ms)`);
}
console.log(`computed ${computed} of 3, the rest came from the cache`);
