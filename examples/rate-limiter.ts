// A rate limiter that all processes share: each caller may do something so many times in each window of time.
//
// Run it in several terminals at once, against a server (`npm start`), after pasting the lines that the server prints.
// Together they get what one caller may do in this minute, and not one call more:
//
//     node examples/run.mjs rate-limiter ann 50
//
// One addition decides. It is done at one instant, and refused if the sum would be over the bound, so no two processes can
// both take the last call. The entry of a window ends by itself: its time to live begins with the first call in it, and no
// later call moves that.

import { Dict, EverdictError } from "everdict";

const [caller = "ann", tries = "20", limit = "30", windowMs = "60000"] = process.argv.slice(2);

const calls = Dict.fromName<readonly [caller: string, window: number], number>("rate-limits", {
  createIfMissing: true,
});

/** Whether a caller may make one more call in this window. Counts it if so. */
async function mayCall(who: string, max: number, lengthMs: number): Promise<boolean> {
  const window = Math.floor(Date.now() / lengthMs);
  try {
    // Twice the length: nobody's clock is so wrong that a window that is still counted has ended.
    await calls.increment([who, window], 1, { max, ttlMsOnCreate: 2 * lengthMs });
    return true;
  } catch (error) {
    if (error instanceof EverdictError && error.code === "out_of_bounds") return false;
    throw error;
  }
}

let allowed = 0;
for (let call = 0; call < Number(tries); call += 1) {
  if (await mayCall(caller, Number(limit), Number(windowMs))) allowed += 1;
}
console.log(`${allowed} of ${tries} calls were allowed`);
