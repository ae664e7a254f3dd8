/** Stands for the engines that a client can run in its own process: the dashboard only ever talks to a server. */
export function openMemoryEngine(): never {
  throw new Error("the dashboard has no engine of its own");
}
