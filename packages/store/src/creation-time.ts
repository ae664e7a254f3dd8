/**
 * Creation times: seconds as a double, in whole microseconds, strictly increasing.
 *
 * Clients page through lists by "created before", comparing the very double they were sent, so two dictionaries
 * of one environment must never share one (protocol section 2.8). Arithmetic is done in whole microseconds,
 * which a double holds exactly; around 1.7e9 seconds neighbouring doubles are a quarter of a microsecond apart,
 * so each microsecond has a double of its own and rounding finds the way back.
 */

const microsPerSecond = 1e6;
const microsPerMs = 1e3;

/** The clock's time, or a microsecond after `newestSeconds` if that is later. */
export function nextCreatedAtSeconds(nowMs: number, newestSeconds: number | undefined): number {
  const nowMicros = Math.floor(nowMs * microsPerMs);
  if (newestSeconds === undefined) return nowMicros / microsPerSecond;
  const newestMicros = Math.round(newestSeconds * microsPerSecond);
  return Math.max(nowMicros, newestMicros + 1) / microsPerSecond;
}
