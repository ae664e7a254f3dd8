/**
 * Times by the servers' clocks, for keys that end by themselves. They are the last resort. Normally the clock of the
 * store decides what is removed; these times only ensure that nothing stays for ever if nobody sweeps.
 */

const hourMs = 3_600_000;

/** How long the keys of an ephemeral dictionary outlive its end. */
const afterEndMs = hourMs;

/** After this time any node may remove what a creation that did not end has left. */
export const pendingMs = hourMs;

/** How long a chunk of a large value lives before it is linked. */
export const unlinkedChunkMs = hourMs;

/** The longest time that the router may try for. */
export const deadlineMaxMs = 60_000;

/**
 * How long answers under the keys of nodes are remembered: twice as long as any attempt of the call can come after the first, so
 * that none finds the answer forgotten and does it again.
 */
export const nodeAnswersKeptMs = 2 * deadlineMaxMs;

/** How long the keys of a dictionary that ends then live. */
export function keyLifeMs(endsAtMs: number | undefined, nowMs: number): number {
  return Math.max(0, Math.ceil((endsAtMs ?? nowMs) - nowMs)) + afterEndMs;
}
