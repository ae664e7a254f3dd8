import type { Engine } from "@everdict/embedded";
import type { Logger } from "pino";

type StoreHealth = ReturnType<Engine["health"]>;

/**
 * Logs what is wrong with the disk of a store, once when it begins and once when it is over. Of reads that the disk
 * refuses it logs the first.
 *
 * @returns a function to call at every change
 */
export function logStoreHealth(logger: Pick<Logger, "warn">): (health: StoreHealth) => void {
  let last: StoreHealth = { isFull: false, isOutOfDescriptors: false, readErrors: 0 };
  return (health) => {
    if (health.isFull !== last.isFull) logger.warn(health, health.isFull ? full : roomAgain);
    if (health.isOutOfDescriptors !== last.isOutOfDescriptors) {
      logger.warn(health, health.isOutOfDescriptors ? noDescriptors : descriptorsAgain);
    }
    if (health.readErrors > 0 && last.readErrors === 0) logger.warn(health, unreadable);
    last = health;
  };
}

const full = "the disk is full: what adds is refused with store_full, reads and removals go on";
const roomAgain = "the disk has room again: everything goes on";
const noDescriptors = "no file descriptor is left (ulimit -n): the store waits for one to open a file";
const descriptorsAgain = "there are file descriptors again: everything goes on";
const unreadable = "the disk refuses to read what was written: such calls fail with data_loss";
