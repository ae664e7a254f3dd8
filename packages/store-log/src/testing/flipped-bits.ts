import type { EverdictError } from "@everdict/protocol";
import type { Store } from "@everdict/store";
import type { SeededRandom } from "@everdict/testkit";
import type { SimulatedDisk } from "./simulated-disk.ts";

export interface FlipBits {
  readonly random: SeededRandom;
  /** Of a store that was closed in order. */
  readonly disk: SimulatedDisk;
  open(): Promise<Store>;
  /** Reads everything. @throws if anything is found that must not be */
  read(store: Store): Promise<void>;
}

/**
 * Flips a bit of what a closed store left on disk, or of what an open one has under it. Whatever the bit was, the
 * store must either notice (`data_loss`) or be right: it may not answer with what nobody wrote, and not forget.
 */
export async function flipBits({ random, disk, open, read }: FlipBits): Promise<void> {
  const isOpen = random.chance(0.3);
  if (!isOpen) disk.flipBit();
  let store: Store | undefined;
  try {
    store = await open();
    if (isOpen) disk.flipBit();
    await read(store);
  } catch (error) {
    if ((error as EverdictError).code !== "data_loss") throw error;
  } finally {
    await store?.close();
  }
}
