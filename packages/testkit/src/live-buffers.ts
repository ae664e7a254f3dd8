import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Collects the garbage of this process. The memory of buffers follows in the background, a while later. */
export const collectGarbage: () => void = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

const looks = 4;
const pauseMs = 25;

/** What the buffers of this process hold without garbage, in MiB, once that has stopped falling. */
export async function liveBuffersMiB(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let still = 0; still < looks; ) {
    collectGarbage();
    await delay(pauseMs);
    const heldMiB = process.memoryUsage().arrayBuffers / 2 ** 20;
    if (heldMiB < least - 1) still = 0;
    else still++;
    least = Math.min(least, heldMiB);
  }
  return least;
}
